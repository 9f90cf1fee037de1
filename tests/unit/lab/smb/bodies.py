"""The bodies of requests, packed by hand: [MS-SMB2] 2.2.13 to 2.2.39."""

import struct

LAST = b"\xff" * 16  # the file of the request before, in a related one
NEW_FILE = {"disposition": 2, "access": 0x10000000}


def create(name: str, **how: int) -> bytes:
    """The body of CREATE: an existing file for reading and writing, shared with all."""
    path = name.encode("utf-16-le")
    fixed = struct.pack(
        *("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, how.get("access", 0xC0010000), 0),
        *(how.get("sharing", 7), how.get("disposition", 1), how.get("options", 0)),
        *(120, len(path), 0, 0),
    )
    return fixed + path


def read(file_id: bytes, size: int = 4096, offset: int = 0, minimum: int = 0) -> bytes:
    """The body of READ."""
    return struct.pack("<HBBIQ16sIIIHH", 49, 0, 0, size, offset, file_id, minimum, 0, 0, 0, 0)


def write(file_id: bytes, content: bytes, offset: int = 0) -> bytes:
    """The body of WRITE."""
    fixed = ("<HHIQ16sIIHHI", 49, 112, len(content), offset, file_id, 0, 0, 0, 0, 0)
    return struct.pack(*fixed) + content


def control(code: int, file_id: bytes = LAST, content: bytes = b"", **how: int) -> bytes:
    """The body of IOCTL."""
    fixed = ("<HHI16sIIIIIIII", 57, 0, code, file_id, 120, len(content), 0, 0, 0)
    return struct.pack(*fixed, how.get("room", 4096), how.get("flags", 1), 0) + content


def listing(file_id: bytes, pattern: str = "*", **how: int) -> bytes:
    """The body of QUERY_DIRECTORY."""
    text = pattern.encode("utf-16-le")
    fixed = ("<HBBI16sHHI", 33, how.get("level", 12), how.get("flags", 0), 0, file_id, 96)
    return struct.pack(*fixed, len(text), how.get("room", 65536)) + text


def query(file_id: bytes, level: int, kind: int = 1, room: int = 4096) -> bytes:
    """The body of QUERY_INFO."""
    return struct.pack("<HBBIHHIII16s", 41, kind, level, room, 0, 0, 0, 0, 0, file_id)


def change(file_id: bytes, level: int, content: bytes, kind: int = 1) -> bytes:
    """The body of SET_INFO."""
    fixed = ("<HBBIHHI16s", 33, kind, level, len(content), 96, 0, 0, file_id)
    return struct.pack(*fixed) + content
