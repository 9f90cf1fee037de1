"""Did a reply never come? Silence is the server's only where nothing else explains it."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._dns import Dns
from hostprobe.analysis.verdict._exchange import Exchange
from hostprobe.analysis.verdict._finding import (
    Evidence,
    Finding,
    Question,
    Scene,
    asked,
    seconds,
    shown,
)
from hostprobe.analysis.verdict._http import Http
from hostprobe.analysis.verdict._side import Mark
from hostprobe.analysis.verdict._smtp import GREETING, MESSAGE, Smtp

PATIENCE_S: Final = 2.0
"""A client that leaves sooner has not really waited."""

END_PATIENCE_S: Final = 10.0
"""Where the capture ended and nobody has given up: a slow reply may still have come."""

_ALLOWED: Final = {GREETING: 5, "MAIL": 5, "RCPT": 5, "DATA": 2, MESSAGE: 10}
"""Minutes that RFC 5321 4.5.3.2 tells a mail client to wait, at least."""


def _ask(seen: Conversation, scene: Scene) -> Finding | None:
    if seen.talk is None or seen.is_opaque:
        return None
    waiting = seen.talk.awaited
    if waiting is None:
        return _unfinished(seen)
    if isinstance(seen.talk, Dns):
        query = (Evidence(waiting.asked.frame, waiting.name),)
        return Finding("name_asked_once", {"request": waiting.name}, query)
    limit = _limit(seen, waiting, scene)
    return limit or _silence(seen, waiting, scene)


def _unfinished(seen: Conversation) -> Finding | None:
    if isinstance(seen.talk, Smtp) and seen.talk.in_message:
        evidence = shown(seen.asker.last_payload, "the last of the message that was captured")
        return Finding("unfinished", {}, evidence)
    return None


def _limit(seen: Conversation, waiting: Exchange, scene: Scene) -> Finding | None:
    """Why the capture cannot tell whether there was a reply."""
    sent = asked(waiting)
    words = {"request": waiting.name}
    if seen.hole or (seen.talk and seen.talk.is_lost):
        told = shown(seen.hole, "bytes are spoken of here that the capture does not have")
        return Finding("capture_lost", words, (sent, *told))
    if seen.cut_frames:
        return Finding("frames_cut", words | {"count": str(seen.cut_frames)}, (sent,))
    if scene.is_cut and _given_up(seen, waiting) is None:
        return Finding("file_cut", words, (sent,))
    return _way(seen, waiting, sent)


def _way(seen: Conversation, waiting: Exchange, sent: Evidence) -> Finding | None:
    """Why a reply may have been there, or could not be expected, though the capture is whole."""
    words = {"request": waiting.name}
    spoke, again = seen.giver.last_payload, seen.asker.spurious
    if spoke and spoke.at >= waiting.asked.at and not _is_understood(seen, spoke):
        evidence = (sent, *shown(spoke, "the server says something here"))
        return Finding("not_understood", words, evidence)
    if again and waiting.acknowledged and again.at > waiting.acknowledged.at + PATIENCE_S:
        text = "the client sends again what the server had taken: it does not hear the server"
        return Finding("not_heard", words, (sent, *shown(again, text)))
    if seen.is_tcp and waiting.acknowledged is None and waiting.name != GREETING:
        return Finding("not_taken", words, (sent,))
    return None


def _is_understood(seen: Conversation, spoke: Mark) -> bool:
    """Whether what the server said last was the reply to something else."""
    return seen.talk is not None and seen.talk.understood == spoke.frame


def _silence(seen: Conversation, waiting: Exchange, scene: Scene) -> Finding:
    ended = _given_up(seen, waiting)
    waited_s = (ended.at if ended else scene.ends_at) - waiting.asked.at
    who = "server" if ended and ended in (seen.giver.fin, seen.giver.reset) else "client"
    words = {
        "request": waiting.name,
        "waited": seconds(waited_s),
        "until": f"the {who} closed the connection" if ended else "the capture ended",
        "allowed": _allowed(seen, waiting, who),
        "taken": _taken(waiting),
    }
    evidence = _evidence(waiting, ended, words["until"], waited_s)
    if who == "server":
        return Finding("closed_unanswered", words, evidence)
    if waited_s < (PATIENCE_S if ended else END_PATIENCE_S):
        return Finding("left_early" if ended else "too_short", words | {"tries": "once"}, evidence)
    return Finding("no_greeting" if waiting.name == GREETING else "no_reply", words, evidence)


def _given_up(seen: Conversation, waiting: Exchange) -> Mark | None:
    """Where a side closed while the reply was still waited for."""
    ends = (seen.asker.fin, seen.asker.reset, seen.giver.fin, seen.giver.reset)
    later = [end for end in ends if end and end.at >= waiting.asked.at]
    return min(later, key=lambda end: end.at, default=None)


def _taken(waiting: Exchange) -> str:
    if waiting.acknowledged is None:
        return "Whether it arrived cannot be seen"
    after = seconds(waiting.acknowledged.at - waiting.asked.at)
    frame = waiting.acknowledged.frame
    return f"It had arrived: the server's TCP took all of it in frame {frame}, after {after}"


def _allowed(seen: Conversation, waiting: Exchange, who: str) -> str:
    if isinstance(seen.talk, Http) and who == "client":
        return " Some requests are made for waiting (long polling, push): was this one?"
    minutes = _ALLOWED.get(waiting.name)
    return f" The standard allows the server {minutes} minutes." if minutes else ""


def _evidence(
    waiting: Exchange, ended: Mark | None, until: str, waited_s: float
) -> tuple[Evidence, ...]:
    is_greeting = waiting.name == GREETING
    taken = () if is_greeting else shown(waiting.acknowledged, "the server's TCP acknowledges it")
    return (asked(waiting), *taken, *shown(ended, f"{until}, {seconds(waited_s)} after that"))


QUESTION: Final = Question(ask=_ask)
