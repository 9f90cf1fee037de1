"""Can we judge at all? Not where the capture has one side only, or ends at once."""

from collections.abc import Iterable
from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._dns import Dns
from hostprobe.analysis.verdict._finding import Evidence, Finding, Question, Scene


def captured_both_ways(seen: Iterable[Conversation]) -> bool | None:
    """Whether the capture hears both sides; None where nothing tells."""
    heard = [bool(one.asker.frames and one.giver.frames) for one in seen if _tells(one)]
    return any(heard) if heard else None


def _tells(seen: Conversation) -> bool:
    """Whether it would have both sides in a capture that hears them: not a mere call."""
    talks = seen.asker.talks or seen.giver.talks or seen.giver.syn
    return bool(talks or (seen.asker.frames and seen.giver.frames))


def _ask(seen: Conversation, scene: Scene) -> Finding | None:
    asker, giver = seen.asker, seen.giver
    if asker.frames and giver.frames:
        return None
    if not (asker.frames or giver.frames) or _is_unheard(seen, scene):
        return None
    which, other = ("client", "server") if asker.frames else ("server", "client")
    text = f"the {which}'s first frame; the {other} has none at all"
    evidence = (Evidence(seen.first.frame, text),)
    return Finding("one_sided", {"which": which, "other": other}, evidence)


def _is_unheard(seen: Conversation, scene: Scene) -> bool:
    """Whether one who gets an answer would not do so: it calls, or asks the same, again."""
    if isinstance(seen.talk, Dns):
        return seen.talk.retries > 0 or (seen.talk.repeats > 0 and scene.both_ways is True)
    is_calling = bool(seen.asker.syn) and not (seen.asker.talks or seen.asker.resets)
    return is_calling and not seen.giver.frames and scene.both_ways is not False


QUESTION: Final = Question(ask=_ask)
