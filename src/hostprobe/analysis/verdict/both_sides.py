"""Can we judge at all? Not where the capture has one side only, or ends at once."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._dns import Dns
from hostprobe.analysis.verdict._finding import Evidence, Finding, Question, Scene


def _ask(seen: Conversation, _scene: Scene) -> Finding | None:
    asker, giver = seen.asker, seen.giver
    if asker.frames and giver.frames:
        return None
    is_calling = asker.frames and asker.frames == asker.syns
    is_repeating = isinstance(seen.talk, Dns) and seen.talk.repeats > 0
    if is_calling or is_repeating or not (asker.frames or giver.frames):
        return None
    which, other = ("client", "server") if asker.frames else ("server", "client")
    text = f"the {which}'s first frame; the {other} has none at all"
    evidence = (Evidence(seen.first.frame, text),)
    return Finding("one_sided", {"which": which, "other": other}, evidence)


QUESTION: Final = Question(ask=_ask)
