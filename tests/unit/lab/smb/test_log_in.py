"""SESSION_SETUP and LOGOFF."""

import struct

import pytest
from tests.unit.lab.smb.bodies import create, read
from tests.unit.lab.smb.client import Peer
from tests.unit.lab.smb.host import Bell, machine
from tests.unit.lab.smb.ready import ready

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.machine import Event, SmbPolicy
from hostprobe.lab.smb.clients import Clients
from hostprobe.lab.smb.headers import Command, Flag

OFF = struct.pack("<HH", 4, 0)


def _peer(events: list[Event] | None = None, **sides: object) -> Peer:
    peer = Peer(machine(events, **sides))
    peer.negotiate(0x0311)
    return peer


def test_a_log_in_is_told() -> None:
    """The log says who came, from where, with which dialect and cipher."""
    events: list[Event] = []
    assert not _peer(events).log_in().status
    assert [event.what for event in events] == ["connected", "log-in"]
    assert events[1].detail == "Administrator from 127.0.0.1:53412, SMB 3.1.1, AES-128-GCM"


@pytest.mark.parametrize(
    ("user", "password", "status"),
    [
        ("Administrator", "wrong", NtStatus.LOGON_FAILURE),
        ("nobody", "", NtStatus.LOGON_FAILURE),
        ("locked", "Pa$$w0rd", NtStatus.ACCOUNT_LOCKED_OUT),
    ],
)
def test_a_refused_log_in_is_told(user: str, password: str, status: NtStatus) -> None:
    """Who may not log in gets the status, the log tells it, and the session is gone."""
    events: list[Event] = []
    peer = _peer(events)
    answer = peer.log_in(user, password)
    assert answer.status == status
    assert events[-1].what == "log-in refused"
    assert events[-1].detail == f"{user} from 127.0.0.1:53412: {status.name}"
    answer = peer.ask(Command.LOGOFF, OFF)
    assert answer.status == NtStatus.USER_SESSION_DELETED


def test_an_anonymous_client_reaches_only_pipes() -> None:
    """Who gives no name has a null session: IPC$ and nothing else, unsigned."""
    peer = _peer()
    answer = peer.log_in("")
    assert struct.unpack_from("<H", answer.body, 2) == (2,)
    assert peer.connect("IPC$").status == NtStatus.SUCCESS
    assert peer.connect("Public").status == NtStatus.ACCESS_DENIED


@pytest.mark.parametrize("token", [b"", b"\x60\x82", b"NTLMSSP\0\3\0\0\0", b"garbage" * 9])
def test_a_broken_token_is_refused(token: bytes) -> None:
    """A token that is none ends the log-in with INVALID_PARAMETER, and not the connection."""
    peer = _peer()
    _, answer = peer.set_up(token)
    assert answer.status == NtStatus.INVALID_PARAMETER
    assert not peer.wire.is_aborted
    assert not peer.log_in().status


def test_a_token_outside_of_the_message_is_refused() -> None:
    """The buffer's offset and length are held against the message."""
    for offset, size in ((88, 4000), (10, 8), (65535, 65535)):
        body = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, offset, size, 0)
        assert _peer().ask(Command.SESSION_SETUP, body).status == NtStatus.INVALID_PARAMETER


def test_a_session_that_is_not_there_cannot_go_on() -> None:
    """A SessionId that the host never gave is refused."""
    _, answer = _peer().set_up(b"NTLMSSP\0", session_id=77)
    assert answer.status == NtStatus.USER_SESSION_DELETED


def test_an_unsigned_request_is_refused_where_signing_is_required() -> None:
    """Without a signature, or with a wrong one, nothing is done."""
    peer = ready(machine())
    request = peer.pack(Command.CREATE, create("x", disposition=2))
    (answer,) = peer.feed(request)
    assert answer.status == NtStatus.ACCESS_DENIED
    request = peer.protect(peer.pack(Command.CREATE, create("x", disposition=2)))
    (answer,) = peer.feed(request[:-2] + b"y\0")
    assert answer.status == NtStatus.ACCESS_DENIED
    assert peer.ask(Command.CREATE, create("x")).status == NtStatus.OBJECT_NAME_NOT_FOUND


@pytest.mark.parametrize(("mode", "expected"), [(1, "SUCCESS"), (3, "ACCESS_DENIED")])
def test_a_client_may_ask_that_all_is_signed(mode: int, expected: str) -> None:
    """Where the host requires no signatures, unsigned requests do, unless the client forbids."""
    peer = Peer(machine(smb=SmbPolicy(requires_signing=False)))
    peer.negotiate(0x0210)
    peer.log_in(mode=mode)
    peer.keys = None
    assert peer.connect("C$").status == NtStatus[expected]


def test_a_clear_request_is_refused_where_encryption_is_required() -> None:
    """A host that requires encryption says so at the log-in, and does nothing in the clear."""
    peer = _peer(smb=SmbPolicy(requires_encryption=True))
    answer = peer.log_in()
    assert struct.unpack_from("<H", answer.body, 2) == (4,)
    assert peer.connect("C$").status == NtStatus.ACCESS_DENIED
    peer.seals = True
    assert peer.connect("C$").status == NtStatus.SUCCESS


def test_who_cannot_encrypt_is_not_let_in_where_encryption_is_required() -> None:
    """A client of 2.1 is refused by a host that requires encryption."""
    events: list[Event] = []
    peer = Peer(machine(events, smb=SmbPolicy(requires_encryption=True)))
    peer.negotiate(0x0210)
    assert peer.log_in().status == NtStatus.ACCESS_DENIED
    assert events[-1].what == "log-in refused"


def test_3_1_1_does_not_connect_unprotected() -> None:
    """TREE_CONNECT of 3.1.1 is signed or encrypted even where the host does not require it."""
    peer = _peer(smb=SmbPolicy(requires_signing=False))
    peer.log_in()
    peer.keys = None
    assert peer.connect("C$").status == NtStatus.ACCESS_DENIED


def test_a_request_of_another_session_ends_the_connection() -> None:
    """What is encrypted for one session cannot ask in another."""
    peer = ready(machine())
    peer.seals = True
    request = peer.pack(Command.LOGOFF, OFF, session_id=12345)
    assert peer.feed(peer.protect(request)) == []
    assert peer.wire.is_aborted


@pytest.mark.parametrize("frame", [b"\xfdSMB", b"\xfdSMB" + bytes(48), b"\xfdSMB" + bytes(100)])
def test_a_frame_that_does_not_decrypt_ends_the_connection(frame: bytes) -> None:
    """Neither a broken transform header nor an unknown session is answered."""
    peer = ready(machine())
    assert peer.feed(frame) == []
    assert peer.wire.is_aborted


def test_a_wrong_key_ends_the_connection() -> None:
    """A frame that was encrypted with another key is not answered."""
    peer = ready(machine())
    assert peer.keys is not None
    frame = bytearray(peer.keys.seal(peer.pack(Command.LOGOFF, OFF), peer.session_id))
    frame[-1] ^= 1
    assert peer.feed(bytes(frame)) == []
    assert peer.wire.is_aborted


def test_logging_off_ends_the_session() -> None:
    """The answer to LOGOFF is still signed; what was open is closed, and what waited is told."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$")
    file_id = peer.open("bell")
    pending = peer.ask(Command.READ, read(file_id))
    assert pending.status == NtStatus.PENDING
    request = peer.pack(Command.LOGOFF, OFF)
    off, late = peer.feed(peer.protect(request))
    assert peer.keys is not None
    assert off.raw[48:64] == peer.keys.signature(off.raw)
    assert (late.status, late.async_id) == (NtStatus.USER_SESSION_DELETED, pending.async_id)
    assert bell.pipes[0].is_closed
    assert peer.ask(Command.LOGOFF, OFF).status == NtStatus.USER_SESSION_DELETED


def test_logging_off_leaves_other_sessions_alone() -> None:
    """What waits in another session of the connection goes on waiting, and is answered once."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$")
    keys, session_id, tree_id = peer.keys, peer.session_id, peer.tree_id
    pending = peer.ask(Command.READ, read(peer.open("bell")))
    peer.keys = None
    peer.log_in()
    assert not peer.ask(Command.LOGOFF, OFF).status
    peer.keys, peer.session_id, peer.tree_id = keys, session_id, tree_id
    done = bell.pipes[0]._waiters[0][1]
    for _ in range(2):
        done(NtStatus.SUCCESS, b"x")
    (late,) = peer.answers()
    assert (late.status, late.async_id) == (NtStatus.SUCCESS, pending.async_id)


def test_a_host_may_go_down_while_a_client_logs_off() -> None:
    """Closing a pipe may end what serves it, and every connection with it: nothing closes twice."""
    events: list[Event] = []
    host, bell, clients = machine(events), Bell(), Clients()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$", clients)
    for _ in range(2):
        peer.open("bell")
    for pipe in bell.pipes:
        pipe.on_close = lambda _pipe: clients.disconnect()
    assert peer.feed(peer.protect(peer.pack(Command.LOGOFF, OFF))) == []
    assert all(pipe.is_closed for pipe in bell.pipes)
    assert [event.what for event in events].count("disconnected") == 1


def test_a_client_may_log_in_again_in_its_session() -> None:
    """A second log-in keeps the session, its keys and its trees; a wrong signature is refused."""
    peer = ready(machine())
    session_id, tree_id, keys = peer.session_id, peer.tree_id, peer.keys
    token = b"NTLMSSP\0" + struct.pack("<II", 1, 0x20088207) + bytes(16)
    body = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(token), 0) + token
    answer = peer.ask(Command.SESSION_SETUP, body)
    assert (answer.status, answer.session_id) == (NtStatus.MORE_PROCESSING_REQUIRED, session_id)
    assert answer.flags & Flag.SIGNED
    (answer,) = peer.feed(peer.pack(Command.SESSION_SETUP, body, flags=Flag.SIGNED))
    assert answer.status == NtStatus.ACCESS_DENIED
    peer.keys, peer.tree_id = keys, tree_id
    assert not peer.ask(Command.CREATE, create("Windows", access=0x80)).status


def test_a_client_that_comes_back_ends_its_old_session() -> None:
    """Its PreviousSessionId frees what its lost connection still has open; no one else's does."""
    clients, host = Clients(), machine()
    old, other, new = (Peer(host, clients) for _ in range(3))
    for peer in (old, other, new):
        peer.negotiate(0x0311)
    old.log_in()
    other.log_in("bob", previous=old.session_id)
    assert old.connect("C$").status == NtStatus.SUCCESS
    new.log_in(previous=old.session_id)
    assert old.connect("C$").status == NtStatus.USER_SESSION_DELETED
    assert new.connect("C$").status == NtStatus.SUCCESS


def test_a_client_has_at_most_sixteen_sessions() -> None:
    """More than that are refused, half-open ones included; the others go on."""
    peer = _peer()
    token = b"NTLMSSP\0" + struct.pack("<II", 1, 0x20088207) + bytes(16)
    states = [peer.set_up(token, session_id=0)[1].status for _ in range(17)]
    assert states[:16] == [NtStatus.MORE_PROCESSING_REQUIRED] * 16
    assert states[16] == NtStatus.INSUFF_SERVER_RESOURCES


def test_echo_needs_no_session() -> None:
    """ECHO is answered with and without a log-in."""
    peer = _peer()
    assert peer.ask(Command.ECHO, OFF).status == NtStatus.SUCCESS
    peer.log_in()
    assert peer.ask(Command.ECHO, OFF).status == NtStatus.SUCCESS
