"""Which hosts are there at all: TCP connections to many at a time, before any of them is asked.

A dead host costs a sweep a socket for a while, and no job. Two names of one address are found out
here too, so that no host is asked twice.
"""

import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from errno import EINPROGRESS
from os import strerror
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final

from hostprobe.errors import HostprobeError
from hostprobe.inventory.targets import Target
from hostprobe.sweep._outcomes import Failed, NotAsked
from hostprobe.sweep._stop import Stop
from hostprobe.sweep._threads import DaemonThreadExecutor
from hostprobe.transport import addresses

_AT_ONCE: Final = 256
_LOOK_UPS: Final = 32
_TICK_S: Final = 0.05  # how soon a name that was found is called
_STOPPED: Final = "the run was stopped before its turn"
_UNDER_WAY: Final = frozenset({0, EINPROGRESS, 10035})  # the last is WSAEWOULDBLOCK

Found = Target | Failed | NotAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class PortCheck:
    """A `Reach`: connects to each host's port, and closes the connection again.

    Attributes:
        allows: Whether an address may be called at all.
        timeout_s: For one address.
        at_once: How many hosts are looked for at a time.
    """

    allows: Callable[[str], bool]
    timeout_s: float
    at_once: int = _AT_ONCE

    def __call__(
        self, targets: Iterator[Target], has_room: Callable[[], bool], stop: Stop
    ) -> Iterator[Found]:
        """Yield each target as soon as it is known whether it is there."""
        search = _Search(self)
        more = True
        with search.selector:
            while (more or search.count) and not stop.requested:
                while more and search.count < self.at_once and has_room():
                    target = next(targets, None)
                    more = target is not None
                    if target is not None:
                        search.begin(target)
                yield from search.found()
            yield from search.abandoned()


@dataclass(slots=True)
class _Call:
    """A host that is being looked for, and its addresses that are left to try."""

    target: Target
    started_at: float
    left: list[str]
    address: str = ""
    due_at: float = 0.0

    def failed(self, error: HostprobeError) -> Failed:
        return Failed(self.target, error, monotonic() - self.started_at)


class _Search:
    """What is under way: names that are looked up, and connections that are being made."""

    def __init__(self, check: PortCheck) -> None:
        self.selector = selectors.DefaultSelector()
        self._check = check
        self._calls: dict[socket.socket, _Call] = {}  # in the order in which they are due
        self._names: dict[Target, float] = {}
        self._answers: SimpleQueue[tuple[Target, tuple[str, ...] | HostprobeError]] = SimpleQueue()
        self._look_ups = DaemonThreadExecutor(_LOOK_UPS)
        self._owners: dict[tuple[str, int], Target] = {}
        self._told: list[Found] = []

    @property
    def count(self) -> int:
        """How many hosts are being looked for."""
        return len(self._calls) + len(self._names)

    def begin(self, target: Target) -> None:
        """Look for one more."""
        address = addresses.address_in(target)
        if address is not None:
            self._start(_Call(target, monotonic(), []), (address,))
        else:
            self._names[target] = monotonic()
            self._look_ups.submit(self._look_up, target)

    def found(self) -> list[Found]:
        """Wait a little, and tell of those that are known by now."""
        self._take_names()
        ready = self.selector.select(_TICK_S) if self._calls else []
        for key, _ in ready:
            sock = key.fileobj
            assert isinstance(sock, socket.socket)  # noqa: S101 - we registered no other
            self._ended(sock, sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        now = monotonic()
        while self._calls and next(iter(self._calls.values())).due_at <= now:
            self._ended(next(iter(self._calls)), None)
        told, self._told = self._told, []
        return told

    def abandoned(self) -> Iterator[NotAsked]:
        """End the search; those whose end was not seen were not asked."""
        for sock, call in self._calls.items():
            sock.close()
            yield NotAsked(call.target, _STOPPED, "stopped")
        for target in self._names:
            yield NotAsked(target, _STOPPED, "stopped")

    def _look_up(self, target: Target) -> None:
        try:
            self._answers.put((target, addresses.look_up(target)))
        except HostprobeError as error:
            self._answers.put((target, error))

    def _take_names(self) -> None:
        with suppress(Empty):
            while True:
                target, answer = self._answers.get(timeout=0 if self._calls else _TICK_S)
                call = _Call(target, self._names.pop(target), [])
                if isinstance(answer, HostprobeError):
                    self._told.append(call.failed(answer))
                else:
                    self._start(call, answer)

    def _start(self, call: _Call, found: tuple[str, ...]) -> None:
        call.left = [address for address in found if self._check.allows(address)]
        if call.left:
            self._try_next(call)
        else:
            self._told.append(call.failed(addresses.outside_scope(call.target, found)))

    def _try_next(self, call: _Call) -> None:
        call.address = call.left.pop(0)
        call.due_at = monotonic() + self._check.timeout_s
        family = socket.AF_INET6 if ":" in call.address else socket.AF_INET
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            self._failed(call, error)
            return
        sock.setblocking(False)  # noqa: FBT003 - the standard library's
        problem = sock.connect_ex((call.address, call.target.port))
        if problem in _UNDER_WAY:
            self._calls[sock] = call
            self.selector.register(sock, selectors.EVENT_WRITE)
        else:
            sock.close()
            self._failed(call, OSError(problem, strerror(problem)))

    def _ended(self, sock: socket.socket, problem: int | None) -> None:
        """A connection stands, or has failed with an errno; None where its time is over."""
        call = self._calls.pop(sock)
        self.selector.unregister(sock)
        sock.close()
        if problem == 0:
            self._told.append(self._claimed(call))
        else:
            self._failed(call, OSError(problem, strerror(problem)) if problem else TimeoutError())

    def _failed(self, call: _Call, error: OSError) -> None:
        if call.left:
            self._try_next(call)
        else:
            problem = addresses.unreachable(call.target, call.address, error)
            self._told.append(call.failed(problem))

    def _claimed(self, call: _Call) -> Target | NotAsked:
        """The target with its address, unless another target has that."""
        owner = self._owners.setdefault((call.address, call.target.port), call.target)
        if owner is not call.target:
            reason = f"same address as {owner} ({call.address})"
            return NotAsked(call.target, reason, "twin")
        return replace(call.target, address=call.address)
