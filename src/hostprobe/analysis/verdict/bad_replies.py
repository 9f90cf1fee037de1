"""Did the server say no? Replies that ended something badly, and were not made good."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._dns import Dns
from hostprobe.analysis.verdict._finding import Evidence, Finding, Question, Scene, asked, request


def _ask(seen: Conversation, _scene: Scene) -> Finding | None:
    if seen.talk is None or not seen.talk.failures or isinstance(seen.talk, Dns):
        return None
    failed = seen.talk.failures[0]
    evidence = tuple(
        part
        for one in seen.talk.failures[:3]
        for part in (
            asked(one),
            Evidence(one.reply.frame if one.reply else 0, one.words),
        )
    )
    code = "refused_for_now" if failed.outcome == "temporary" else "refused_for_good"
    count = seen.talk.failed
    more = f" ({count} refusals in this conversation)" if count > 1 else ""
    if seen.hole:
        more += f"; the capture lost frames (see frame {seen.hole.frame}): perhaps it was made good"
    elif seen.cut_frames:
        more += "; frames were captured in part: perhaps it was made good, or to something else"
    words = {"request": request(failed), "reply": failed.words, "more": more}
    return Finding(code, words, evidence)


QUESTION: Final = Question(ask=_ask)
