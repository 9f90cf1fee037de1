"""What is about to be done, and whom it hits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.actions._shutdown.said import ANNA, BEN, HEADER, look, looked, planned, session

from hostprobe.actions._shutdown.plan import (
    ShutdownPlan,
    delay_now,
    draw,
    is_dangerous,
    plan,
    review,
)
from hostprobe.actions._shutdown.request import Reason, ShutdownRequest, Verb
from hostprobe.actions._shutdown.users import UserSession
from hostprobe.errors import GuardError, InputFileError, NothingMatchedError, UsageError


@pytest.mark.parametrize(("asked_s", "delay_s"), [(0, 10), (9, 10), (10, 10), (20, 20), (300, 300)])
def test_the_least_delay(asked_s: int, delay_s: int) -> None:
    """Nothing goes down before our service and file have left."""
    found = planned(ShutdownRequest(delay_s=asked_s))
    assert (found.delay_s, found.due_at, delay_now(found)) == (delay_s, None, delay_s)


@pytest.mark.parametrize(
    ("clock", "delay_s"),
    [("09:06", 27), ("9:05", 86400 - 33), ("23:30", 51867), ("09:05", 86400 - 33)],
)
def test_a_time_of_day_is_the_hosts(clock: str, delay_s: int) -> None:
    """--at is by the host's own clock, today or tomorrow."""
    found = planned(ShutdownRequest(at=clock))
    assert found.delay_s == delay_s
    assert found.due_at == found.collected_at + timedelta(seconds=delay_s)


def test_a_time_of_day_that_is_near() -> None:
    """A time in five seconds is put off to the least delay."""
    found = planned(ShutdownRequest(at="9:05"), looked(clock=" 9:04:55.00"))
    assert found.delay_s == 10


def test_the_delay_shrinks_while_a_person_thinks() -> None:
    """What is told to the host is what is left until the time."""
    found = planned(ShutdownRequest(at="23:30"))
    later = replace(found, due_at=datetime.now(UTC) + timedelta(seconds=100.4))
    assert delay_now(later) == 100
    assert delay_now(replace(found, due_at=datetime.now(UTC) + timedelta(seconds=3))) == 10
    with pytest.raises(GuardError, match=r"PC7: 23:30 is over there; nothing was done"):
        delay_now(replace(found, due_at=datetime.now(UTC) - timedelta(seconds=11)))


def test_a_host_without_a_clock() -> None:
    """--at needs the host's time, and --in is the way out."""
    with pytest.raises(GuardError, match=r"PC7: the host does not tell its time.*use --in"):
        planned(ShutdownRequest(at="23:30"), looked(clock="soon"))


def test_a_nap_that_is_too_far_away() -> None:
    """No process of ours waits on a host for hours."""
    with pytest.raises(GuardError, match="PC7: 23:30 is too far away there"):
        planned(ShutdownRequest(verb=Verb.SUSPEND, at="23:30"))


def test_sessions_that_somebody_is_connected_to() -> None:
    """Without --session all of these are meant."""
    found = planned(ShutdownRequest(verb=Verb.LOG_OFF))
    assert [session.user for session in found.sessions] == ["anna"]
    assert found.delay_s == 0


def test_sessions_that_are_named() -> None:
    """--session means those, connected or not, and all of them must be there."""
    found = planned(ShutdownRequest(verb=Verb.LOG_OFF, sessions=(3,)))
    assert [session.user for session in found.sessions] == ["ben"]
    with pytest.raises(NothingMatchedError, match="PC7: nobody is logged on in session 2, 7"):
        planned(ShutdownRequest(verb=Verb.LOG_OFF, sessions=(7, 3, 2)))


@pytest.mark.parametrize("users", ["No User exists for *\r\n", HEADER + BEN])
def test_nobody_to_lock(users: str) -> None:
    """Where nobody is connected there is nothing to do."""
    with pytest.raises(NothingMatchedError, match="PC7: nobody is logged on and connected"):
        planned(ShutdownRequest(verb=Verb.LOCK), looked(users=users))


def test_unknown_users_are_left_alone() -> None:
    """Nobody's session is touched where it is unknown whose it is."""
    with pytest.raises(GuardError, match=r"who is logged on is unknown .*no quser.exe"):
        planned(ShutdownRequest(verb=Verb.LOCK), looked(users="", users_code="none"))


def test_danger() -> None:
    """A domain controller that goes down is dangerous; one whose users are locked is not."""
    assert is_dangerous(planned(data=looked(ntds="0")))
    assert not is_dangerous(planned())
    assert not is_dangerous(planned(data=looked(ntds="5")))
    seen = look(Verb.LOCK, looked(ntds="0", users=HEADER + ANNA))
    assert not is_dangerous(draw(seen, ShutdownRequest(verb=Verb.LOCK)))


def test_a_plan_reads_only_once() -> None:
    """One run makes the plan; what cannot be meant asks nobody."""
    host = session(looked())
    assert plan(host, ShutdownRequest(), timeout_s=5).host_name == "PC7"
    assert len(host.asked) == 1
    with pytest.raises(UsageError):
        plan(host, ShutdownRequest(at="x"), timeout_s=5)
    assert len(host.asked) == 1


def test_a_plan_of_a_file() -> None:
    """What could have been made is accepted, for the host, for users, with a time."""
    review(planned(), "x")
    review(planned(ShutdownRequest(verb=Verb.LOCK)), "x")
    review(planned(ShutdownRequest(verb=Verb.ABORT)), "x")
    review(planned(ShutdownRequest(at="23:30", message="so long")), "x")


@pytest.mark.parametrize(
    "change",
    [
        {"due_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"delay_s": 600},
        {"clock_s": 84000},
        {"clock_s": None},
        {"clock_s": 32733 + 86400},
        {"request": ShutdownRequest(at="23:50")},
    ],
)
def test_a_plan_whose_times_do_not_fit(change: dict[str, object]) -> None:
    """The time that a person is shown is the one at which it is done."""
    plan = replace(planned(ShutdownRequest(at="23:30")), **change)  # type: ignore[arg-type] # each of its own kind
    with pytest.raises(InputFileError, match=r"x\.(delay_s or due_at|clock_s) is none"):
        review(plan, "x")


ANN = UserSession(user="ann", id=1, name="console", state="Active")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"host_name": 'a" & calc'}, "x.host_name is none"),
        ({"delay_s": 5}, "x.delay_s or due_at is none"),
        ({"delay_s": 3600}, "x.delay_s or due_at is none"),
        ({"delay_s": -5}, "30 days at most"),
        ({"delay_s": 1 << 40}, "30 days at most"),
        ({"due_at": datetime(2030, 1, 1, tzinfo=UTC)}, "x.delay_s or due_at is none"),
        ({"sessions": (ANN,)}, "x.sessions is none"),
        ({"request": ShutdownRequest(reason=Reason("p", 1000, 1))}, "x: --reason p:1000:1"),
        ({"request": ShutdownRequest(message="a\nb")}, "x: --message must be one line"),
        ({"request": ShutdownRequest(at="1:00 & calc")}, "x: --at"),
        ({"request": ShutdownRequest(verb=Verb.LOCK), "delay_s": 0}, "x.sessions is none"),
        (
            {
                "request": ShutdownRequest(verb=Verb.LOCK),
                "delay_s": 0,
                "sessions": (replace(ANN, id=70000),),
            },
            "x.sessions is none",
        ),
    ],
)
def test_a_plan_that_nobody_made(change: dict[str, object], why: str) -> None:
    """What no plan can hold is refused, with its field."""
    plan = replace(planned(), **change)  # type: ignore[arg-type] # each of its own kind
    with pytest.raises(InputFileError, match=why):
        review(plan, "x")


def earlier(plan: ShutdownPlan, by: timedelta) -> ShutdownPlan:
    """The plan as if it had been made so long before."""
    assert plan.due_at
    return replace(plan, collected_at=plan.collected_at - by, due_at=plan.due_at - by)


def test_a_plan_whose_time_is_over() -> None:
    """A plan for a time that is over is not carried out."""
    plan = planned(ShutdownRequest(at="23:30"))
    with pytest.raises(GuardError, match="is over there"):
        review(earlier(plan, timedelta(seconds=plan.delay_s + 60)), "x")
