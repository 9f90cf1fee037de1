"""Does the way lose packets? By the time that was lost, not by the number of packets."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._finding import Finding, Question, Scene, seconds, shown
from hostprobe.analysis.verdict._side import Side

STALLED_S: Final = 3.0
"""From so much waiting for lost packets on, a person notices."""

TRIES: Final = 3
"""So often the same bytes were sent again without an answer."""


def _ask(seen: Conversation, _scene: Scene) -> Finding | None:
    for name, side, other in (
        ("client", seen.asker, seen.giver),
        ("server", seen.giver, seen.asker),
    ):
        is_open = other.closed_since is None and other.reset is None
        if side.stuck >= TRIES and is_open:
            return _stalled(seen) if side.is_heard_since(other) else _silent(name, side)
    if stalled_s(seen) < STALLED_S or is_doubled(seen):
        return None
    return _stalled(seen)


def stalled_s(seen: Conversation) -> float:
    """How long nobody spoke until what was lost was sent again."""
    return seen.asker.stalled_s + seen.giver.stalled_s


def is_doubled(seen: Conversation) -> bool:
    """Whether most of what seems to be sent again is the capture's own doing."""
    doubles = seen.asker.doubles + seen.giver.doubles
    return doubles * 2 > seen.asker.resent + seen.giver.resent


def _silent(name: str, side: Side) -> Finding:
    other = "server" if name == "client" else "client"
    first = shown(side.stuck_since, f"the {name} sends {side.stuck_bytes:,} bytes again")
    last = shown(side.stuck_last, f"the last of {side.stuck} times; the {other} took none of them")
    return Finding("silence", {"who": name, "other": other, "tries": str(side.stuck)}, first + last)


def _stalled(seen: Conversation) -> Finding:
    worst = max(("client", seen.asker), ("server", seen.giver), key=lambda one: one[1].stalled_s)
    side = worst[1]
    text = f"sent again by the {worst[0]} after {seconds(side.longest_stall_s)}, the longest wait"
    resent = seen.asker.resent + seen.giver.resent
    words = {"stalled": seconds(stalled_s(seen)), "resent": str(resent)}
    return Finding("loss", words, shown(side.stall, text))


def _ruled_out(seen: Conversation) -> str | None:
    if not seen.is_tcp:
        return None
    resent = seen.asker.resent + seen.giver.resent
    if is_doubled(seen):
        doubles = seen.asker.doubles + seen.giver.doubles
        return f"lost packets ({doubles} of {resent} resent ones are in the capture twice)"
    return f"lost packets ({resent} resent, {seconds(stalled_s(seen))} waited for them)"


QUESTION: Final = Question(ask=_ask, ruled_out=_ruled_out)
