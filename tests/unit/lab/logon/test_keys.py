"""The keys of NTLM, against published vectors."""

import pytest

from hostprobe.lab.logon import keys
from hostprobe.lab.logon.keys import Side
from hostprobe.lab.logon.messages import Flag

# [MS-NLMP] 4.2.1 and 4.2.4
SESSION_KEY = bytes([0x55]) * 16
PLAINTEXT = "Plaintext".encode("utf-16-le")
FLAGS = Flag.KEY_128 | Flag.KEY_56 | Flag.KEY_EXCHANGE


@pytest.mark.parametrize(
    ("key", "stream"),
    [
        ("0102030405", "b2396305f03dc027ccc3524a0a1118a86982944f18fc82d589c403a47a0d0919"),
        ("01020304050607", "293f02d47f37c9b633f2af5285feb46be620f1390d19bd84e2e0fd752031afc1"),
        (
            "0102030405060708090a0b0c0d0e0f10",
            "9ac7cc9a609d1ef7b2932899cde41b975248c4959014126a6e8a84f11d1a9e1c",
        ),
    ],
)
def test_rc4(key: str, stream: str) -> None:
    """The key streams of RFC 6229 come out."""
    assert keys.rc4(bytes.fromhex(key), bytes(32)).hex() == stream


def test_password_keys() -> None:
    """NTOWFv1 and NTOWFv2 are those of [MS-NLMP] 4.2.2.1.2 and 4.2.4.1.1."""
    assert keys.nt_hash("Password").hex() == "a4f49c406510bdcab6824ee7c30fd852"
    expected = "0c868a403bfd7a93a3001ef22ef02e3f"
    assert keys.response_key("Password", "User", "Domain").hex() == expected
    assert keys.response_key("Password", "user", "Domain").hex() == expected
    assert keys.response_key("Password", "User", "domain").hex() != expected


def test_session_keys() -> None:
    """The client's signing and sealing keys are those of [MS-NLMP] 4.2.4.4."""
    assert keys.sign_key(SESSION_KEY, Side.CLIENT).hex() == "4788dc861b4782f35d43fd98fe1a2d39"
    sealing = keys.seal_key(SESSION_KEY, Side.CLIENT, FLAGS)
    assert sealing.hex() == "59f600973cc4960a25480a7c196e4c58"


def test_signature() -> None:
    """A sealed message and its signature are those of [MS-NLMP] 4.2.4.4."""
    bare = keys.signature(SESSION_KEY, Side.CLIENT, Flag(0), PLAINTEXT)
    # There the message goes through the same key stream first, then the checksum.
    sealing = keys.seal_key(SESSION_KEY, Side.CLIENT, FLAGS)
    sealed = keys.rc4(sealing, PLAINTEXT + bare[4:12])
    assert sealed.hex() == "54e50165bf1936dc996020c1811b0f06fb5f" + "7fb38ec5c55d4976"
    assert bare[:4] + bare[12:] == bytes.fromhex("0100000000000000")


def test_exchanged_key_encrypts_the_checksum() -> None:
    """Where a key was exchanged, the checksum goes through the side's key stream."""
    bare = keys.signature(SESSION_KEY, Side.SERVER, Flag.KEY_128, PLAINTEXT)
    exchanged = keys.signature(SESSION_KEY, Side.SERVER, FLAGS, PLAINTEXT)
    sealing = keys.seal_key(SESSION_KEY, Side.SERVER, FLAGS)
    assert keys.rc4(sealing, exchanged[4:12]) == bare[4:12]


def test_strength_of_the_sealing_key() -> None:
    """The flags say how many bytes of the session key count: 16, 7 or 5."""
    longest = SESSION_KEY
    for flags, length in ((Flag.KEY_128, 16), (Flag.KEY_56, 7), (Flag(0), 5)):
        cut = longest[:length] + bytes(16 - length)
        same = keys.seal_key(cut, Side.CLIENT, flags) == keys.seal_key(longest, Side.CLIENT, flags)
        shorter = longest[: length - 1] + bytes(17 - length)
        assert same
        assert keys.seal_key(shorter, Side.CLIENT, flags) != keys.seal_key(cut, Side.CLIENT, flags)
