"""Did a side stop reading? Its window was closed: TCP lives, what should read from it does not."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._finding import Finding, Question, Scene, seconds, shown
from hostprobe.analysis.verdict._side import Side

STOPPED_S: Final = 2.0
"""A window that was closed for longer in total is no pause."""


def _ask(seen: Conversation, scene: Scene) -> Finding | None:
    for name, side, other in (
        ("server", seen.giver, seen.asker),
        ("client", seen.asker, seen.giver),
    ):
        total_s = closed_s(side, other, scene)
        if total_s > STOPPED_S:
            first = shown(side.closed_first, f"the {name} takes no more (window 0)")
            ended = side.reset and side.resets and not side.fin
            last = shown(side.reset, f"the {name} ends it with a reset") if ended else ()
            return Finding("window", {"who": name, "closed": seconds(total_s)}, first + last)
    return None


def closed_s(side: Side, other: Side, scene: Scene) -> float:
    """How long a side took nothing: to the end of the capture, or until the other gave up."""
    since = side.closed_since
    if since is None or side.fin:
        return side.closed_s
    until = other.reset.at if other.reset else scene.ends_at
    return side.closed_s + max(0.0, until - since.at)


def both_closed_s(seen: Conversation, scene: Scene) -> float:
    """How long either side took nothing."""
    asker, giver = seen.asker, seen.giver
    return closed_s(asker, giver, scene) + closed_s(giver, asker, scene)


def _ruled_out(seen: Conversation) -> str | None:
    if not seen.is_tcp:
        return None
    return f"a closed window ({seconds(seen.asker.closed_s + seen.giver.closed_s)})"


QUESTION: Final = Question(ask=_ask, ruled_out=_ruled_out)
