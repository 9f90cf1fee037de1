"""What the messages of a run tell of the host, in figures: for whoever makes runs quicker.

Source: [MS-SMB2] 2.2.1.2, the commands' numbers; 2.2.20, the answer to a READ.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hostprobe.transport.trail import Message, Trail

_CREATE, _CLOSE, _READ, _WRITE = 5, 6, 8, 9
_READ_HEAD_BYTES = 80
_NOT_FOUND = frozenset((0xC0000034, 0xC00000AC, 0xC00000AE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was counted and measured; None and empty for what did not come to pass.

    Attributes:
        read_bytes: Length of each read of the command's output that brought something.
        upload_writes: Messages that the program went in.
        main_pipe_misses: How often PAExec's pipe was not there yet.
        file_held_s: From the end of PAExec's pipe until the program's file could be removed.
        file_tries: How often its removal was tried.
        credits_most: The most that were granted by one answer.
        credits_granted: By all answers together.
        statuses: How often each NTSTATUS came, by its number in hexadecimal.
    """

    read_bytes: tuple[int, ...]
    upload_writes: int
    main_pipe_misses: int
    file_held_s: float | None
    file_tries: int
    credits_most: int
    credits_granted: int
    statuses: dict[str, int]


def figures(trail: Trail) -> Figures:
    """The figures of all runs on a trail."""
    removals = list(_of(trail, "clean up", _CREATE))
    granted = [message.credits_granted for message in trail.messages]
    statuses: dict[str, int] = {}
    for message in trail.messages:
        name = "none" if message.status is None else f"0x{message.status:08X}"
        statuses[name] = statuses.get(name, 0) + 1
    return Figures(
        read_bytes=tuple(
            message.bytes_in - _READ_HEAD_BYTES
            for message in _of(trail, "run the command", _READ)
            if message.status == 0
        ),
        upload_writes=sum(1 for _ in _of(trail, "upload paexec.exe", _WRITE)),
        main_pipe_misses=sum(
            message.status in _NOT_FOUND for message in _of(trail, "reach PAExec", _CREATE)
        ),
        file_held_s=_held_s(trail, removals),
        file_tries=len(removals),
        credits_most=max(granted, default=0),
        credits_granted=sum(granted),
        statuses=statuses,
    )


def _held_s(trail: Trail, removals: Iterable[Message]) -> float | None:
    closed = next(_of(trail, "clean up", _CLOSE), None)
    removed = next((message for message in removals if message.status == 0), None)
    if closed is None or removed is None or removed.took_s is None:
        return None
    return round(removed.at_s + removed.took_s - closed.at_s, 4)


def _of(trail: Trail, step: str, command: int) -> Iterator[Message]:
    return (
        message for message in trail.messages if message.step == step and message.command == command
    )
