"""Start programs.

Source: CreateProcess, TerminateProcess: whom it ends has the exit code 1 here, as taskkill gives
it. A program that is not emulated ends at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.machine import Answer, Machine
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.programs import CodePage, Console, Input, Running, Token
from hostprobe.lab.shell.images import Image, find_image

__all__ = ["Running", "Streams", "Token", "launch"]

_LOGGER = logging.getLogger(__name__)
_KILLED = 1
_CRASHED = 0xC0000005  # STATUS_ACCESS_VIOLATION, as of a program with a bug
_MOST_PROCESSES = 1000
_SLICE_BYTES = 1 << 16


async def _at_once() -> None:
    await asyncio.sleep(0)


@dataclass(slots=True)
class Streams:
    """The standard streams of a process that is started from outside.

    Attributes:
        stdin: Delivers what it reads; b"" is the end. None: there is nothing to read.
        write_out: Takes what it writes; raises BrokenPipeError where nobody reads any more.
        write_error: The same for standard error.
        drain: Awaited by those who write a lot, until it has found room.
    """

    stdin: asyncio.Queue[bytes] | None
    write_out: Callable[[bytes], None]
    write_error: Callable[[bytes], None]
    drain: Callable[[], Awaitable[None]] = _at_once


def launch(  # noqa: PLR0913 - a process has so many sides
    machine: Machine,
    program: str,
    arguments: str,
    *,
    token: Token,
    streams: Streams,
    parent_pid: int,
    folder: str = "C:\\Windows\\System32",
    is_wow64: bool = False,
) -> Running:
    """Start a program.

    Args:
        machine: Where.
        program: Its name or path; %NAME% is put in.
        arguments: The command line behind it.
        token: On whose behalf.
        streams: Where its standard streams lead.
        parent_pid: Who starts it.
        folder: Its working folder.
        is_wow64: Whether it is the 32-bit program of a 64-bit Windows.

    Raises:
        CallError: FILE_NOT_FOUND; ACCESS_DENIED where too many run already.
    """
    domain, _, user = token.user.rpartition("\\")
    parent = machine.processes.get(parent_pid)
    starter = Console(
        machine=machine,
        process=parent or Process(parent_pid, ""),
        token=token,
        is_wow64=is_wow64,
        folder=folder.rstrip("\\") if len(folder) > 3 else folder,
        variables={"username": user, "userdomain": domain or machine.domain},
        code_page=CodePage(machine.windows.code_page),
        stdin=Input(streams.stdin.get if streams.stdin is not None else None),
        write=streams.write_out,
        write_error=streams.write_error,
        drain=streams.drain,
        start=_start,
    )
    return _start(starter, machine.expand(program), arguments)


def _start(console: Console, program: str, arguments: str) -> Running:
    """Start a program as a child of the console's process, with its streams."""
    machine = console.machine
    image = find_image(console, program.strip().strip('"'))
    if image is None:
        raise CallError(Win32Error.FILE_NOT_FOUND)
    if sum(1 for _ in machine.processes) >= _MOST_PROCESSES:
        raise CallError(Win32Error.ACCESS_DENIED)
    process = machine.processes.start(
        image.name,
        command_line=f"{program} {arguments}".strip(),
        user=console.token.user,
        parent_pid=console.process.pid,
        session_id=console.process.session_id,
        image=image.node,
        path=image.path,
    )
    child = replace(console, process=process, is_wow64=console.is_wow64 or image.is_wow64)
    loop = asyncio.get_running_loop()
    task = loop.create_task(_run(image, arguments, child))

    def kill() -> None:
        # Not before it has begun: a task that has not cannot end its process.
        loop.call_soon(task.cancel)

    process.on_end = kill
    return Running(process, task)


async def _run(image: Image, arguments: str, console: Console) -> int:
    try:
        answer = console.machine.answers.get(image.key)
        if answer is not None:
            return await _recite(answer, console)
        if image.program is None:
            return 0
        if image.is_batch and image.node is not None:
            arguments = f'/c ""{image.node.path()}" {arguments}"'
        code = await image.program.run(console, arguments)
        return code & 0xFFFFFFFF
    except asyncio.CancelledError:
        return _KILLED
    except BrokenPipeError:
        return _KILLED  # nobody reads what it writes
    except Exception:
        _LOGGER.exception("%s: an error in the emulation of %s", console.machine.name, image.name)
        return _CRASHED
    finally:
        console.process.on_end = None
        if console.machine.processes.get(console.process.pid) is console.process:
            console.machine.processes.end(console.process.pid)


async def _recite(answer: Answer, console: Console) -> int:
    """Print a fixed text instead, in slices, as often as it is wanted."""
    at_once = max(1, _SLICE_BYTES // (len(answer.text) or 1))
    left = answer.times
    while left > 0 and answer.text:
        console.write(answer.text * min(left, at_once))
        left -= at_once
        await console.drain()
    await console.machine.sleep(answer.stays_s)
    return answer.exit_code
