"""NEGOTIATE: dialects, ciphers, signing, and what comes before and after it."""

import hashlib
import struct

import pytest
from tests.unit.lab.smb.bodies import control
from tests.unit.lab.smb.client import ADDRESS, Peer
from tests.unit.lab.smb.host import machine
from tests.unit.lab.smb.ready import ready

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.machine import Event, SmbPolicy
from hostprobe.lab.smb.headers import Command
from hostprobe.lab.smb.keys import Agreement, Cipher, Dialect, Signing

DIALECTS = [dialect for dialect in Dialect if dialect not in (Dialect.NONE, Dialect.WILDCARD)]
VALIDATE = 0x00140204


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("seals", [False, True])
def test_every_dialect_leads_to_a_protected_session(dialect: Dialect, *, seals: bool) -> None:
    """A client of each dialect logs in, and is answered signed, or encrypted where it encrypts."""
    peer = Peer(machine())
    peer.negotiate(dialect)
    assert not peer.log_in().status
    assert peer.keys is not None
    peer.seals = seals and peer.keys.can_seal
    answer = peer.connect("C$")
    assert peer.agreed.dialect == dialect
    assert answer.status == NtStatus.SUCCESS
    assert answer.was_sealed == (seals and dialect >= Dialect.SMB_3_0)
    if not answer.was_sealed:
        assert answer.raw[48:64] == peer.keys.signature(answer.raw)


@pytest.mark.parametrize(("ciphers", "chosen"), [((1, 2), 2), ((4, 3), 4), ((9,), 0), ((), 0)])
def test_the_host_chooses_its_own_best_cipher(ciphers: tuple[int, ...], chosen: int) -> None:
    """Of what a 3.1.1 client offers the host takes what it likes best, or none."""
    peer = Peer(machine())
    peer.negotiate(0x0311, ciphers=ciphers)
    assert peer.agreed.cipher == chosen


@pytest.mark.parametrize(("signing", "chosen"), [((0, 2), 2), ((0,), 0), ((), 1)])
def test_the_host_chooses_how_messages_are_signed(signing: tuple[int, ...], chosen: int) -> None:
    """The host takes what it likes best of the offer, and AES-CMAC where there is none."""
    peer = Peer(machine())
    peer.negotiate(0x0311, signing=signing)
    assert peer.agreed.signing == chosen
    assert not peer.log_in().status
    assert not peer.connect("C$").status


def test_an_old_host_speaks_an_old_dialect() -> None:
    """A host that has no 3.x takes the best that both have, and encrypts nothing."""
    peer = Peer(machine(smb=SmbPolicy(dialects=(0x0210, 0x0202), ciphers=(), signing=())))
    answer = peer.negotiate(0x0202, 0x0210, 0x0311)
    assert peer.agreed == Agreement(Dialect.SMB_2_1, Cipher.NONE, Signing.HMAC_SHA256)
    assert answer.body[8:24] == bytes(range(16))  # ServerGuid


def test_a_client_that_cannot_encrypt_agrees_on_no_cipher() -> None:
    """3.0 encrypts only where the client says that it can."""
    peer = Peer(machine())
    peer.negotiate(0x0300, capabilities=0)
    assert peer.agreed.cipher == Cipher.NONE


@pytest.mark.parametrize(
    ("dialects", "status"),
    [((), NtStatus.INVALID_PARAMETER), ((0x0999,), NtStatus.NOT_SUPPORTED)],
)
def test_no_common_dialect_is_refused(dialects: tuple[int, ...], status: NtStatus) -> None:
    """A client without a dialect, or with unknown ones alone, is refused."""
    assert Peer(machine()).negotiate(*dialects).status == status


@pytest.mark.parametrize("contexts", [b"", struct.pack("<HHI", 2, 4, 0) + b"\1\0\2\0"])
def test_3_1_1_needs_a_hash(contexts: bytes) -> None:
    """3.1.1 without SHA-512 for pre-authentication integrity is refused."""
    body = struct.pack("<HHHHI16sIHH", 36, 1, 1, 0, 0, bytes(16), 104, bool(contexts), 0)
    body += b"\x11\x03\0\0" + contexts
    assert Peer(machine()).ask(Command.NEGOTIATE, body).status == NtStatus.INVALID_PARAMETER


def test_unknown_contexts_are_passed_over() -> None:
    """A context that the host does not know, such as the server's name, changes nothing."""
    name = struct.pack("<HHI", 5, 4, 0) + b"h\0i\0" + bytes(4)
    integrity = struct.pack("<HHI", 1, 6, 0) + struct.pack("<HHH", 1, 0, 1)
    body = struct.pack("<HHHHI16sIHH", 36, 1, 1, 0, 0, bytes(16), 104, 2, 0)
    answer = Peer(machine()).ask(Command.NEGOTIATE, body + b"\x11\x03\0\0" + name + integrity)
    assert answer.status == NtStatus.SUCCESS


@pytest.mark.parametrize(("offset", "count"), [(104, 65535), (60000, 1), (100, 3)])
def test_contexts_outside_of_the_message_are_refused(offset: int, count: int) -> None:
    """Neither a flood of contexts nor one beyond the end does harm."""
    body = struct.pack("<HHHHI16sIHH", 36, 1, 1, 0, 0, bytes(16), offset, count, 0)
    answer = Peer(machine()).ask(Command.NEGOTIATE, body + b"\x11\x03\0\0")
    assert answer.status == NtStatus.INVALID_PARAMETER


@pytest.mark.parametrize(
    ("names", "dialect"),
    [(("NT LM 0.12", "SMB 2.002"), 0x0202), (("NT LM 0.12", "SMB 2.002", "SMB 2.???"), 0x02FF)],
)
def test_an_smb_1_negotiation_leads_to_smb_2(names: tuple[str, ...], dialect: int) -> None:
    """A client that begins with SMB 1 is answered in SMB 2, and goes on with that."""
    peer = Peer(machine())
    listed = b"".join(b"\2" + name.encode() + b"\0" for name in names)
    (answer,) = peer.feed(b"\xffSMB\x72" + bytes(28) + listed)
    assert answer.status == NtStatus.SUCCESS
    assert struct.unpack_from("<H", answer.body, 4) == (dialect,)
    if dialect == 0x02FF:
        assert not peer.negotiate(0x0311).status
    assert not peer.log_in().status


@pytest.mark.parametrize("frame", [b"\xffSMB\x72" + bytes(28) + b"\2NT LM 0.12\0", b"\xffSMB\x73"])
def test_smb_1_alone_ends_the_connection(frame: bytes) -> None:
    """A client that speaks nothing but SMB 1 is dropped, and the host tells why."""
    events: list[Event] = []
    peer = Peer(machine(events))
    assert peer.feed(frame) == []
    assert peer.wire.is_aborted
    assert "SMB 1" in next(event.detail for event in events if event.what == "dropped")


def test_a_second_negotiation_ends_the_connection() -> None:
    """What was agreed on stays."""
    peer = Peer(machine())
    peer.negotiate(0x0311)
    assert peer.feed(peer.pack(Command.NEGOTIATE, struct.pack("<H34s", 36, b""))) == []
    assert peer.wire.is_aborted


def test_nothing_comes_before_the_negotiation() -> None:
    """A request before NEGOTIATE ends the connection."""
    peer = Peer(machine())
    assert peer.feed(peer.pack(Command.ECHO, struct.pack("<HH", 4, 0))) == []
    assert peer.wire.is_aborted


def _validation(*dialects: int, capabilities: int = 0x44, guid: bytes = b"c" * 16) -> bytes:
    listed = struct.pack(f"<{len(dialects)}H", *dialects)
    return struct.pack("<I16sHH", capabilities, guid, 1, len(dialects)) + listed


def _peer_of_3_0() -> Peer:
    peer = Peer(machine())
    peer.negotiate(0x0210, 0x0300)
    peer.log_in()
    peer.connect("IPC$")
    return peer


def test_3_0_confirms_what_was_negotiated() -> None:
    """The host repeats its side of the negotiation where the client's side was not changed."""
    peer = _peer_of_3_0()
    answer = peer.ask(Command.IOCTL, control(VALIDATE, content=_validation(0x0210, 0x0300)))
    assert answer.status == NtStatus.SUCCESS
    assert answer.body[48:] == struct.pack("<I16sHH", 0x44, bytes(range(16)), 3, 0x0300)


@pytest.mark.parametrize(
    "content",
    [_validation(0x0210), _validation(0x0210, 0x0300, guid=bytes(16)), _validation(0x300, 0x311)],
)
def test_a_changed_negotiation_ends_the_connection(content: bytes) -> None:
    """Where client and host did not see the same offer, someone stands between them."""
    peer = _peer_of_3_0()
    assert (
        peer.feed(peer.protect(peer.pack(Command.IOCTL, control(VALIDATE, content=content)))) == []
    )
    assert peer.wire.is_aborted


def test_3_1_1_has_no_need_to_confirm() -> None:
    """3.1.1 takes the negotiation into its keys, and asking for more ends the connection."""
    peer = ready(machine(), "IPC$")
    body = control(VALIDATE, content=_validation(0x0311))
    assert peer.feed(peer.protect(peer.pack(Command.IOCTL, body))) == []
    assert peer.wire.is_aborted


def test_the_preauthentication_hash_covers_the_negotiation() -> None:
    """The keys of 3.1.1 depend on every byte of the negotiation: another salt, another key."""
    peer = Peer(machine())
    peer.negotiate(0x0311)
    peer.preauth_hash = hashlib.sha512(peer.preauth_hash).digest()
    assert not peer.log_in().status
    assert peer.keys is not None
    answer = peer.connect("C$")
    assert answer.status == NtStatus.ACCESS_DENIED


def test_a_connection_shows_in_netstat_while_it_lasts() -> None:
    """The System process has an established socket for each client, and it goes with that."""
    host = machine()
    peer = Peer(host)
    (row,) = host.sockets
    assert (row.local, row.remote, row.state, row.pid) == (
        (host.address, 445),
        ADDRESS,
        "ESTABLISHED",
        4,
    )
    peer.wire.abort()
    assert list(host.sockets) == []
