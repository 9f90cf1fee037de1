"""What a client of PAExec sends, packed by hand from the layout of its source."""

import struct


def text(value: str) -> bytes:
    """A CString."""
    packed = value.encode("utf-16-le")
    return struct.pack("<I", len(packed) // 2) + packed


def file(name: str) -> bytes:
    """A FileInfo: name, FILETIME, two halves of the version."""
    return text(name) + bytes(16)


def scrambled(key: int, plain: bytes) -> bytes:
    """The loop of RemMsg::GetDataToSend, a word at a time; the key comes first."""
    data = bytearray(plain)
    pad = key
    for at in range(len(data) - 3):
        word = int.from_bytes(data[at : at + 4], "little") ^ pad
        data[at : at + 4] = word.to_bytes(4, "little")
        pad = (pad + 3) % 2**32
    return struct.pack("<I", key) + bytes(data)


def plain_settings(  # noqa: PLR0913 - as many as the message has
    program: str = "cmd.exe",
    arguments: str = "/c ver",
    *,
    unique_id: int = 7,
    user: str = "",
    password: str = "",
    folder: str = "",
    waits: bool = True,
    interactive: bool = False,
    elevated: bool = False,
    limited: bool = False,
    system: bool = False,
    session: int = 0,
    priority: int = 0x20,
    no_redirection: bool = True,
    timeout_s: int = 0,
    files: tuple[str, ...] = (),
) -> bytes:
    """MSGID_SETTINGS without its kind and its key."""
    return b"".join(
        (
            struct.pack("<II", unique_id, 0),
            struct.pack("<III", 1, 1, 3),  # version, one allowed processor
            bytes((0, 0, 0, not waits, 1)),
            struct.pack("<I", session),
            bytes((interactive, elevated, limited)),
            text(password) + text(user) + bytes((system,)) + text(folder),
            struct.pack("<?I", False, priority),  # noqa: FBT003 - bShowUIOnWinLogon, priority
            text(program) + text(arguments) + bytes((no_redirection, 0)),
            text("") + b"\0" + text("") + text(""),
            struct.pack("<I", len(files)) + b"".join(map(file, files)),
            struct.pack("<I", len(files)) + b"".join(map(file, files)),
            struct.pack("<I", timeout_s),
        )
    )


def settings(plain: bytes, key: int = 0xFFFFFF00) -> bytes:
    """MSGID_SETTINGS, scrambled."""
    return struct.pack("<H", 1) + scrambled(key, plain)


def start(unique_id: int = 7, pid: int = 42, computer: str = "CLIENT") -> bytes:
    """MSGID_START_APP."""
    body = struct.pack("<I", pid) + text(computer)
    return struct.pack("<HII", 5, unique_id, len(body)) + body
