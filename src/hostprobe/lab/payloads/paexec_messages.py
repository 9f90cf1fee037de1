"""The messages on PAExec's main pipe: what it is told to run, and what it answers.

Source: PAExec 1.29, stdafx.h (RemMsg, Settings::Serialize), Remote.cpp (SetFromReceivedData,
GetDataToSend, HandleMsg) and ServiceImpl.cpp (PipeClientThreadProc).
"""

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

FIRST_READ_BYTES: Final = 16_384
"""BUFF_SIZE_HINT of ServiceImpl.cpp: what is beyond it is taken as it is, still scrambled."""

NORMAL_PRIORITY: Final = 0x20
"""NORMAL_PRIORITY_CLASS of SetPriorityClass."""

_FILE_TIME_AND_VERSION_BYTES: Final = 16

_KIND = struct.Struct("<H")  # m_msgID
_HEAD = struct.Struct("<HII")  # m_msgID, m_uniqueProcessID, length of the payload
_KEY = struct.Struct("<I")  # of settings, in front of all that is scrambled with it
_NUMBER = struct.Struct("<I")  # DWORD; a CString is one with its length, then UTF-16


class Kind(IntEnum):
    """m_msgID, stdafx.h."""

    NONE = 0
    SETTINGS = 1
    OK = 4
    START_APP = 5
    FAILED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What of a program's settings changes how it runs.

    Attributes:
        waits: Its exit code is the answer; else its PID is, at once.
        is_interactive: It runs on the desktop, and nothing is redirected.
        user: As whom; empty for the caller.
        folder: Empty for PAExec's own.
        processors: Numbers of those it may use, counted from 1; empty for all.
        session_id: Of the desktop that it shows its windows on.
        priority: Its priority class.
        sees_wow64: It gets the 32-bit view of the system folder, as PAExec itself does.
        timeout_s: After this it is ended; 0 for never.
    """

    processors: tuple[int, ...] = ()
    waits: bool = True
    session_id: int = 0
    is_interactive: bool = False
    is_elevated: bool = False
    is_limited: bool = False
    password: str = field(default="", repr=False)
    user: str = ""
    is_system: bool = False
    folder: str = ""
    priority: int = NORMAL_PRIORITY
    program: str = ""
    arguments: str = ""
    sees_wow64: bool = True
    timeout_s: int = 0


class Start(NamedTuple):
    """An order to start what an earlier message has set.

    Attributes:
        caller: The client's name, and `pid` its process: both are in the names of the pipes.
    """

    unique_id: int
    pid: int
    caller: str


def kind_of(message: bytes) -> int:
    """Which message it is.

    Raises:
        ValueError: It is too short to say.
    """
    if len(message) < _KIND.size:
        msg = f"a message of {len(message)} bytes"
        raise ValueError(msg)
    return int(_KIND.unpack_from(message)[0])


def answer(kind: Kind, payload: bytes = b"") -> bytes:
    """A message to the client; the unique id in it is the service's own, which nobody reads."""
    return _HEAD.pack(kind, 0, len(payload)) + payload


def answer_number(value: int) -> bytes:
    """MSGID_OK with a program's exit code or PID."""
    return answer(Kind.OK, _NUMBER.pack(value & 0xFFFFFFFF))


def answer_failed(text: str) -> bytes:
    """MSGID_FAILED with the last line of PAExec's log."""
    packed = text.encode("utf-16-le", "replace")
    return answer(Kind.FAILED, _NUMBER.pack(len(packed) // 2) + packed)


def unscrambled(data: bytes) -> bytes:
    """The plain text behind a key: the loop over `pDW` in RemMsg::SetFromReceivedData.

    Each step XORs the four bytes at its place with the key, which then grows by three. XOR knows
    no order, so the pad of all steps is made at once: byte b of each key, shifted by b places.

    Raises:
        ValueError: There is no key.
    """
    if len(data) < _KEY.size:
        msg = f"{len(data)} bytes hold no key"
        raise ValueError(msg)
    (key,) = _KEY.unpack_from(data)
    scrambled = data[_KEY.size :]
    steps = max(len(scrambled) - 3, 0)
    keys = struct.pack(f"<{steps}Q", *range(key, key + 3 * steps, 3))  # of which the low 32 bits
    plain = int.from_bytes(scrambled, "little")
    for byte in range(4):
        plain ^= int.from_bytes(keys[byte::8], "little") << (8 * byte)
    return plain.to_bytes(len(scrambled), "little")


def read_settings(message: bytes) -> tuple[int, Settings]:
    """The sender's unique id, and what MSGID_SETTINGS says.

    Raises:
        ValueError: The message ends too early.
    """
    first, rest = message[_KIND.size : FIRST_READ_BYTES], message[FIRST_READ_BYTES:]
    fields = _Fields(unscrambled(first) + rest)
    unique_id, _length = fields.number(), fields.number()  # pypsexec leaves the length at 0
    return unique_id, _settings(fields)


def read_start(message: bytes) -> Start:
    """What MSGID_START_APP says.

    Raises:
        ValueError: The message ends too early.
    """
    fields = _Fields(message[_KIND.size :])
    unique_id, _length = fields.number(), fields.number()
    return Start(unique_id, fields.number(), fields.text())


class _Fields:
    """Reads one field after the other: the `>>` of RemMsg."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) != size:
            msg = f"a field of {size} bytes at {self._at} of {len(self._data)}"
            raise ValueError(msg)
        self._at += size
        return found

    def number(self) -> int:
        (value,) = _NUMBER.unpack(self.take(_NUMBER.size))
        return int(value)

    def flag(self) -> bool:
        return self.take(1) != b"\0"

    def text(self) -> str:
        return self.take(2 * self.number()).decode("utf-16-le", "replace")

    def files(self) -> None:
        """Skip FileInfo records: a name, its FILETIME and two halves of its version."""
        for _ in range(self.number()):
            self.text()
            self.take(_FILE_TIME_AND_VERSION_BYTES)


def _settings(fields: _Fields) -> Settings:
    """Settings::Serialize, in its order."""
    fields.number()  # CUR_SERIALIZE_VERSION
    processors = fields.take(4 * fields.number())  # allowedProcessors
    _copy, _force, _newer, does_not_wait, _no_profile = (fields.flag() for _ in range(5))
    session_id = fields.number()  # sessionToInteractWith
    is_interactive, is_elevated, is_limited = (fields.flag() for _ in range(3))
    password, user, is_system, folder = fields.text(), fields.text(), fields.flag(), fields.text()
    fields.flag()  # bShowUIOnWinLogon
    priority = fields.number()
    program, arguments, no_redirection = fields.text(), fields.text(), fields.flag()
    fields.flag()  # bODS
    fields.text()  # remoteLogPath
    fields.flag()  # bNoDelete
    fields.text()  # srcDir
    fields.text()  # destDir
    fields.files()
    fields.files()
    return Settings(
        processors=tuple(number for (number,) in _NUMBER.iter_unpack(processors)),
        waits=not does_not_wait,
        session_id=session_id,
        is_interactive=is_interactive,
        is_elevated=is_elevated,
        is_limited=is_limited,
        password=password,
        user=user,
        is_system=is_system,
        folder=folder,
        priority=priority,
        program=program,
        arguments=arguments,
        sees_wow64=not no_redirection,
        timeout_s=fields.number(),
    )
