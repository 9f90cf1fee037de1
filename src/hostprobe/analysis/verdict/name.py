"""Was the name found? Names that do not exist, name servers that refuse or say nothing."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._dns import Dns
from hostprobe.analysis.verdict._finding import Evidence, Finding, Question, Scene, seconds, shown

SLOW_S: Final = 2.0
"""From here on a person waits."""

PATIENCE_S: Final = 5.0
"""A resolver asks again after so long (resolv.conf(5), `timeout`)."""


def _ask(seen: Conversation, scene: Scene) -> Finding | None:
    talk = seen.talk
    if not isinstance(talk, Dns) or seen.asker.unseen:
        return None
    if talk.failures:
        failed = talk.failures[0]
        code = "name_unknown" if failed.words == "NXDOMAIN" else "name_refused"
        reply = failed.reply.frame if failed.reply else 0
        asked = Evidence(failed.asked.frame, failed.name)
        words = {"query": failed.name, "reply": failed.words}
        return Finding(code, words, (asked, Evidence(reply, failed.words)))
    for waiting in talk.pending.values():
        waited_s = scene.ends_at - waiting.asked.at
        if waiting.again and waited_s >= PATIENCE_S and not scene.is_cut:
            asked = Evidence(waiting.asked.frame, f"{waiting.name}; no answer to it")
            evidence = (asked, *shown(waiting.again, "it is asked again; no answer"))
            words = {"query": waiting.name, "waited": seconds(waited_s)}
            return Finding("name_unanswered", words, evidence)
    return _repeated(talk)


def _repeated(talk: Dns) -> Finding | None:
    """Whether an answer came, but only when it was asked again."""
    for found in talk.slowest:
        if found.again and found.reply and found.waited_s > SLOW_S:
            first = shown(found.asked, f"{found.name}; nobody answers")
            again = shown(found.again, "it is asked again")
            answer_s = seconds(found.reply.at - found.again.at)
            last = shown(found.reply, f"the answer, {answer_s} after that")
            words = {"query": found.name, "waited": seconds(found.waited_s)}
            return Finding("name_repeated", words, (*first, *again, *last))
    return None


QUESTION: Final = Question(ask=_ask)
