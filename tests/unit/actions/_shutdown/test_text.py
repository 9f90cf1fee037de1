"""A plan and an outcome in lines for a person."""

from dataclasses import replace

from tests.unit.actions._shutdown.said import HEADER, looked, planned

from hostprobe.actions._shutdown.outcome import ShutdownOutcome, Verdict
from hostprobe.actions._shutdown.request import ShutdownRequest, Verb
from hostprobe.actions._shutdown.text import describe, report
from hostprobe.errors import ConnectionLostError


def told(request: ShutdownRequest, data: bytes | None = None) -> str:
    """The plan in one text."""
    return "\n".join(describe(planned(request, data)))


def test_a_shutdown_in_full() -> None:
    """The plan tells when, how, why, what the host is, since when it runs, and whom it hits."""
    text = told(ShutdownRequest(message="so long"), looked(ntds="0"))
    assert "host        PC7, asked " in text
    assert "to do       shut down, 20 s after the host is told\n" in text
    assert "programs are closed by force" in text
    assert "reason      p:5:19 (planned, security issue)" in text
    assert "message     so long" in text
    assert "role        domain controller" in text
    assert "up          for 1 d 1 h, since 2024-01-30 11:00:00 UTC" in text
    assert "anna (session 1, console, Active), ben (session 3, disconnected, Disc)" in text
    assert "WARNING     a DOMAIN CONTROLLER" in text
    assert "WARNING     anna, ben are logged on: unsaved work will be lost" in text


def test_what_is_unknown() -> None:
    """What the host did not tell is said to be unknown."""
    text = told(ShutdownRequest(), looked(users="", users_code="none", ntds="5", boot=""))
    assert "role        unknown" in text
    assert "up          since when is unknown" in text
    assert "logged on   unknown" in text
    assert "note        this edition of Windows has no quser.exe" in text
    assert "WARNING" not in text


def test_a_time_of_day() -> None:
    """--at tells the host's own clock, and how long that is."""
    text = told(ShutdownRequest(at="23:30"))
    assert "at 23:30 by the host's clock, which showed 09:05: in 14 h 24 min" in text


def test_the_least_delay_is_explained() -> None:
    """A delay that was put up is explained."""
    assert "10 s after the host is told (no sooner: our service" in told(ShutdownRequest(delay_s=0))


def test_a_nap() -> None:
    """What waits on the host is said, and that --abort does not end it."""
    text = told(ShutdownRequest(verb=Verb.HIBERNATE))
    assert "a process of ours waits there, which --abort does not end" in text
    assert "WARNING" not in text
    text = told(ShutdownRequest(verb=Verb.SUSPEND), looked(boot=""))
    assert "WARNING     PowerShell, which starts it there, told nothing" in text


def test_sessions() -> None:
    """Whose sessions are meant is said, and nothing of the host's role."""
    text = told(ShutdownRequest(verb=Verb.LOG_OFF))
    assert "sessions    anna (session 1, console, Active)" in text
    assert "ben" not in text
    assert "role" not in text


def test_an_abort() -> None:
    """Taking a shutdown back needs no more than the host's name."""
    assert len(describe(planned(ShutdownRequest(verb=Verb.ABORT)))) == 2


def test_many_users() -> None:
    """Of many users some are named, the others counted."""
    rows = "".join(
        f" user{number:<17}rdp-tcp#{number:<10}{number:>3}  Active      none   x\r\n"
        for number in range(1, 13)
    )
    text = told(ShutdownRequest(), looked(users=HEADER + rows))
    assert "user10 (session 10, rdp-tcp#10, Active) and 2 more" in text
    assert "user10, ... are logged on: unsaved" in text
    assert all(len(line) <= 412 for line in text.splitlines())


def test_an_outcome() -> None:
    """What came of it, what else is to be said, and what cut the answer."""
    outcome = ShutdownOutcome(
        host_name="PC7", verb=Verb.LOCK, verdict=Verdict.DONE, code=0, detail="done", notes=("so",)
    )
    assert report(outcome) == ("PC7: done", "PC7: so")
    assert report(replace(outcome, recheck="x runs"))[1] == "PC7: x runs"
    cut = replace(outcome, error=ConnectionLostError("pc7: lost"), detail="x" * 500)
    assert report(cut)[2] == "pc7: lost"
    assert len(report(cut)[0]) == 405
