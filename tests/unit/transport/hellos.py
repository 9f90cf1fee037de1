"""Messages of a host from before it encrypts."""

import struct
from datetime import UTC, datetime

NEGOTIATE, SESSION_SETUP = 0, 1
MOMENT = datetime(2026, 1, 31, 10, tzinfo=UTC)


def filetime(moment: datetime) -> int:
    """A moment as Windows counts it."""
    return int((moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7


def message(command: int, body: bytes) -> bytes:
    """A message of the host, in clear."""
    return b"\xfeSMB" + struct.pack("<HHIH", 64, 0, 0, command) + bytes(50) + body


def agreed(
    dialect: int,
    *,
    mode: int = 3,
    can: int = 0,
    now: int = filetime(MOMENT),
    contexts: tuple[bytes, ...] = (),
) -> bytes:
    """An answer to NEGOTIATE."""
    at = 64 + 64
    head = struct.pack(
        "<HHHH16sIIIIQQHHI",
        65,
        mode,
        dialect,
        len(contexts),
        b"",
        can,
        0,
        0,
        1 << 20,
        now,
        0,
        at,
        0,
        at,
    )
    padded = b"".join(context + bytes(-len(context) % 8) for context in contexts)
    return message(NEGOTIATE, head + padded)


def context(kind: int, data: bytes) -> bytes:
    """A context of a negotiation."""
    return struct.pack("<HHI", kind, len(data), 0) + data


def challenged(
    names: dict[int, str], version: bytes | None = b"\x0a\x00\x67\x58\0\0\0\x0f"
) -> bytes:
    """An answer to SESSION_SETUP with an NTLM challenge."""
    pairs = b"".join(
        struct.pack("<HH", kind, 2 * len(name)) + name.encode("utf-16-le")
        for kind, name in names.items()
    )
    flags = 0x02000000 if version else 0
    head = struct.pack("<8sIHHII8s8xHHI", b"NTLMSSP\0", 2, 0, 0, 0, flags, b"", len(pairs), 0, 56)
    return message(SESSION_SETUP, b"spnego" + head + (version or bytes(8)) + pairs)
