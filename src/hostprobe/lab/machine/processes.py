"""The processes of the host.

Source: Win32_Process (what a row knows); [MS-FSA] 2.1.5.15.3 (STATUS_CANNOT_DELETE for the file
of a running program).
"""

import asyncio
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.sockets import Socket

if TYPE_CHECKING:
    from hostprobe.lab.machine.machine import Machine

SYSTEM = "NT AUTHORITY\\SYSTEM"


@dataclass(slots=True, eq=False)
class Process:
    r"""One process.

    Attributes:
        name: Of its image, with the extension.
        memory_bytes: The working set.
        private_bytes: What no other process shares.
        cpu_time_s: Kernel and user time together.
        user: Domain and name: `NT AUTHORITY\SYSTEM`; empty where Windows does not say.
        services: The names of the services that it hosts.
        started_at: Seconds since 1970.
        is_critical: Windows does not let it be killed.
        image: The file that it runs, which is in use for so long.
        on_end: Called when it is killed.
        returns_after_s: Its parent starts it anew so long after it was killed; None: it does not.
    """

    pid: int
    name: str
    parent_pid: int = 4
    session_id: int = 0
    memory_bytes: int = 4_743_168
    private_bytes: int = 2_162_688
    threads: int = 3
    handles: int = 84
    priority: int = 8
    cpu_time_s: float = 0.015625
    user: str = SYSTEM
    command_line: str = ""
    path: str = ""
    services: tuple[str, ...] = ()
    started_at: float = 0.0
    is_critical: bool = False
    window_title: str = ""
    image: Node | None = field(default=None, repr=False)
    on_end: Callable[[], None] | None = field(default=None, repr=False)
    returns_after_s: float | None = None


class ProcessTable:
    """The processes that run, in the order in which they were created."""

    __slots__ = ("_last_pid", "_machine", "_of")

    def __init__(self, machine: "Machine") -> None:
        self._machine = machine
        self._of: dict[int, Process] = {}
        self._last_pid = 0

    def __iter__(self) -> Iterator[Process]:
        return iter(tuple(self._of.values()))

    def __contains__(self, pid: int) -> bool:
        return pid in self._of

    def get(self, pid: int) -> Process | None:
        """The process of that number."""
        return self._of.get(pid)

    def named(self, name: str) -> list[Process]:
        """The processes of that image name, in upper or lower case."""
        return [process for process in self._of.values() if process.name.lower() == name.lower()]

    def add(self, process: Process) -> Process:
        """Add a process under the number that it has, and return it."""
        self._of[process.pid] = process
        self._last_pid = max(self._last_pid, process.pid)
        if process.image is not None:
            process.image.running += 1
        return process

    def free_pid(self, gap: int = 1) -> int:
        """A number that no process has; numbers go up by fours, as Windows gives them."""
        self._last_pid += 4 * gap
        return self._last_pid

    def start(  # noqa: PLR0913 - a process has so many sides
        self,
        name: str,
        *,
        command_line: str,
        user: str,
        parent_pid: int,
        session_id: int = 0,
        image: Node | None = None,
        path: str = "",
    ) -> Process:
        """Start a process under the next free number."""
        return self.add(
            Process(
                pid=self._next_pid(),
                name=name,
                parent_pid=parent_pid,
                session_id=session_id,
                user=user,
                command_line=command_line,
                path=path or (image.path() if image is not None else ""),
                started_at=self._machine.now(),
                image=image,
            )
        )

    def end(self, pid: int) -> None:
        """The process exits: its sockets close, and its file is free a moment later."""
        process = self._of.pop(pid, None)
        if process is None:
            return
        self._machine.sockets.close_of(pid)
        if process.image is not None:
            process.image.running -= 1
            self._lock(process.image)

    def kill(self, pid: int) -> None:
        """End a process, tell who waits for it, and stop its services."""
        process = self._of.get(pid)
        if process is None:
            return
        sockets = self._machine.sockets.of(pid)
        self._machine.record("process killed", f"{process.name} ({pid})")
        self.end(pid)
        self._machine.services.lost(pid)
        if process.on_end is not None:
            process.on_end()
        if process.returns_after_s is not None:
            self._machine.begin(self._return(process, sockets, process.returns_after_s))

    def clear(self) -> None:
        """End all processes, as the host does when it goes down."""
        for process in self:
            self.end(process.pid)
            if process.on_end is not None:
                process.on_end()
        self._last_pid = 0

    def _lock(self, image: Node) -> None:
        quirks = self._machine.quirks
        if quirks.image_stays_locked:
            image.locked_until = math.inf
        elif quirks.image_locked_s:
            image.locked_until = self._machine.now() + quirks.image_locked_s

    async def _return(self, process: Process, sockets: tuple[Socket, ...], after_s: float) -> None:
        """Start a killed process anew, with what it had open, where its parent still runs."""
        parent = self.get(process.parent_pid)
        await asyncio.sleep(after_s)
        if parent is None or self.get(parent.pid) is not parent:
            return
        now = self._machine.now()
        again = self.add(
            replace(process, pid=self._next_pid(), started_at=now, cpu_time_s=0.015625)
        )
        for socket in sockets:
            self._machine.sockets.add(replace(socket, pid=again.pid, created_at=now))

    def _next_pid(self) -> int:
        return self.free_pid(1 + self._last_pid // 4 % 7)
