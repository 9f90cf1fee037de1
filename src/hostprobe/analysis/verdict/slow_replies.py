"""Was an answer slow? The host's to a call, or the program's, without the time of the way."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._finding import (
    Evidence,
    Finding,
    Question,
    Scene,
    asked,
    request,
    seconds,
    shown,
)

SLOW_S: Final = 2.0
"""From here on a person waits."""

ROUND_TRIPS: Final = 10
"""On a long way a reply may take longer."""


def _ask(seen: Conversation, _scene: Scene) -> Finding | None:
    return _late(seen) or _slow(seen)


def _late(seen: Conversation) -> Finding | None:
    """Whether the call was answered only when it had been repeated."""
    call, answer = seen.asker.syn, seen.giver.syn
    if not call or not answer or seen.asker.syns < 2 or answer.at - call.at <= SLOW_S:
        return None
    waited = seconds(answer.at - call.at)
    evidence = shown(call, "the client calls (SYN)") + shown(answer, f"the answer, {waited} later")
    words = {"tries": str(seen.asker.syns), "waited": waited}
    return Finding("answered_late", words, evidence)


def _slow(seen: Conversation) -> Finding | None:
    if seen.talk is None or seen.asker.unseen or seen.giver.missing:
        return None
    limit_s = max(SLOW_S, ROUND_TRIPS * seen.rtt_s)
    slow = [one for one in seen.talk.slowest if one.answering_s > limit_s]
    if not slow:
        return None
    worst = max(slow, key=lambda one: one.answering_s)
    evidence = tuple(
        part
        for one in slow
        for part in (
            asked(one),
            Evidence(one.reply.frame if one.reply else 0, f"reply after {seconds(one.waited_s)}"),
        )
    )
    way_s = worst.waited_s - worst.answering_s
    words = {
        "request": request(worst),
        "waited": seconds(worst.waited_s),
        "way": seconds(way_s),
        "server": seconds(worst.answering_s),
        "limit": seconds(limit_s),
    }
    return Finding("slow", words, evidence)


QUESTION: Final = Question(ask=_ask)
