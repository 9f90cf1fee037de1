"""How PAExec starts a program, and what it tells the client of it.

Source: PAExec 1.29, Process.cpp (GetUserHandle, StartProcess), Remote.cpp (HandleMsg) and
UtilityFuncs.cpp (Log, GetSystemErrorMessage).
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from hostprobe.lab.codes import CallError, NtStatus, Win32Error
from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.processes import SYSTEM
from hostprobe.lab.payloads.paexec_messages import Settings, answer_failed, answer_number
from hostprobe.lab.shell.launch import Running, Streams, Token, launch

_TIMED_OUT: Final = -10
_SYSTEM_FOLDER: Final = "C:\\Windows\\System32"
_SYSTEM_TEXTS: Final = {  # FormatMessage, without its line end
    Win32Error.FILE_NOT_FOUND: "The system cannot find the file specified.",
    Win32Error.ACCESS_DENIED: "Access is denied.",
    Win32Error.LOGON_FAILURE: "The user name or password is incorrect.",
    Win32Error.DIRECTORY: "The directory name is invalid.",
}
_PRIORITIES: Final = {0x40: 4, 0x4000: 6, 0x20: 8, 0x8000: 10, 0x80: 13, 0x100: 24}
"""The base priority of each priority class."""


@dataclass(frozen=True, slots=True)
class Order:
    """One program to run.

    Attributes:
        parent_pid: Of PAExec.
    """

    settings: Settings
    caller: Caller
    parent_pid: int


async def run(machine: Machine, order: Order, streams: Streams | None) -> bytes:
    """Start a program and wait for it where its settings say so; PAExec's answer."""
    settings = order.settings
    token = _token(machine, order)
    if token is None:
        return _failed(f"Error logging in as {settings.user}.", Win32Error.LOGON_FAILURE)
    line = f'"{settings.program}" {settings.arguments}'.rstrip(" ")
    machine.record("command", f"{token.user}: {line}")
    try:
        _check_folder(machine, settings.folder)
        running = launch(
            machine,
            settings.program,
            settings.arguments,
            token=token,
            streams=streams or Streams(stdin=None, write_out=_lost, write_error=_lost),
            parent_pid=order.parent_pid,
            folder=settings.folder or _SYSTEM_FOLDER,
            is_wow64=settings.sees_wow64,
        )
    except CallError as error:
        return _failed(f"Failed to start {line}.", error.code)
    process = running.process
    process.priority = _PRIORITIES.get(settings.priority, process.priority)
    if settings.is_interactive:
        process.session_id = settings.session_id
    if not settings.waits:
        return answer_number(process.pid)
    return answer_number(await _exit_code(machine, running, settings.timeout_s))


def _check_folder(machine: Machine, folder: str) -> None:
    """See that a working folder is there, as CreateProcess does.

    Raises:
        CallError: DIRECTORY: it is not.
    """
    node = machine.files.find(folder) if folder else None
    if folder and (node is None or not node.is_folder):
        raise CallError(Win32Error.DIRECTORY)


def _token(machine: Machine, order: Order) -> Token | None:
    """GetUserHandle: LocalSystem, the user that the settings name, or the caller; None: refused."""
    settings = order.settings
    if settings.is_system:
        return Token(SYSTEM, is_elevated=not settings.is_limited)
    if not settings.user:
        return Token(f"{machine.name}\\{order.caller.user}", is_elevated=not settings.is_limited)
    name = settings.user.rpartition("\\")[2]
    account = machine.accounts.get(name)
    if (
        account is None
        or account.password != settings.password
        or account.status != NtStatus.SUCCESS
    ):
        return None
    is_elevated = settings.is_elevated and not settings.is_limited
    return Token(f"{machine.name}\\{account.name}", is_elevated=is_elevated)


async def _exit_code(machine: Machine, running: Running, timeout_s: int) -> int:
    """What GetExitCodeProcess says once the program has ended, or was ended in its time."""
    await asyncio.wait({running.exit}, timeout=timeout_s or None)
    if not running.exit.done():
        machine.processes.kill(running.process.pid)
        return _TIMED_OUT
    return running.exit.result()


def _failed(text: str, code: Win32Error) -> bytes:
    system_text = _SYSTEM_TEXTS.get(code, "Unknown error value.")
    return answer_failed(f"{text} {system_text} [Err=0x{code:X}, {code}]\r\n")


def _lost(_data: bytes) -> None:
    """Nobody reads what a program prints that is not redirected."""
