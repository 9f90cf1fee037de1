"""What runs have left, sorted by run; and how it is taken away."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from tests.unit.transport.psexec.fake_host import DELETE, WindowsHost
from tests.unit.transport.psexec.fake_paexec import Script
from tests.unit.transport.psexec.fake_smb import Fault
from tests.unit.transport.psexec.visits import ACCOUNT, COMMAND, journaled, open_session, visit

from hostprobe.errors import StoppedError
from hostprobe.transport.base import LeftFile, Leftover, Stranger
from hostprobe.transport.psexec import Options, journal, svcctl
from hostprobe.transport.psexec.leftovers import remains
from hostprobe.transport.psexec.names import Names
from hostprobe.transport.psexec.service_list import ListedService

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
FIRST, SECOND = Names(77, "hp01234567"), Names(78, "hp01234567")


def file(name: str, *, made: timedelta | None, written: timedelta | None = None) -> LeftFile:
    """A file as old as that."""
    moments = (None if age is None else NOW - age for age in (made, written or made))
    return LeftFile(name, 224_560, *moments)


def test_services_and_files_of_one_run_belong_together() -> None:
    """One leftover for each run, whatever of it is there; what was copied is of its run."""
    old = file(FIRST.file, made=timedelta(hours=2))
    copied = file(f"{FIRST.service}-tool.exe", made=timedelta(hours=1))
    alone = file(SECOND.file, made=None)
    service = ListedService(FIRST.service, svcctl.RUNNING, 4711)
    found = remains([service], [old, copied, alone], NOW, ())
    assert found.ours == (
        Leftover(
            run=FIRST.service,
            service_state="running",
            pid=4711,
            files=(old, copied),
            age_s=3600,
            journal=None,
        ),
        Leftover(
            run=SECOND.service, service_state=None, pid=0, files=(alone,), age_s=None, journal=None
        ),
    )
    assert found.others == ()


def test_what_others_have_is_told_apart() -> None:
    """A service and a file that hostprobe did not name are named, and are nobody's leftover."""
    service = ListedService("PAExec", svcctl.STOPPED, 0)
    strange = file("PAExec-4711-OPSPC.exe", made=None)
    found = remains([service], [strange], NOW, ())
    assert found.ours == ()
    assert found.others == (Stranger("service", "PAExec"), Stranger("file", strange.name))


def test_an_impostor_is_left_alone() -> None:
    """With a service of a run's name that starts something else, nothing of that name is ours."""
    service = ListedService(FIRST.service, svcctl.RUNNING, 4711)
    old = file(FIRST.file, made=timedelta(hours=2))
    found = remains([service], [old], NOW, [FIRST, SECOND], {FIRST.service})
    assert [each.run for each in found.ours] == [SECOND.service]
    assert found.others == (Stranger("service", FIRST.service), Stranger("file", FIRST.file))


@pytest.mark.parametrize(
    ("made", "written", "now", "age_s"),
    [
        (timedelta(60), timedelta(seconds=5), NOW, 5),
        (timedelta(seconds=5), timedelta(60), NOW, 5),
        (timedelta(seconds=5), None, None, None),
        (timedelta(seconds=-5), None, NOW, -5),
    ],
)
def test_the_age_is_that_of_the_last_change(
    made: timedelta, written: timedelta | None, now: datetime | None, age_s: float | None
) -> None:
    """By the host's clock; unknown where the host states no time."""
    found = remains([], [file(FIRST.file, made=made, written=written)], now, ())
    assert found.ours[0].age_s == age_s


def test_a_state_that_nobody_knows_is_no_stopped_one() -> None:
    """It is told by its number."""
    found = remains([ListedService(FIRST.service, 7, 0)], [], NOW, ())
    assert found.ours[0].service_state == "state 7"


def test_the_journal_tells_whose_a_run_is() -> None:
    """A run at work here, one that was cut short here, and one of which nothing is there."""
    held = journal.write("pc7", "192.0.2.7", 445, "ana", FIRST)
    journal.write("pc7", "192.0.2.7", 445, "ana", SECOND).release()
    found = remains([], [file(FIRST.file, made=timedelta(1))], NOW, [SECOND])
    assert [(each.run, each.journal) for each in found.ours] == [
        (FIRST.service, "held"),
        (SECOND.service, "abandoned"),
    ]
    assert found.ours[1].service_state is None
    held.erase()


def cut_for_good(host: WindowsHost, after: int) -> Leftover:
    """What a run leaves that was cut after so many answers, without a second connection."""
    host.faults = (Fault("cut", "answered", after),)
    host.unreachable_after = 1
    visit(host)
    host.unreachable_after = 99
    [entry] = journaled()
    return Leftover(
        run=entry.stem,
        service_state="running",
        pid=0,
        files=(LeftFile(f"{entry.stem}-tool.exe", 1, None, None),),
        age_s=None,
        journal="abandoned",
    )


@pytest.mark.parametrize("after", range(2, 20))
@pytest.mark.parametrize("ends_s", [0.0, 2.0, None])
@pytest.mark.parametrize("pipes_late_s", [0.0, 1.0])
@pytest.mark.parametrize("has_journal", [True, False])
def test_wherever_a_run_was_cut_it_is_taken_away(
    host: WindowsHost, after: int, ends_s: float | None, pipes_late_s: float, *, has_journal: bool
) -> None:
    """All of it goes, with the journal's entry, and its command is not started on the way."""
    host.script = Script(ends_s=ends_s, pipes_late_s=pipes_late_s)
    leftover = cut_for_good(host, after)
    host.files[leftover.files[0].name] = bytearray(b"MZ")
    if not has_journal:
        [entry] = journaled()
        entry.unlink()
    before = [run.programs for run in host.runs]
    session = open_session(host)
    assert session.remove_leftover(leftover) == ()
    session.close()
    assert (host.left(), journaled()) == ((), [])
    assert session.receipt.cleared == (leftover.run,)
    assert session.receipt.left_behind == ()
    assert [run.programs for run in host.runs][: len(before)] == before


def test_an_idle_paexec_is_only_told_to_stop(host: WindowsHost) -> None:
    """Nothing is uploaded where an order is enough."""
    leftover = cut_for_good(host, 7)  # its service has started, nobody has called it
    uploads: list[int] = []
    host.on_change = lambda: uploads.append(1)
    session = open_session(host)
    assert session.remove_leftover(leftover) == ()
    session.close()
    assert (host.left(), uploads) == ((), [])


def test_what_cannot_be_taken_away_is_named(host: WindowsHost) -> None:
    """The service that may not be deleted, and the copy that is in use; the journal keeps both."""
    leftover = cut_for_good(host, 7)
    [entry] = journaled()
    copied = leftover.files[0].name
    host.files[copied] = bytearray(b"MZ")
    host.codes[DELETE] = [5] * 9
    session = open_session(host)
    host.statuses["file"] = [0, *[0xC0000185] * 9]
    left = session.remove_leftover(leftover)
    session.close()
    assert left == (f"service {leftover.run}", rf"file %SystemRoot%\{copied}")
    assert session.receipt.left_behind == left
    assert journaled() == [entry]


@pytest.mark.parametrize("frames", range(2, 24))
@pytest.mark.parametrize("kind", ["cut", "silent"])
def test_a_line_that_fails_while_it_is_taken_away(
    host: WindowsHost, frames: int, kind: Literal["cut", "silent"]
) -> None:
    """A second connection finishes it, or what is left is named."""
    leftover = cut_for_good(host, 9)
    host.faults = (None, Fault(kind, "answered", frames))
    session = open_session(host)
    left = session.remove_leftover(leftover)
    session.close()
    host.clock.wait(30)
    assert set(host.left()) <= set(left)
    assert bool(journaled()) == bool(left)


def test_all_is_named_where_the_host_is_gone(host: WindowsHost) -> None:
    """Nothing is called removed that could not be looked for."""
    leftover = cut_for_good(host, 9)
    host.faults = (None, Fault("cut", "asked", 4))
    host.unreachable_after = 2
    session = open_session(host)
    left = session.remove_leftover(leftover)
    session.close()
    assert [words.split()[0] for words in left] == ["service", "file", "process", "file"]
    assert journaled()


def test_a_user_who_stops_it_finds_the_rest_untouched(host: WindowsHost) -> None:
    """After the bell no further run is begun to be removed."""
    leftover = cut_for_good(host, 9)
    bell = threading.Event()
    session = open_session(host, Options(credentials=ACCOUNT, stop=bell))
    there = host.left()
    bell.set()
    with pytest.raises(StoppedError):
        session.remove_leftover(leftover)
    session.close()
    assert host.left() == there
    assert journaled()


def test_a_run_after_it_is_as_ever(host: WindowsHost) -> None:
    """The session can be used on."""
    leftover = cut_for_good(host, 9)
    session = open_session(host)
    session.remove_leftover(leftover)
    assert session.run(COMMAND, timeout_s=5, max_bytes=100).stdout == b"hello\r\n"
    session.close()
    assert host.left() == ()
