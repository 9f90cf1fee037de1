"""What became of each process, whatever part of the host's answer came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.actions import _outcome as outcome
from hostprobe.actions.kill import KillOutcome, KillPlan, KillRequest, Verdict, Victim
from hostprobe.errors import ConnectionLostError, GuardError
from hostprobe.models import Process

STARTED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PAGE = b"Active code page: 437\r\n"
OTHERS = ((56, "services.exe"), (700, "tasklist.exe"))
ALIVE = (*OTHERS, (432, "victim.exe"))


def plan_for(*processes: Process) -> KillPlan:
    """A plan as it was confirmed."""
    return KillPlan(
        request=KillRequest(name="victim.exe"),
        host_name="PC7",
        collected_at=STARTED_AT,
        process_source="tasklist",
        identity="name only",
        victims=tuple(Victim(process=p, parent=None, connections=()) for p in processes),
        notes=(),
    )


VICTIM = Process(pid=432, name="victim.exe")
PLAN = plan_for(VICTIM)


def listing(processes: tuple[tuple[int, str], ...]) -> bytes:
    """What tasklist prints."""
    row = '"{1}","{0}","Console","1","8,144 K"\r\n'
    return "".join(row.format(*process) for process in processes).encode()


def watch(*processes: tuple[int, str], host_name: str = "PC7") -> bytes:
    """The snapshot at the end of the watch."""
    services = "".join(f'"{name}","{pid}","Updater"\r\n' for pid, name in processes).encode()
    return (
        b"==hostprobe:watched== \r\n"
        + PAGE
        + b"==hostprobe:chcp:0==\r\n==hostprobe:host:%s==\r\n" % host_name.encode()
        + listing(processes)
        + b"==hostprobe:tasklist:0==\r\n"
        + services
        + b"==hostprobe:services:0==\r\n"
    )


def answer(
    word: str,
    *,
    before: tuple[tuple[int, str], ...] = ALIVE,
    after: tuple[tuple[int, str], ...] = OTHERS,
    watched: bytes | None = None,
) -> bytes:
    """A whole answer, with `word` for the victim."""
    return (
        PAGE
        + listing(before)
        + b"==hostprobe:before== \r\n==hostprobe:kill:432:%s==\r\n" % word.encode()
        + listing(after)
        + b"==hostprobe:after== \r\n"
        + (watch(*OTHERS) if watched is None else watched)
    )


def verdict(told: KillOutcome) -> Verdict:
    """The verdict on the only victim."""
    (fate,) = told.fates
    return fate.verdict


@pytest.mark.parametrize("word", ["0", "killed"])
def test_killed(word: str) -> None:
    """Killed is what was ended and is in no later list: exit code 0, nothing else to say."""
    told = outcome.read(answer(word), PLAN)
    assert (verdict(told), told.exit_code) == (Verdict.KILLED, 0)
    assert (told.respawned, told.notes, told.error) == ((), (), None)


@pytest.mark.parametrize("word", ["128", "gone", "kept"])
def test_gone_before(word: str) -> None:
    """A process that had ended by itself is gone, and the exit code says that nothing matched."""
    told = outcome.read(answer(word, before=OTHERS), PLAN)
    assert (verdict(told), told.exit_code) == (Verdict.GONE, 1)


@pytest.mark.parametrize("word", ["other", "kept"])
def test_the_pid_is_another_process_now(word: str) -> None:
    """A recycled PID is spared, and the exit code is a guard's."""
    reused = (*OTHERS, (432, "notepad.exe"))
    told = outcome.read(answer(word, before=reused, after=reused, watched=watch(*reused)), PLAN)
    assert (verdict(told), told.exit_code) == (Verdict.OTHER_PROCESS, 6)


@pytest.mark.parametrize("word", ["1", "denied"])
def test_access_denied(word: str) -> None:
    """A process that may not be ended names the likely cause."""
    told = outcome.read(answer(word, after=ALIVE, watched=watch(*ALIVE)), PLAN)
    assert (verdict(told), told.exit_code) == (Verdict.ACCESS_DENIED, 4)
    assert "protected process" in told.fates[0].detail


@pytest.mark.parametrize("word", ["0", "killed", "255", "failed", "kept"])
def test_still_running(word: str) -> None:
    """Whatever the command claims, a process that is in the last list still runs."""
    told = outcome.read(answer(word, watched=watch(*ALIVE)), PLAN)
    assert (verdict(told), told.exit_code) == (Verdict.STILL_RUNNING, 4)


def test_a_powershell_that_does_not_answer() -> None:
    """A process that nobody checked still runs, and a note names the other way."""
    data = answer("0", after=ALIVE, watched=watch(*ALIVE))
    told = outcome.read(data.replace(b"==hostprobe:kill:432:0==\r\n", b""), PLAN)
    assert (verdict(told), told.exit_code) == (Verdict.STILL_RUNNING, 4)
    assert any("--collector native" in note for note in told.notes)


def test_a_slow_end() -> None:
    """A process that takes some seconds to end is killed all the same."""
    told = outcome.read(answer("0", after=ALIVE), PLAN)
    assert verdict(told) is Verdict.KILLED


def test_a_new_process_under_the_old_pid() -> None:
    """After the kill, another image under the PID is not the victim."""
    told = outcome.read(answer("0", watched=watch(*OTHERS, (432, "notepad.exe"))), PLAN)
    assert verdict(told) is Verdict.KILLED


def test_another_host_answers() -> None:
    """A host of another name is told by that name; nothing was killed."""
    data = b"==hostprobe:other-host==\r\n" + watch(*ALIVE, host_name="PC8")
    with pytest.raises(GuardError, match="PC8") as caught:
        outcome.read(data, PLAN)
    assert "nothing was killed" in str(caught.value)


def test_a_respawn() -> None:
    """A new process of that name is told with its PID and services; older ones are not."""
    twin = (440, "victim.exe")
    back = (999, "VICTIM.exe")
    data = answer("0", before=(*ALIVE, twin), watched=watch(*OTHERS, twin, back))
    told = outcome.read(data, PLAN)
    (respawn,) = told.respawned
    assert (respawn.process.pid, respawn.process.services) == (999, ("Updater",))
    assert respawn.running
    assert told.exit_code == 0


def test_a_respawn_that_ended() -> None:
    """A process that was there right after the kill and then no more is told, too."""
    told = outcome.read(answer("0", after=(*OTHERS, (999, "victim.exe"))), PLAN)
    (respawn,) = told.respawned
    assert (respawn.process.pid, respawn.running) == (999, False)


def test_no_kill_no_respawn() -> None:
    """Where nothing was killed, a new process of that name did not come back."""
    told = outcome.read(answer("1", watched=watch(*ALIVE, (999, "victim.exe"))), PLAN)
    assert told.respawned == ()


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(0), Verdict.STILL_RUNNING),
        (timedelta(microseconds=-1), Verdict.STILL_RUNNING),
        (timedelta(seconds=3), Verdict.KILLED),
    ],
)
def test_start_times_tell_processes_apart(later: timedelta, expected: Verdict) -> None:
    """A process of that PID and name is the victim if its start is the same but for rounding."""
    created = f"{STARTED_AT + later:%Y%m%d%H%M%S.%f}+000"
    process = f"P 432 56 victim.exe 8 1 1 1 1 0 0 {created} 1 - - -".replace("-", "")
    lines = ("H 1 134118000000000000 10.0 5.1", process, "E 1", "")
    records = "\n".join(lines).replace(" ", "\t").encode()
    watched = watch(*ALIVE) + records + b"==hostprobe:powershell:0==\r\n"
    plan = plan_for(replace(VICTIM, started_at=STARTED_AT))
    told = outcome.read(answer("killed", watched=watched), plan)
    assert told.notes == ()
    assert verdict(told) is expected
    assert [respawn.process.pid for respawn in told.respawned] == (
        [432] if expected is Verdict.KILLED else []
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("0", "128"), 0),
        (("128", "128"), 1),
        (("0", "1"), 4),
        (("1", "other"), 6),
    ],
)
def test_several_victims_have_one_exit_code(words: tuple[str, str], code: int) -> None:
    """The gravest decides; what went with its parent does not count against a kill."""
    plan = plan_for(VICTIM, Process(pid=433, name="child.exe"))
    alive = (*OTHERS, (432, "victim.exe"), (433, "child.exe"))
    left = tuple(
        process for process, word in zip(alive[-2:], words, strict=True) if word not in {"0", "128"}
    )
    lines = b"".join(
        b"==hostprobe:kill:%d:%s==\r\n" % (pid, word.encode())
        for pid, word in zip((432, 433), words, strict=True)
    )
    data = answer("0", before=alive, watched=watch(*OTHERS, *left))
    told = outcome.read(data.replace(b"==hostprobe:kill:432:0==\r\n", lines), plan)
    assert told.exit_code == code


@pytest.mark.parametrize("marker", [b"==hostprobe:kill", b"==hostprobe:after=="])
def test_cut_before_anyone_saw_it_gone(marker: bytes) -> None:
    """What was not seen to the end is unknown, which is a failure and not a success."""
    data = answer("0")
    error = ConnectionLostError("pc7: the connection broke")
    told = outcome.read(data[: data.index(marker)], PLAN, error=error)
    assert (verdict(told), told.exit_code, told.error) == (Verdict.UNKNOWN, 4, error)


def test_cut_during_the_watch() -> None:
    """A process that was gone right after is killed; a note says that the watch is missing."""
    told = outcome.read(answer("0", watched=b""), PLAN)
    assert verdict(told) is Verdict.KILLED
    assert any("watch" in note for note in told.notes)


def test_cut_while_it_was_ending() -> None:
    """A process that was still listed right after may have ended since."""
    told = outcome.read(answer("0", after=ALIVE, watched=b""), PLAN)
    assert verdict(told) is Verdict.UNKNOWN


def test_names_in_the_hosts_code_page() -> None:
    """The lists are read in the code page that the host states."""
    plan = plan_for(Process(pid=432, name="\u00fcber.exe", started_at=STARTED_AT))
    told = answer("kept", after=(*OTHERS, (432, "X.exe")), watched=b"")
    data = told.replace(b"437", b"850").replace(b"victim.exe", "\u00fcber.exe".encode("cp850"))
    assert verdict(outcome.read(data, plan)) is Verdict.GONE


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_any_answer_has_an_outcome(noise: bytes, place: int) -> None:
    """Garbage anywhere in an answer raises nothing but a guard's refusal."""
    data = answer("0")
    try:
        told = outcome.read(data[:place] + noise + data[place:], PLAN)
    except GuardError:
        return
    assert len(told.fates) == 1


@given(st.integers(0, len(answer("0"))))
def test_a_cut_answer_never_claims_too_much(length: int) -> None:
    """However short it is cut, killed is said only after a whole list without the victim."""
    data = answer("0")[:length]
    told = outcome.read(data, PLAN)
    seen_gone = b"==hostprobe:after==" in data
    assert verdict(told) is (Verdict.KILLED if seen_gone else Verdict.UNKNOWN)
