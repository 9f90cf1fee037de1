"""The attributes in an NTLMv2 answer."""

import struct

import pytest

from hostprobe.lab.logon.messages import HAS_MIC, av_flags

HEAD = b"\1\1" + bytes(26)
FLAGS = struct.pack("<HHI", 6, 4, HAS_MIC)
NAME = struct.pack("<HH", 1, 2) + b"X\0"
END = bytes(4)


@pytest.mark.parametrize(
    ("pairs", "flags"),
    [
        (FLAGS + END, HAS_MIC),
        (NAME + FLAGS, HAS_MIC),
        (END + FLAGS, 0),
        (NAME, 0),
        (struct.pack("<HH", 1, 0xFFFF) + FLAGS, 0),
        (b"", 0),
    ],
)
def test_flags(pairs: bytes, flags: int) -> None:
    """The flags are found before the end of the list, wherever they stand."""
    assert av_flags(HEAD + pairs) == flags


@pytest.mark.parametrize("challenge", [b"", HEAD[:-1], b"\2\1" + HEAD[2:]])
def test_other_answers(challenge: bytes) -> None:
    """What is cut, or not of NTLMv2, is refused."""
    with pytest.raises(ValueError, match="NTLMv2"):
        av_flags(challenge)
