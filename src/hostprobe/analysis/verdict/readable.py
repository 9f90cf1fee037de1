"""Could layer 7 be read at all? What is encrypted, or unknown to us, is not called healthy."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._finding import Evidence, Finding, Question, Scene


def _ask(seen: Conversation, _scene: Scene) -> Finding | None:
    first = (Evidence(seen.first.frame, "its first frame"),)
    if seen.is_opaque:
        return Finding("encrypted", {"protocol": seen.protocol}, first)
    if seen.talk and seen.talk.answered:
        return None
    if seen.cut_frames:
        words = {"request": "what was said", "count": str(seen.cut_frames)}
        return Finding("frames_cut", words, first)
    if seen.asker.payload_bytes or seen.giver.payload_bytes or not seen.is_tcp:
        return Finding("unread", {"protocol": seen.protocol, "port": str(seen.server[1])}, first)
    return Finding("empty", {}, first)


QUESTION: Final = Question(ask=_ask)
