"""Whether a host went down and came back, from what its port did."""

from datetime import timedelta

import pytest
from tests.unit.actions._shutdown.said import at

from hostprobe.actions._shutdown.outcome import ShutdownOutcome, Verdict
from hostprobe.actions._shutdown.request import Verb
from hostprobe.actions._shutdown.watch import Watched, came_back, found_again, not_back, went_down
from hostprobe.models import Process

ACCEPTED = ShutdownOutcome(
    host_name="PC7", verb=Verb.REBOOT, verdict=Verdict.ACCEPTED, code=0, detail="in 20 seconds"
)
BOOT = at(2024, 1, 30, 11)


def heard(looks: str) -> Watched:
    """A host whose port answered (+) or was silent (-), one look a second."""
    host = Watched()
    for second, look in enumerate(looks):
        host.hear(float(second), answers=look == "+")
    return host


@pytest.mark.parametrize(
    ("looks", "down_at"),
    [
        ("++", None),
        ("+-+-+", None),
        ("+--", 1.0),
        ("---+", 0.0),
        ("+--+--", 1.0),
    ],
)
def test_going_down(looks: str, down_at: float | None) -> None:
    """One silent look is no proof; a host is down since the first of two."""
    assert heard(looks).down_at == down_at


def test_coming_back() -> None:
    """A host is back when it was started since; without times, when it was seen down."""
    seen, unseen = heard("--+"), heard("+")
    later = BOOT + timedelta(minutes=3)
    assert unseen.is_back(BOOT, later)
    assert not seen.is_back(BOOT, BOOT + timedelta(seconds=2))
    assert not seen.is_back(BOOT, BOOT - timedelta(days=1))
    assert seen.is_back(None, later)
    assert seen.is_back(BOOT, None)
    assert not unseen.is_back(None, later)


def test_down_in_words() -> None:
    """Who went down is told with when; who did not is a failure."""
    down = went_down(ACCEPTED, 31.2, 600)
    assert (down.verdict, down.exit_code) == (Verdict.WENT_DOWN, 0)
    assert down.detail == "it is down: it stopped answering 31 s after it was told"
    up = went_down(ACCEPTED, None, 600)
    assert (up.verdict, up.exit_code) == (Verdict.STILL_UP, 4)
    assert up.detail == "it took the order, and still answers, or again, 10 min after its time"


def test_back_in_words() -> None:
    """Who is back is told with the time of the boot; who is not, with the last reason."""
    back = came_back(ACCEPTED, BOOT, 95)
    assert (back.verdict, back.exit_code) == (Verdict.CAME_BACK, 0)
    assert (
        back.detail == "it is back after 95 s, started anew: 2024-01-30 11:00:00 UTC by its clock"
    )
    assert "when is unknown" in came_back(ACCEPTED, None, 95).detail
    gone = not_back(went_down(ACCEPTED, 30, 600), 600, "pc7: no answer")
    assert (gone.verdict, gone.exit_code) == (Verdict.NOT_BACK, 4)
    assert gone.detail == "it went down, and is not back 10 min after its time (pc7: no answer)"
    same = not_back(went_down(ACCEPTED, None, 600), 600, "")
    assert (same.verdict, same.exit_code) == (Verdict.NOT_RESTARTED, 4)


def test_an_image_that_is_looked_for() -> None:
    """Whether a process runs again is told with its PIDs, or that nobody knows."""
    found = (Process(pid=44, name="evil.exe"), Process(pid=48, name="evil.exe"))
    assert found_again(ACCEPTED, "evil.exe", found).recheck == "evil.exe runs again (PID 44, 48)"
    assert found_again(ACCEPTED, "evil.exe", ()).recheck == "evil.exe does not run now"
    unknown = found_again(ACCEPTED, "evil.exe", None)
    assert str(unknown.recheck).startswith("whether evil.exe runs is unknown")
    assert unknown.detail == ACCEPTED.detail
