"""Which leftovers go, which are left alone, and what is written down of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.littered import STRANGERS, leftover, littered

from hostprobe.actions import cleanup
from hostprobe.actions._leftovers import draw, in_words, spared_because
from hostprobe.actions.cleanup import Audit, CleanupRequest, Verdict
from hostprobe.errors import (
    DeadlineError,
    GuardError,
    HostprobeError,
    JournalError,
    NothingMatchedError,
)
from hostprobe.transport.base import Leftover, Remains
from hostprobe.transport.scripted import ScriptedSession

REQUEST, INSISTS, LISTS = CleanupRequest(), CleanupRequest(running=True), CleanupRequest(lists=True)


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """An audit file of its own."""
    return Audit(path=tmp_path / "audit.jsonl", action="cleanup", target="web01", account="ana")


def events(audit: Audit) -> list[str]:
    """What the audit file has, in order."""
    return [json.loads(line)["event"] for line in audit.path.read_text().splitlines()]


@pytest.mark.parametrize(
    "found",
    [
        leftover(age_s=600),
        leftover(state=None, age_s=600),
        leftover(files=(), age_s=None),
        leftover(state="running", pid=4, age_s=1, journal="abandoned"),
        leftover(age_s=None, journal="abandoned"),
    ],
    ids=["stopped", "file alone", "service alone", "known to run", "known"],
)
def test_what_nobody_is_at_goes(found: Leftover) -> None:
    """What is stopped and old; and whatever the journal says was cut short."""
    assert spared_because(found, REQUEST) is None


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (leftover(state="running", pid=4), "it runs"),
        (leftover(state="starting"), "it runs"),
        (leftover(state="state 7"), "it runs"),
        (leftover(pid=4), "it runs"),
        (leftover(age_s=599), "may be new"),
        (leftover(age_s=-50), "may be new"),
        (leftover(age_s=None), "may be new"),
        (leftover(state=None, age_s=0), "may be new"),
    ],
)
def test_what_somebody_may_be_at_stays(found: Leftover, why: str) -> None:
    """What runs, what is new and what has no known age; unless the user insists."""
    assert why in (spared_because(found, REQUEST) or "")
    assert spared_because(found, INSISTS) is None


@pytest.mark.parametrize("request_", [REQUEST, INSISTS])
def test_a_run_at_work_here_stays_whatever_is_asked(request_: CleanupRequest) -> None:
    """The journal is sure of it."""
    assert "at work" in (spared_because(leftover(journal="held"), request_) or "")


def test_a_plan_has_each_in_its_place() -> None:
    """To be removed, to be forgotten, left alone, not ours."""
    goes, stays = leftover(1), leftover(2, state="running")
    gone = leftover(3, state=None, files=(), age_s=None, journal="abandoned")
    plan = draw(Remains((goes, stays, gone), STRANGERS), REQUEST, host_name="WEB01")
    assert (plan.leftovers, plan.forgotten, plan.others) == ((goes,), (gone,), STRANGERS)
    assert [each.leftover for each in plan.spared] == [stays]


def test_a_clean_host_has_no_plan() -> None:
    """It is said, with how much of another PAExec is there."""
    with pytest.raises(NothingMatchedError, match=r"nothing of hostprobe's is left there$"):
        draw(Remains((), ()), REQUEST, host_name="WEB01")
    with pytest.raises(NothingMatchedError, match="another PAExec: 2, left alone"):
        draw(Remains((), STRANGERS), REQUEST, host_name="WEB01")
    with pytest.raises(NothingMatchedError):
        draw(Remains((), ()), LISTS, host_name="WEB01")


def test_a_host_where_all_may_be_in_use_is_refused_and_listed() -> None:
    """Nothing is removed there, and the reason is told; a mere list has all of it."""
    seen = Remains((leftover(state="running"),), ())
    with pytest.raises(GuardError, match="WEB01: left alone: PAExec-1-hp00000001: it runs"):
        draw(seen, REQUEST, host_name="WEB01")
    assert len(draw(seen, LISTS, host_name="WEB01").spared) == 1
    assert draw(Remains((), STRANGERS), LISTS, host_name="WEB01").others == STRANGERS


@pytest.mark.parametrize(
    ("age_s", "words"),
    [
        (None, "age unknown"),
        (-5, "less than a minute old"),
        (59, "less than a minute old"),
        (600, "10 min old"),
        (7199, "119 min old"),
        (7200, "2 h old"),
        (172_800, "2 days old"),
    ],
)
def test_an_age_in_words(age_s: float | None, words: str) -> None:
    """As exactly as a person wants to know it."""
    assert in_words(age_s) == words


def test_what_is_planned_is_removed_and_written_down(audit: Audit) -> None:
    """The intent is on the disk before the first removal, the outcome after the last."""
    session = littered(leftover(1), leftover(2), leftover(3, state="running"))
    before: list[str] = []
    session.on_removal = lambda _run: before.extend(events(audit))
    plan = cleanup.plan(session, REQUEST)
    outcome = cleanup.carry_out(session, plan, audit=audit)
    assert session.removed == [leftover(1).run, leftover(2).run]
    assert before == ["intent", "intent"]
    assert events(audit) == ["intent", "outcome"]
    verdicts = [fate.verdict for fate in outcome.fates]
    assert verdicts == [Verdict.REMOVED, Verdict.REMOVED, Verdict.IN_USE]
    assert outcome.exit_code == 6


def test_what_has_changed_since_the_plan_is_looked_at_again(audit: Audit) -> None:
    """What runs by now is left alone, what has gone is gone, and what is new is not touched."""
    session = littered(leftover(1), leftover(2))
    plan = cleanup.plan(session, REQUEST)
    session.there = (leftover(1, state="running"), leftover(4))
    outcome = cleanup.carry_out(session, plan, audit=audit)
    assert [fate.verdict for fate in outcome.fates] == [Verdict.IN_USE, Verdict.GONE]
    assert session.removed == []


def test_a_run_of_which_nothing_is_there_is_forgotten(audit: Audit) -> None:
    """It is removed all the same, as that proves it; the host is clean."""
    gone = leftover(state=None, files=(), age_s=None, journal="abandoned")
    session = littered(gone)
    outcome = cleanup.carry_out(session, cleanup.plan(session, REQUEST), audit=audit)
    assert (session.removed, outcome.exit_code) == ([gone.run], 0)
    assert outcome.fates[0].verdict is Verdict.GONE


def test_what_cannot_be_removed_is_told(audit: Audit) -> None:
    """It is left, with its names, and the exit code is that of something left behind."""
    session = littered(leftover(1), leftover(2))
    session.stays = frozenset([leftover(1).run])
    outcome = cleanup.carry_out(session, cleanup.plan(session, REQUEST), audit=audit)
    assert [fate.verdict for fate in outcome.fates] == [Verdict.LEFT, Verdict.REMOVED]
    assert outcome.fates[0].left == (f"service {leftover(1).run}",)
    assert outcome.exit_code == 7


def test_a_removal_that_is_stopped_tells_what_is_there(audit: Audit) -> None:
    """All that was not reached is left, and the outcome has the reason."""
    session = littered(leftover(1), leftover(2))
    session.fails = DeadlineError("web01: no answer in time")
    outcome = cleanup.carry_out(session, cleanup.plan(session, REQUEST), audit=audit)
    assert [fate.verdict for fate in outcome.fates] == [Verdict.LEFT, Verdict.LEFT]
    assert (outcome.error, outcome.exit_code) == (session.fails, 7)
    assert cleanup.report(outcome)[-1] == "web01: no answer in time"


def test_another_host_in_its_place_is_left_alone(audit: Audit) -> None:
    """Its name tells; the refusal is the outcome."""
    session = littered(leftover())
    plan = replace(cleanup.plan(session, REQUEST), host_name="WEB09")
    with pytest.raises(GuardError, match=r"WEB09: 10\.0\.0\.5 answers now in its place"):
        cleanup.carry_out(session, plan, audit=audit)
    assert (session.removed, events(audit)) == ([], ["intent", "outcome"])


def test_nothing_is_removed_that_cannot_be_written_down(audit: Audit) -> None:
    """Neither where the intent cannot be written; an outcome that cannot is told."""
    session = littered(leftover())
    plan = cleanup.plan(session, REQUEST)
    audit.path.mkdir()
    with pytest.raises(JournalError):
        cleanup.carry_out(session, plan, audit=audit)
    assert session.removed == []
    audit.path.rmdir()

    def full(_run: str) -> None:
        audit.path.unlink()
        audit.path.mkdir()

    session.on_removal = full
    outcome = cleanup.carry_out(session, plan, audit=audit)
    assert session.removed == [leftover().run]
    assert "the outcome is not written down" in cleanup.report(outcome)[-1]


def test_a_plan_in_lines() -> None:
    """What goes with its parts and age, what is forgotten, what stays and why, what is not ours."""
    seen = Remains(
        (
            leftover(1, state="running", pid=4711, journal="abandoned", files=(".exe", "-t.exe")),
            leftover(2, state="running"),
            leftover(3, state=None, files=(), age_s=None, journal="abandoned"),
        ),
        STRANGERS[:1],
    )
    old = "2 h old, in the journal"
    parts = "service running, process 4711, file .exe, file -t.exe"
    reason = "it runs (2 h old); in use by somebody? --running removes it"
    _host, *lines = cleanup.describe(draw(seen, REQUEST, host_name="WEB01"))
    assert lines == [
        f"remove      {leftover(1).run}: {parts}; {old}",
        f"forget      {leftover(3).run}: nothing of it is there",
        f"leave       {leftover(2).run}: {reason}",
        "not ours    service PAExec: left alone",
    ]


def test_a_long_plan_is_cut() -> None:
    """Nobody reads a thousand lines before a yes."""
    lines = cleanup.describe(draw(Remains((leftover(),) * 99, ()), REQUEST, host_name="WEB01"))
    assert (len(lines), lines[-1]) == (51, "and 50 more")


def test_a_session_that_cannot_look_is_a_bug() -> None:
    """A script without leftovers is not taken for a clean host."""
    with pytest.raises(HostprobeError, match="cannot look"):
        cleanup.plan(ScriptedSession({}), REQUEST)
