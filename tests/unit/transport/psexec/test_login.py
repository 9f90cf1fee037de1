"""Negotiation and log-in with peers that are hostile, or no SMB servers at all."""

import contextlib
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.transport.psexec.visits import ACCOUNT

from hostprobe.errors import HostError, NoEncryptionError
from hostprobe.inventory.targets import Target
from hostprobe.transport.psexec import Options, connector
from hostprobe.transport.psexec.login import _stated_name

Peer = Callable[[socket.socket], None]
SMB1 = b"\xffSMBr" + bytes(27) + b"\x11\0\0" + bytes(40)


@contextlib.contextmanager
def answered_by(peer: Peer) -> Iterator[Target]:
    """A port on loopback where `peer` speaks with whoever calls first."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            conversation, _ = server.accept()
            with conversation, contextlib.suppress(OSError):
                conversation.settimeout(20)
                peer(conversation)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Target("127.0.0.1", server.getsockname()[1])
        thread.join()


def failure(target: Target, *, allow_unencrypted: bool = False) -> HostError:
    """How a session with the target fails."""
    options = Options(
        credentials=ACCOUNT,
        connect_timeout_s=0.4,
        timeout_s=2.0,
        allow_unencrypted=allow_unencrypted,
    )
    with pytest.raises(HostError) as caught, connector(options)(target):
        pass
    return caught.value


def says(answer: bytes) -> Peer:
    """A peer that answers the first message with this, and closes when we do."""

    def peer(conversation: socket.socket) -> None:
        conversation.recv(4096)
        conversation.sendall(answer)
        while conversation.recv(4096):
            pass

    return peer


def silent(conversation: socket.socket) -> None:
    """A peer that takes everything and says nothing."""
    while conversation.recv(4096):
        pass


def closing(_conversation: socket.socket) -> None:
    """A peer that closes at once."""


def endless(conversation: socket.socket) -> None:
    """A peer that sends small frames without end."""
    while True:
        conversation.sendall(b"\0\0\0\4spam" * 100)


def endless_nothing(conversation: socket.socket) -> None:
    """A peer that sends empty frames without end."""
    while True:
        conversation.sendall(bytes(400))


@pytest.mark.parametrize(
    ("peer", "kinds"),
    [
        (says(b"\xff\xff\xff\xf0"), {"not_smb"}),
        (says(b"\x00\xff\xff\xff"), {"not_smb"}),
        (says(b"\0\0\0\x20" + bytes(range(32))), {"not_smb"}),
        (says(b"\0\0\0\x50" + b"\xfeSMB" + b"\xff" * 76), {"not_smb", "protocol", "deadline"}),
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), {"not_smb"}),
        (says(len(SMB1).to_bytes(4, "big") + SMB1), {"not_smb"}),
        (says(b"\0\0\0\0"), {"not_smb", "deadline", "protocol"}),
        (says(b"\0\3\0\0" + b"\xfeSMB" + bytes(0x30000)), {"not_smb"}),  # quadratic if parsed
        (closing, {"not_smb", "connection_lost"}),
        (silent, {"deadline"}),
        (endless, {"not_smb"}),
        (endless_nothing, {"not_smb", "deadline", "protocol"}),
    ],
)
def test_a_hostile_peer_is_one_clear_error(
    peer: Peer, kinds: set[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """No peer can print a traceback, hold the program or fill the memory."""
    began = time.monotonic()
    tracemalloc.start()
    with answered_by(peer) as target:
        error = failure(target)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.kind in kinds
    assert str(error).startswith(f"{target}: ")
    assert error.step in {"negotiate", "connect"}
    assert peak < 8_000_000
    assert time.monotonic() - began < 5
    assert capfd.readouterr() == ("", "")


def framed(packet: bytes) -> bytes:
    """A packet with its length before it."""
    return len(packet).to_bytes(4, "big") + packet


def header(command: int, ticket: int, status: int = 0) -> bytes:
    """[MS-SMB2] 2.2.1.2."""
    return struct.pack(
        *("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 0, status, command, 8, 1, 0),
        *(ticket, 0, 0, 0x77, b""),
    )


def negotiated(dialect: int, capabilities: int = 0) -> bytes:
    """[MS-SMB2] 2.2.4, without a security buffer."""
    body = struct.pack(
        "<HHHH16sIIIIQQHHI",
        *(65, 1, dialect, 0, b"\7" * 16, capabilities),
        *(65536, 65536, 65536, 0, 0, 128, 0, 0),
    )
    return framed(header(0, 0) + body)


def refusing(dialect: int, capabilities: int, status: int) -> Peer:
    """A server that negotiates, and refuses the log-in."""

    def peer(conversation: socket.socket) -> None:
        conversation.recv(4096)
        conversation.sendall(negotiated(dialect, capabilities))
        conversation.recv(65536)
        error = header(1, 1, status) + struct.pack("<HBBIB", 9, 0, 0, 0, 0)
        conversation.sendall(framed(error))
        silent(conversation)

    return peer


def test_a_host_that_cannot_encrypt_is_sent_nothing_of_the_account() -> None:
    """SMB 2.1 cannot encrypt: we leave before the log-in, and name the option that goes on."""
    heard: list[bytes] = []

    def peer(conversation: socket.socket) -> None:
        conversation.recv(4096)
        conversation.sendall(negotiated(0x210))
        heard.append(conversation.recv(4096))

    with answered_by(peer) as target:
        error = failure(target)
    assert isinstance(error, NoEncryptionError)
    assert "--allow-unencrypted" in str(error)
    assert "SMB 2.1" in str(error)
    assert heard == [b""]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (0xC000006D, "bad_credentials"),
        (0xC0000234, "account_locked"),
        (0xC0000072, "account_disabled"),
        (0xC0000224, "password_expired"),
        (0xC000015B, "logon_denied"),
        (0xC000005E, "domain_problem"),
        (0xC00000D0, "busy"),
        (0xC0DEC0DE, "protocol"),
    ],
)
def test_a_refused_log_in_says_why(status: int, kind: str) -> None:
    """The server's status is the kind, the step is the log-in, and no secret is in the message."""
    with answered_by(refusing(0x300, 0x40, status)) as target:
        error = failure(target)
    assert (error.kind, error.step) == (kind, "log in")
    assert str(ACCOUNT.proof) not in str(error)


def test_a_host_that_cannot_encrypt_is_asked_where_that_is_allowed() -> None:
    """With the option, the log-in goes on."""
    with answered_by(refusing(0x210, 0, 0xC000006D)) as target:
        error = failure(target, allow_unencrypted=True)
    assert error.kind == "bad_credentials"


def challenge(*pairs: tuple[int, bytes]) -> bytes:
    """[MS-NLMP] 2.2.1.2 with a target information field."""
    info = b"".join(struct.pack("<HH", kind, len(text)) + text for kind, text in pairs)
    head = b"NTLMSSP\0\2\0\0\0" + bytes(28) + struct.pack("<HHI", len(info), len(info), 48)
    return head + info


def test_the_dns_name_is_preferred() -> None:
    """A host states several names; the DNS name of the computer says most."""
    pairs = [(2, "CORP"), (1, "PC7"), (3, "pc7.corp.example"), (0, "")]
    encoded = [(kind, text.encode("utf-16-le")) for kind, text in pairs]
    assert _stated_name(challenge(*encoded)) == "pc7.corp.example"
    assert _stated_name(challenge(*encoded[:2])) == "PC7"
    assert _stated_name(challenge(encoded[0])) is None
    assert _stated_name(challenge(encoded[3], encoded[1])) is None


@given(text=st.text(max_size=300))
def test_a_stated_name_is_a_name(text: str) -> None:
    """Escape sequences, blanks and lengths that no name has are no name."""
    name = _stated_name(challenge((3, text.encode("utf-16-le", "replace"))))
    if name is not None:
        assert name == text
        assert name.isascii()
        assert name.isprintable()
        assert 0 < len(name) <= 255
        assert " " not in name


@given(garbage=st.binary(max_size=200))
def test_any_challenge_is_a_name_or_none(garbage: bytes) -> None:
    """Garbage raises nothing."""
    for message in (garbage, b"NTLMSSP\0\2\0\0\0" + garbage, challenge((1, garbage))[:-1]):
        name = _stated_name(message)
        assert name is None or name.isprintable()
