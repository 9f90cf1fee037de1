"""A plan and its outcome as a person reads them."""

from dataclasses import replace
from datetime import UTC, datetime

from hostprobe.actions.kill import (
    Fate,
    KillOutcome,
    KillPlan,
    KillRequest,
    Respawn,
    Verdict,
    Victim,
    describe,
    report,
)
from hostprobe.errors import ConnectionLostError
from hostprobe.models import Connection, Endpoint, Process

PROCESS = Process(
    pid=432,
    name="victim.exe",
    parent_pid=300,
    started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    path=r"C:\Temp\victim.exe",
    services=("Updater",),
)
LISTENER = Connection(
    protocol="tcp",
    local=Endpoint("fe80::1", 5800),
    remote=Endpoint(None, None),
    state="LISTENING",
    listening=True,
    pid=432,
)
VICTIM = Victim(process=PROCESS, parent=None, connections=(LISTENER,))
PLAN = KillPlan(
    request=KillRequest(pid=432),
    host_name="PC7",
    collected_at=datetime(2026, 1, 2, 4, 0, tzinfo=UTC),
    process_source="powershell",
    identity="full",
    victims=(VICTIM,),
    notes=(),
)
OUTCOME = KillOutcome(
    host_name="PC7",
    identity="full",
    fates=(Fate(pid=432, name="victim.exe", verdict=Verdict.KILLED, detail="killed"),),
    respawned=(),
)


def text_of(plan: KillPlan) -> str:
    """The plan as one text."""
    return "\n".join(describe(plan))


def test_a_plan_says_who_where_and_what() -> None:
    """Host, identity, process, path, services, its parent's PID and its connections are there."""
    text = text_of(PLAN)
    for part in ("PC7", "full", "432 victim.exe", r"C:\Temp\victim.exe", "Updater", "300 (ended)"):
        assert part in text
    assert "tcp [fe80::1]:5800 -> *:* LISTENING" in text
    assert "2026-01-02 03:04:05 UTC" in text


def test_a_name_only_identity_is_told() -> None:
    """A plan without start times says so."""
    assert "name only" in text_of(replace(PLAN, identity="name only"))


def test_connections_are_bounded_with_a_count() -> None:
    """Of many connections some are shown, and all are counted."""
    many = replace(VICTIM, connections=(LISTENER,) * 25)
    lines = describe(replace(PLAN, victims=(many,)))
    shown = [line for line in lines if "5800" in line]
    assert 0 < len(shown) < 25
    assert any(line.split() == ["connections", "25"] for line in lines)
    assert any(f"and {25 - len(shown)} more" in line for line in lines)


def test_a_long_command_line_is_bounded() -> None:
    """No text of the host makes a line without end."""
    long = replace(PROCESS, command_line="x" * 100_000)
    lines = describe(replace(PLAN, victims=(replace(VICTIM, process=long),)))
    assert max(map(len, lines)) < 500


def test_a_report_names_each_process() -> None:
    """Each fate is a line with host, PID and image."""
    assert report(OUTCOME) == ("PC7: PID 432 (victim.exe): killed",)


def test_a_respawn_is_told_with_parent_and_service() -> None:
    """What came back is named with its new PID, who started it and for which service."""
    back = Respawn(
        process=replace(PROCESS, pid=999), parent=Process(pid=56, name="guard.exe"), running=True
    )
    line = report(replace(OUTCOME, respawned=(back,)))[-1]
    for part in ("999", "56 guard.exe", "Updater"):
        assert part in line
    assert "ended again" not in line
    assert "ended again" in report(replace(OUTCOME, respawned=(replace(back, running=False),)))[-1]


def test_a_cut_answer_is_told() -> None:
    """The error that cut the answer has the last line."""
    error = ConnectionLostError("pc7: the connection broke")
    assert report(replace(OUTCOME, error=error))[-1] == "pc7: the connection broke"
