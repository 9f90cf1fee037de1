"""The few values of DER that SPNEGO needs.

Source: X.690 8.1 (tag, length, value) and 10.1 (definite lengths); RFC 4178.
"""

from enum import IntEnum

_MAX_LENGTH_BYTES = 4
_MAX_FIELDS = 16


class Tag(IntEnum):
    """Tags of one byte; [0] to [3] are CONTEXT plus the number."""

    OCTET_STRING = 0x04
    ENUMERATED = 0x0A
    GENERAL_STRING = 0x1B
    SEQUENCE = 0x30
    APPLICATION = 0x60
    CONTEXT = 0xA0


def value(tag: int, content: bytes) -> bytes:
    """`content` behind its tag and length."""
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def read(encoded: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of the first value, and what follows it.

    Raises:
        ValueError: It is cut, or its length is not definite.
    """
    if len(encoded) < 2:
        msg = "a cut DER value"
        raise ValueError(msg)
    length, start = encoded[1], 2
    if length & 0x80:
        start += length & 0x7F
        if not 2 < start <= 2 + _MAX_LENGTH_BYTES:
            msg = "a DER length that is not definite, or of more than four bytes"
            raise ValueError(msg)
        length = int.from_bytes(encoded[2:start], "big")
    if start + length > len(encoded):
        msg = "a cut DER value"
        raise ValueError(msg)
    return encoded[0], encoded[start : start + length], encoded[start + length :]


def content(encoded: bytes, tag: int) -> bytes:
    """What is in the first value, which must have this tag.

    Raises:
        ValueError: It is cut, or has another tag.
    """
    found, inner, _ = read(encoded)
    if found != tag:
        msg = f"DER tag 0x{found:02X} where 0x{tag:02X} belongs"
        raise ValueError(msg)
    return inner


def fields(sequence: bytes) -> dict[int, bytes]:
    """The contents of the values in a sequence, by tag.

    Raises:
        ValueError: One is cut, or they are more than SPNEGO has.
    """
    found: dict[int, bytes] = {}
    for _ in range(_MAX_FIELDS):
        if not sequence:
            return found
        tag, inner, sequence = read(sequence)
        found[tag] = inner
    msg = "a sequence of too many values"
    raise ValueError(msg)
