"""Take away what a run put on the host, and say truthfully what could not be taken away.

Each step is tried whatever the one before it came to. On Windows the program's file can be removed
only when its process has ended, so a file that is gone proves that the process is.
"""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from hostprobe.footprint import Footprint
from hostprobe.transport.psexec import messages, svcctl
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.errors import ServiceCallError, StatusError
from hostprobe.transport.psexec.names import in_windows_folder
from hostprobe.transport.psexec.run import Run

SILENCE_S: Final = 4.0
"""How long a host may say nothing: there must be time for a second connection then."""

_GONE: Final = (0xC0000034, 0xC000000F)
_HELD: Final = (0xC0000121, 0xC0000043, 0xC0000056, 0xC0000022)  # the image is still in use
_OWN_WAY_S: Final = 8.0  # PAExec looks five seconds for the end of a command, and waits two more
_AT_ONCE_S: Final = 1.0  # what is about to stop needs no order
_AFTER_FORCE_S: Final = 4.0
_HANDLES_S: Final = 3.0  # for the handles of a session that has just ended
_SLOW_S: Final = 1.0  # a host that takes longer to say that a pipe is not there is asked once

Force = Callable[[], object]


def remove(run: Run, by: Deadline, *, ended: bool, force: Force) -> tuple[str, ...]:
    """Stop and delete the service, and delete its file and that of a program brought along.

    Args:
        run: What was done, on a wire that works.
        by: When to give up.
        ended: Whether the command ended by itself. If not, PAExec may be waiting for it: then the
            service is looked after until it has stopped, and looked for when it is deleted.
        force: Ends PAExec and the command; called where they do not end by themselves.

    Returns:
        What is still on the host, in words; empty when it is clean.
    """
    run.wire.link.deadline, run.wire.link.silence_s = by, SILENCE_S
    run.steps.at("clean up")
    for ticket in run.traces.upload:  # what is still being written would come after its removal
        with contextlib.suppress(StatusError):
            run.wire.answer(ticket)
    if run.traces.main is not None:
        run.wire.begin(run.ipc, messages.close(run.traces.main))
    if run.traces.copying is not None:  # what is open cannot be removed
        run.wire.begin(run.admin, messages.close(run.traces.copying))
    traces = run.traces
    has_service = traces.registered and not _remove_service(run, by, None if ended else force)
    for_file = by.sooner(max(by.left() - _HANDLES_S, 0.0))  # then there is time to look once more
    has_file = traces.file and not _remove_file(run, traces.names.file, for_file)
    has_copy = traces.copied and not _remove_file(run, traces.names.copied_file, for_file)
    if has_file and traces.registered and not has_service:
        has_service = not _is_gone(run, by)  # one that is marked goes only with its process
    return traces.named(
        service=has_service,
        file=has_file,
        process=traces.started and has_service and has_file,
        copied=has_copy,
    )


def _remove_service(run: Run, by: Deadline, force: Force | None) -> bool:
    """Whether there is no such service any more, or none as soon as its process has ended."""
    try:
        service = run.traces.service or run.find_service()
        if service is None:
            return True
        if run.traces.started:
            _stop(run, service, by, force)
        allowed = (svcctl.DOES_NOT_EXIST, svcctl.MARKED)
        run.call("RDeleteService", svcctl.delete_service(service), *allowed)
    except ServiceCallError as error:
        if error.code != svcctl.MARKED:  # else it was deleted just before the connection was cut
            return False
    except (StatusError, ValueError):
        return False
    return force is None or _is_gone(run, by)


def _stop(run: Run, service: bytes, by: Deadline, force: Force | None) -> None:
    """Let the service stop, or make it: PAExec stops when its main pipe closes.

    Where the command was cut off, PAExec first waits for it, then stops by itself. It is told to
    stop only when that takes too long: a second order in the middle of the first can leave the
    service manager waiting for a process that has ended.
    """
    if force is None:
        _tell_to_stop(run, service)
    elif not run.traces.asked:
        _has_stopped(run, service, by.sooner(_OWN_WAY_S), tell=True)
    elif not _has_stopped(run, service, by.sooner(_OWN_WAY_S)):
        force()
        _has_stopped(run, service, by.sooner(_AFTER_FORCE_S), tell=True)


def runs_on(run: Run, by: Deadline) -> bool:
    """Whether the process of a run of long ago goes on, though it was told once to stop.

    No pipe is opened that PAExec may wait for: it would start a command that nobody wants any more.
    Where that cannot be found out, it may go on.
    """
    run.wire.link.deadline, run.wire.link.silence_s = by, SILENCE_S
    run.steps.at("clean up")
    try:
        run.reach_service_manager()
        run.traces.started = bool(run.process_id())
        return run.traces.started and not _stops_by_itself(run, by)
    except Exception:  # noqa: BLE001 - a broken link or a garbled peer, in any guise
        run.traces.started = True
        return True


def _stops_by_itself(run: Run, by: Deadline) -> bool:
    service = run.traces.service or run.find_service()
    if service is None or _has_stopped(run, service, by.sooner(_AT_ONCE_S)):
        return True
    _tell_to_stop(run, service)
    return _has_stopped(run, service, by.sooner(_OWN_WAY_S))


def _tell_to_stop(run: Run, service: bytes) -> None:
    with contextlib.suppress(ServiceCallError):  # it may have stopped, or be about to
        run.call("RControlService", svcctl.stop_service(service))


def _has_stopped(run: Run, service: bytes, by: Deadline, *, tell: bool = False) -> bool:
    """Wait for the end of the service; `tell` orders it to stop as soon as it can take an order."""
    is_quick = run.traces.asked
    for _ in _tries(by):
        if (state := run.state(service)) == svcctl.STOPPED:
            return True
        if tell and state == svcctl.RUNNING:
            _tell_to_stop(run, service)
        if is_quick and (run.traces.missing or run.traces.pipes):
            before = time.monotonic()
            run.release()  # again and again, as pipes may come late
            is_quick = time.monotonic() - before < _SLOW_S
    return False


def _is_gone(run: Run, by: Deadline) -> bool:
    """Whether the service is gone with our handle: nobody else, such as a cut session, has one."""
    for _ in _tries(by.sooner(_HANDLES_S)):
        try:
            if run.traces.service is not None:
                run.call("RCloseServiceHandle", svcctl.close_handle(run.traces.service))
                run.traces.service = None
            if run.find_service() is None:
                return True
        except ServiceCallError as error:
            if error.code != svcctl.MARKED:
                return False
        except (StatusError, ValueError):
            return False
    return False


def remove_copies(run: Run, files: Iterable[str], by: Deadline) -> tuple[Footprint, ...]:
    """Remove the programs that were copied for a run; what became of each."""
    run.wire.link.deadline, run.wire.link.silence_s = by, SILENCE_S
    return tuple(_removed_copy(run, file, by) for file in files)


def _removed_copy(run: Run, file: str, by: Deadline) -> Footprint:
    gone_at = datetime.now(UTC) if _is_removed(run, file, by) else None
    name = in_windows_folder(file)
    return Footprint(kind="file", name=name, created_at=None, removed_at=gone_at)


def _is_removed(run: Run, name: str, by: Deadline) -> bool:
    try:
        return _remove_file(run, name, by)
    except Exception:  # noqa: BLE001 - a broken link or a garbled peer, in any guise
        return False


def _remove_file(run: Run, name: str, by: Deadline) -> bool:
    """Whether there is no file of that name in the Windows folder any more."""
    opened = messages.create(
        name,
        messages.FILE_DELETE,
        share=messages.SHARE_ALL,
        options=messages.DELETE_ON_CLOSE,
    )
    for _ in _tries(by):
        tickets = run.wire.post(run.admin, opened, messages.close())
        try:
            run.wire.answer(tickets[0])
            run.wire.answer(tickets[1])
        except StatusError as error:
            if error.status in _GONE:
                return True
            if error.status not in _HELD:
                return False
        else:
            return True
    return False


def _tries(by: Deadline) -> Iterator[None]:
    """As many tries as there is time for: soon after one another at first, then each second."""
    for pause_s in itertools.chain((0.05, 0.1, 0.2, 0.4, 0.8), itertools.repeat(1.0)):
        yield
        try:
            by.pause(pause_s)
        except TimeoutError:
            return
