"""Take away what a run put on the host, and say truthfully what could not be taken away.

Each step is tried whatever the one before it came to. On Windows the program's file can be removed
only when its process has ended, so a file that is gone proves that the process is.
"""

import itertools
from collections.abc import Iterator
from typing import Final

from hostprobe.transport.psexec import messages, svcctl
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.errors import ServiceCallError, StatusError
from hostprobe.transport.psexec.run import Run

_GONE: Final = (0xC0000034, 0xC000000F)
_HELD: Final = (0xC0000121, 0xC0000043, 0xC0000056, 0xC0000022)  # the image is still in use
SILENCE_S: Final = 4.0
"""How long a host may say nothing: there must be time for a second connection then."""

_OWN_WAY_S: Final = 9.0  # PAExec looks five seconds for the end of a command, and waits two more
_ANY_WAY_S: Final = 13.0


def remove(run: Run, by: Deadline, *, ended: bool) -> tuple[str, ...]:
    """Stop and delete the service, and delete the file.

    Args:
        run: What was done, on a wire that works.
        by: When to give up.
        ended: Whether the command ended by itself. If not, PAExec may be waiting for it, and the
            service is asked until it says that it has stopped.

    Returns:
        What is still on the host, in words; empty when it is clean.
    """
    run.wire.link.deadline, run.wire.link.silence_s = by, SILENCE_S
    run.steps.at("clean up")
    if run.traces.asked and not ended:
        run.release()
    if run.traces.main is not None:
        run.wire.begin(run.ipc, messages.close(run.traces.main))
    left = _remove_service(run, by, ended=ended) if run.traces.registered else []
    if run.traces.file and not _remove_file(run, by):
        left.append(rf"file %SystemRoot%\{run.traces.names.file}")
    return tuple(left)


def _remove_service(run: Run, by: Deadline, *, ended: bool) -> list[str]:
    name = run.traces.names.service
    try:
        service = run.traces.service or run.find_service()
        if service is None:
            return []
        stopped = not run.traces.started or _stopped(run, service, by, ended=ended)
        allowed = (svcctl.DOES_NOT_EXIST, svcctl.MARKED)
        run.call("RDeleteService", svcctl.delete_service(service), *allowed)
    except (StatusError, ServiceCallError, ValueError):
        return [f"service {name}"]
    # A service that is marked for deletion goes only when its process has ended.
    return [] if stopped else [f"service {name}", f"process {run.traces.names.file}"]


def _stopped(run: Run, service: bytes, by: Deadline, *, ended: bool) -> bool:
    """Whether the service has stopped, or is about to: PAExec stops when its main pipe closes.

    Where the command was cut off, PAExec first waits for it, then stops by itself. It is told to
    stop only when that takes too long: a second order in the middle of the first can leave the
    service manager waiting for a process that has ended.
    """
    if ended:
        return _told_to_stop(run, service)
    own_way, any_way = by.sooner(_OWN_WAY_S), by.sooner(_ANY_WAY_S)
    return _has_stopped(run, service, own_way) or (
        _told_to_stop(run, service) and _has_stopped(run, service, any_way)
    )


def _told_to_stop(run: Run, service: bytes) -> bool:
    tolerated = (svcctl.NOT_ACTIVE, svcctl.CANNOT_ACCEPT, svcctl.DOES_NOT_EXIST)
    run.call("RControlService", svcctl.stop_service(service), *tolerated)
    return True


def _has_stopped(run: Run, service: bytes, by: Deadline) -> bool:
    for pause_s in _pauses():
        if svcctl.state(run.call("RQueryServiceStatusEx", svcctl.query_service(service))) == (
            svcctl.STOPPED
        ):
            return True
        if not _paused(by, pause_s):
            break
    return False


def _remove_file(run: Run, by: Deadline) -> bool:
    opened = messages.create(
        run.traces.names.file,
        messages.FILE_DELETE,
        share=messages.SHARE_ALL,
        options=messages.DELETE_ON_CLOSE,
    )
    for pause_s in _pauses():
        tickets = run.wire.post(run.admin, opened, messages.close())
        try:
            run.wire.answer(tickets[0])
            run.wire.answer(tickets[1])
        except StatusError as error:
            if error.status in _GONE:
                return True
            if error.status not in _HELD or not _paused(by, pause_s):
                return False
        else:
            return True
    return False


def _pauses() -> Iterator[float]:
    """Seconds between two tries: soon at first, then each second."""
    yield from (0.05, 0.1, 0.2, 0.4, 0.8)
    yield from itertools.repeat(1.0)


def _paused(by: Deadline, seconds: float) -> bool:
    try:
        by.pause(seconds)
    except TimeoutError:
        return False
    return True
