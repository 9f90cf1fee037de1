"""What a host says of itself before it encrypts."""

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.transport.hellos import MOMENT, agreed, challenged, context, message

from hostprobe.transport import hello


def test_smb_3_1_1() -> None:
    """The cipher is that of the encryption context, wherever it stands among the others."""
    contexts = (context(1, b"\1\0\x20\0\1\0" + bytes(7)), context(2, b"\1\0\2\0"))
    told = hello.read([agreed(0x311, contexts=contexts)])
    assert (told.dialect, told.cipher, told.signing_required) == ("3.1.1", "AES-128-GCM", True)
    assert (told.time, told.write_bytes) == (MOMENT, 1 << 20)


def test_no_cipher() -> None:
    """A host of 3.1.1 without that context cannot encrypt."""
    assert hello.read([agreed(0x311, contexts=(context(1, b"\1\0\0\0"),))]).cipher is None


def test_smb_3_0() -> None:
    """Before 3.1.1 there is one cipher, and a flag says whether it can be had."""
    assert hello.read([agreed(0x302, can=0x40)]).cipher == "AES-128-CCM"
    assert hello.read([agreed(0x302)]).cipher is None


def test_smb_2_1() -> None:
    """SMB 2 has none, signing may be left to us, and a host may keep the time to itself."""
    told = hello.read([agreed(0x210, mode=1, can=0x40, now=0)])
    assert (told.dialect, told.cipher) == ("2.1", None)
    assert (told.signing_required, told.time) == (False, None)


def test_the_challenge() -> None:
    """It tells names and version; a host whose domain is itself is in none."""
    names = {1: "WS081", 2: "CORP", 3: "ws081.corp.example", 4: "corp.example", 7: "\0\0\0\0"}
    told = hello.read([challenged(names)])
    assert (told.name, told.domain, told.windows) == ("WS081", "CORP", "10.0.22631")
    assert (told.dns_name, told.dns_domain) == ("ws081.corp.example", "corp.example")
    assert told.has_challenged
    assert told.is_in_domain
    assert hello.read([challenged({1: "WS081", 2: "WS081"})]).is_in_domain is False


def test_what_is_not_told() -> None:
    """A version that was not sent, and a name that is none, are unknown."""
    told = hello.read([challenged({1: "\x1b[2J"}, version=None)])
    assert (told.name, told.windows, told.is_in_domain) == (None, None, None)


@given(st.lists(st.binary(max_size=200).map(lambda body: message(len(body) % 2, body))))
def test_garbage_says_nothing(frames: list[bytes]) -> None:
    """Whatever a host sends, reading it raises nothing."""
    hello.read(frames)
    hello.read([frame + b"NTLMSSP\0\2\0\0\0" + frame for frame in frames])
