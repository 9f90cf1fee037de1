"""PAExec: the program that is uploaded, and what is said to it over its main pipe.

pypsexec ships paexec.exe and knows its messages; both are taken from there.

Source: PAExec 1.29, Remote.cpp and ServiceImpl.cpp, as pypsexec.paexec has them.
"""

import functools
import hashlib
import pkgutil
import secrets
import struct
from typing import Final

from pypsexec.exceptions import PAExecException
from pypsexec.paexec import (
    PAExecMsgId,
    PAExecSettingsBuffer,
    PAExecSettingsMsg,
    ProcessPriority,
    get_unique_id,
)

from hostprobe.errors import GuardError
from hostprobe.transport.program import Priority, Program, Rights
from hostprobe.transport.psexec.names import Names

SHA256: Final = "ab50d8d707b97712178a92bbac74ccc2a5699eb41c17aa77f713ff3e568dcedb"
"""Of paexec.exe 1.29, signed by Power Admin LLC: nothing else is ever uploaded."""

ANSWER_BYTES: Final = 4096
KILLED_BY_TIMEOUT: Final = 2**32 - 10

_HEAD: Final = struct.Struct("<HII")  # what it is, of which run, how long the rest is
_MESSAGE_BYTES: Final = 16_000  # PAExec unscrambles only what its first read of 16,384 brings
_PRIORITIES: Final = {
    Priority.IDLE: ProcessPriority.IDLE_PRIORITY_CLASS,
    Priority.BELOW_NORMAL: ProcessPriority.BELOW_NORMAL_PRIORITY_CLASS,
    Priority.NORMAL: ProcessPriority.NORMAL_PRIORITY_CLASS,
    Priority.ABOVE_NORMAL: ProcessPriority.ABOVE_NORMAL_PRIORITY_CLASS,
    Priority.HIGH: ProcessPriority.HIGH_PRIORITY_CLASS,
    Priority.REALTIME: ProcessPriority.REALTIME_PRIORITY_CLASS,
}


@functools.cache
def program() -> bytes:
    """paexec.exe.

    Raises:
        GuardError: It is not the one that hostprobe was made for.
    """
    data = pkgutil.get_data("pypsexec", "paexec.exe") or b""
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        msg = (
            f"the paexec.exe of the installed pypsexec is not the known one (SHA-256 {found},"
            f" expected {SHA256}); nothing was uploaded: reinstall pypsexec 0.3.0"
        )
        raise GuardError(msg)
    return data


def settings(names: Names, program: Program, timeout_s: int) -> bytes:
    """The message that tells PAExec what to run.

    Args:
        names: Of this run.
        program: Runs with the 64-bit view of the system folder, and with a loaded profile only
            where it does not run as the account that logged in.
        timeout_s: After this, PAExec itself ends the program, should we be gone by then.

    Raises:
        ValueError: The command is longer than PAExec can take.
    """
    content = _settings(program, timeout_s)
    about = struct.pack("<II", get_unique_id(names.pid, names.computer), len(content))
    key, pad = _pad(len(about) + len(content))
    scrambled = int.from_bytes(about + content) ^ int.from_bytes(pad)
    message = struct.pack("<HI", PAExecMsgId.MSGID_SETTINGS, key) + scrambled.to_bytes(len(pad))
    if len(message) > _MESSAGE_BYTES:
        text = (
            f"a command of {len(program.command.arguments)} characters is more than PAExec can take"
        )
        raise ValueError(text)
    return message


@functools.lru_cache(maxsize=8)
def _pad(length: int) -> tuple[int, bytes]:
    """A random key, and what PAExec's scrambling makes of so many zeros: it is a mere XOR."""
    # pypsexec overflows where the key and three for each byte pass 32 bits; half of them is safe.
    key = secrets.randbits(31)
    return key, PAExecSettingsMsg()._xor_data(key, bytes(length))  # noqa: SLF001 - nothing else scrambles


@functools.lru_cache(maxsize=8)  # all hosts of a sweep are told the same
def _settings(program: Program, timeout_s: int) -> bytes:
    buffer = PAExecSettingsBuffer()
    buffer["processors"] = [number.to_bytes(4, "little") for number in program.processors]
    buffer["asynchronous"] = program.detached
    buffer["dont_load_profile"] = program.user is None
    buffer["interactive"] = program.session is not None
    buffer["interactive_session"] = program.session or 0
    buffer["run_elevated"] = program.rights is Rights.ELEVATED
    buffer["run_limited"] = program.rights is Rights.LIMITED
    buffer["use_system_account"] = program.is_system
    buffer["disable_file_redirection"] = True
    buffer["priority"] = _PRIORITIES[program.priority]
    for name, text in (
        ("executable", program.command.executable),
        ("arguments", program.command.arguments),
        ("username", program.user),
        ("password", program.password),
        ("working_dir", program.folder),
        ("remote_log_path", None),
    ):
        buffer[name] = text.encode("utf-16-le") if text else None
    buffer["timeout_seconds"] = timeout_s
    packed: bytes = buffer.pack()
    return packed


def start(names: Names) -> bytes:
    """The message that makes PAExec open the three pipes and start the program."""
    computer = names.computer.encode("utf-16-le")
    content = struct.pack("<II", names.pid, len(computer) // 2) + computer
    unique_id = get_unique_id(names.pid, names.computer)
    return _HEAD.pack(PAExecMsgId.MSGID_START_APP, unique_id, len(content)) + content


def check_ready(answer: bytes) -> None:
    """See that PAExec took the settings.

    Raises:
        PAExecException: It did not.
    """
    _content(answer)


def exit_code(answer: bytes) -> int:
    """The program's exit code, unsigned.

    Raises:
        PAExecException: PAExec could not start it.
    """
    (code,) = struct.unpack("<I", _content(answer))
    return int(code)


def _content(answer: bytes) -> bytes:
    kind, _, length = _HEAD.unpack_from(answer)
    content = answer[_HEAD.size : _HEAD.size + length]
    if kind != PAExecMsgId.MSGID_OK:
        raise PAExecException(kind, content)
    return content
