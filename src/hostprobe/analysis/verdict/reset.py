"""Was the connection reset in the middle of something, and by whom?"""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._exchange import Exchange
from hostprobe.analysis.verdict._finding import Finding, Question, Scene, seconds, shown
from hostprobe.analysis.verdict._side import Mark, Side
from hostprobe.analysis.verdict._smtp import Smtp
from hostprobe.analysis.verdict.window import STOPPED_S, closed_s

IDLE_S: Final = 60.0
"""After so long without a word some firewalls and load balancers forget a connection."""


def _ask(seen: Conversation, scene: Scene) -> Finding | None:
    if not seen.is_tcp or (seen.giver.syn is None and seen.asker.syn):
        return None
    for who, side in (("server", seen.giver), ("client", seen.asker)):
        if side.reset and _is_in_the_middle(seen, side, scene, who):
            return _found(seen, who, side, side.reset)
    return None


def _is_in_the_middle(seen: Conversation, side: Side, scene: Scene, who: str) -> bool:
    assert side.reset  # noqa: S101 - seen by the caller
    other = seen.asker if who == "server" else seen.giver
    has_gone = other.leaves_before(side.reset) or side.is_alive_after(side.reset)
    if side.fin or has_gone or closed_s(side, other, scene) > STOPPED_S:
        return False  # somebody had said good-bye; or it went on; or its window tells more
    if who == "client":
        return _is_strange(side) and _pending(seen) is not None
    if _pending(seen):
        return True
    if isinstance(seen.talk, Smtp) and seen.talk.in_message and not seen.hole:
        return True
    return _has_unanswered(seen)


def _pending(seen: Conversation) -> Exchange | None:
    """What the client still waited for, as far as the capture can tell."""
    is_whole = not (seen.hole or seen.cut_frames)
    return seen.talk.awaited if seen.talk and is_whole and not seen.is_opaque else None


def _has_unanswered(seen: Conversation) -> bool:
    """Whether, where replies cannot be read, the client spoke last."""
    if seen.talk and not seen.is_opaque:
        return False
    asked, given = seen.asker.last_payload, seen.giver.last_payload
    return asked is not None and (given is None or given.at < asked.at)


def _is_strange(side: Side) -> bool:
    """Whether the reset came another way than what the side itself sent."""
    return bool(side.hops and side.reset_hops and side.reset_hops not in side.hops)


def _found(seen: Conversation, who: str, side: Side, reset: Mark) -> Finding:
    waiting = _pending(seen)
    if waiting:
        pending = f"the client waited for the reply to {waiting.name}"
    elif isinstance(seen.talk, Smtp) and seen.talk.in_message:
        pending = "the message was on its way"
    else:
        pending = "what the client had sent was unanswered"
    idle_s = seen.asker.spoke_after_s
    if idle_s >= IDLE_S:
        pending += f", after {seconds(idle_s)} of silence, in which a connection may be forgotten"
    last = waiting.asked if waiting else seen.asker.last_payload
    asked = shown(last, f"{waiting.name} is sent" if waiting else "the last that the client sent")
    code = "reset_on_the_way" if _is_strange(side) else "reset"
    text = f"reset (RST) in the {who}'s name, with {side.reset_hops} hops left"
    hops = " or ".join(map(str, sorted(side.hops)))
    own = f"; the {who}'s own frames have {hops}" if _is_strange(side) else ""
    return Finding(code, {"who": who, "pending": pending}, (*asked, *shown(reset, text + own)))


def _ruled_out(seen: Conversation) -> str | None:
    if not seen.is_tcp:
        return None
    resets = seen.asker.resets + seen.giver.resets
    return f"a reset as the cause ({resets}, at the end)" if resets else "a reset (none)"


QUESTION: Final = Question(ask=_ask, ruled_out=_ruled_out)
