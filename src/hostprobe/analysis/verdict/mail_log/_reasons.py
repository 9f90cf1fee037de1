"""What was joined, and by which clocks, or why nothing was, in a sentence."""

from typing import Final

from hostprobe.analysis.verdict._finding import seconds
from hostprobe.analysis.verdict.mail_log._candidates import Candidates
from hostprobe.analysis.verdict.mail_log._ends import end
from hostprobe.analysis.verdict.mail_log._joining import Joined, NotJoined

_HOUR_S: Final = 3600.0
_ABOUT_S: Final = 300.0
_ROUNDED_S: Final = 120.0  # from here on seconds alone are hard to read


def clocks(found: Joined) -> str:
    """How many conversations are in the log, and the difference of the clocks."""
    count, clock = len(found.pairs), found.clock
    many = "1 conversation" if count == 1 else f"{count:,} conversations"
    are = "is" if count == 1 else "are"
    by = "found by 1 session"
    if clock.sessions > 1:
        by = (
            f"the median of {clock.sessions:,} sessions, from {clock.least_s:.3f} to"
            f" {clock.most_s:.3f} s"
        )
    return (
        f"{many} of the capture {are} in it; its clock is {ahead(clock.ahead_s)} the capture's"
        f" ({by})"
    )


def reason(candidates: Candidates, found: NotJoined) -> str:
    """Why nothing was joined, and what can be done."""
    if not candidates.sessions:
        return "there is no session in it"
    if not candidates.verdicts:
        return "the capture has no conversation"
    if found.nearest_s is None:
        return _other_ends(candidates)
    if len(found.doubt.choices) > 1:
        choices = " or ".join(f"{ahead(choice)} the capture's" for choice in found.doubt.choices)
        return (
            f"it is ambiguous: sessions have the same ports and would fit if its clock were"
            f" {choices}; --skew SECONDS tells which"
        )
    return (
        f"the nearest session with the same ports is {distance(found.nearest_s)}"
        f"{_zone(found.nearest_s)}; where its clock is so wrong, --skew {found.nearest_s:.0f} joins"
        " them"
    )


def distance(ahead_s: float) -> str:
    """So much later or earlier, by the two clocks."""
    return f"{seconds(abs(ahead_s))} {'later' if ahead_s >= 0 else 'earlier'}"


def ahead(ahead_s: float) -> str:
    """So much ahead of something, or behind it."""
    far_s = abs(ahead_s)
    rounded = f" ({seconds(far_s)})" if far_s >= _ROUNDED_S else ""
    return f"{far_s:.3f} s{rounded} {'ahead of' if ahead_s >= 0 else 'behind'}"


def _zone(ahead_s: float) -> str:
    """Whether it looks like a time zone: whole hours."""
    hours = round(ahead_s / _HOUR_S)
    is_zone = 1 <= abs(hours) <= 14 and abs(ahead_s - hours * _HOUR_S) <= _ABOUT_S
    return " (a wrong time zone?)" if is_zone else ""


def _other_ends(candidates: Candidates) -> str:
    times = _times(candidates)
    if candidates.elsewhere:
        ends = (end(candidates.elsewhere.local) or ("?", 0))[0], candidates.elsewhere.peer
        return (
            f"a session has the ports of a conversation, and other addresses ({ends[0]} and"
            f" {ends[1]}): another server, or NAT between them{times}"
        )
    return f"no session has the ports of a conversation of the capture{times}"


def _times(candidates: Candidates) -> str:
    """How the times of both lie to each other."""
    gap_s = candidates.gap_s
    if gap_s > 0:
        return f"; the log begins {seconds(gap_s)} after the capture{_zone(gap_s)}"
    if gap_s < 0:
        return f"; the log ends {seconds(-gap_s)} before the capture{_zone(gap_s)}"
    return "; their times overlap"
