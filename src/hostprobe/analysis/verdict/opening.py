"""Did the connection open? Calls that were refused, unanswered, or could not arrive."""

from collections.abc import Mapping
from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._finding import Evidence, Finding, Question, Scene, seconds, shown
from hostprobe.analysis.verdict._side import Mark
from hostprobe.evidence.capture import Icmp

_FILTER: Final = ": a filter there forbids it"
_CLOSED: Final = ": nothing listens on that port, or a filter there says so"
_CIRCLES: Final = ": they passed too many routers, as when routes go in circles"
_REASONS: Final[Mapping[int, Mapping[tuple[int, int | None], str]]] = {
    4: dict.fromkeys(((3, 9), (3, 10), (3, 13)), _FILTER) | {(3, 3): _CLOSED, (11, None): _CIRCLES},
    6: {(1, 1): _FILTER, (1, 5): _FILTER, (1, 4): _CLOSED, (3, None): _CIRCLES},
}
"""By the version of IP, then type and code (RFC 792, RFC 1812 5.2.7.1, RFC 4443 3)."""

PATIENCE_S: Final = 3.0
"""The second SYN goes out after 1 s, the third after 3 s (RFC 6298; Windows and Linux alike)."""


def _ask(seen: Conversation, scene: Scene) -> Finding | None:
    call, answer = seen.asker.syn, seen.giver.syn
    if not seen.is_tcp or call is None:
        return None
    if answer:
        return _half_open(seen, scene)
    called = Evidence(call.frame, "the client calls (SYN)")
    if seen.giver.reset and seen.giver.frames == seen.giver.resets and not seen.asker.talks:
        text = f"the answer is a refusal (RST), after {seconds(seen.giver.reset.at - call.at)}"
        return Finding("refused", {}, (called, *shown(seen.giver.reset, text)))
    for mark, error in seen.errors:
        if error.unreachable:
            told = f"ICMP type {error.type} code {error.code} from {error.sender}"
            words = {"sender": error.sender, "why": _why(error, seen.client[0])}
            return Finding("unreachable", words, (called, *shown(mark, told)))
    if seen.giver.frames or seen.asker.talks:  # its opening was not captured whole
        return None
    return _unanswered(seen, called, scene)


def _why(error: Icmp, client: str) -> str:
    """What the ICMP error says, as far as it says more than that."""
    reasons = _REASONS[6 if ":" in client else 4]
    return reasons.get((error.type, error.code), reasons.get((error.type, None), ""))


def _half_open(seen: Conversation, scene: Scene) -> Finding | None:
    """Call and answer were captured, and nothing after them."""
    if seen.stands or not seen.giver.syn or not seen.asker.syn or seen.giver.last_payload:
        return None
    waited_s = (seen.asker.reset or Mark(0, scene.ends_at)).at - seen.first.at
    evidence = shown(seen.asker.syn, "the client calls") + shown(seen.giver.syn, "the answer")
    if not seen.asker.reset and waited_s < PATIENCE_S:
        return Finding("too_short", {"waited": seconds(waited_s)}, evidence)
    left = shown(seen.asker.reset, "the client leaves it at that (RST)")
    return Finding("half_open", {"waited": seconds(waited_s)}, evidence + left)


def _unanswered(seen: Conversation, called: Evidence, scene: Scene) -> Finding:
    waited_s = scene.ends_at - seen.first.at
    tries = f"{seen.asker.syns} times" if seen.asker.syns > 1 else "once"
    words = {"tries": tries, "waited": seconds(waited_s)}
    if waited_s < PATIENCE_S or scene.is_cut:
        return Finding("too_short", words, (called,))
    last = shown(seen.asker.last, f"the last of {seen.asker.syns} calls")
    return Finding("unanswered", words, (called, *(last if seen.asker.syns > 1 else ())))


def _ruled_out(seen: Conversation) -> str | None:
    if seen.stands is None:
        return None
    took = f"connected in {seconds(seen.rtt_s)}" if seen.rtt_s else "connected"
    return f"a closed or filtered port ({took})"


QUESTION: Final = Question(ask=_ask, ruled_out=_ruled_out)
