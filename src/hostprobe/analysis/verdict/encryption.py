"""Did TLS come about? Alerts, and handshakes that nobody finished."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._finding import Finding, Question, Scene, seconds, shown
from hostprobe.analysis.verdict._side import Mark
from hostprobe.analysis.verdict._tls import ALERTS, Tls

_ALERT: Final = 24  # 5 of the record, 2 of the alert, 1 of its kind, 16 of the seal
_CLIENT_ALERT: Final = _ALERT + 6  # with ChangeCipherSpec before it; a Finished has twice as many

PATIENCE_S: Final = 2.0
"""So long a handshake may stand still."""


def _ask(seen: Conversation, scene: Scene) -> Finding | None:
    tls = seen.tls
    if tls.alert and not (tls.is_warning and tls.is_done):
        return _alert(tls)
    began = tls.client_hello
    if hidden := _hidden(seen):
        return hidden
    if began is None or tls.is_done or seen.hole or seen.cut_frames:
        return None
    ended = _ended(seen)
    waited_s = (ended.at if ended else scene.ends_at) - began.at
    is_closed = ended is not None and ended is seen.giver.fin  # by the server, however soon
    if ended is None and scene.is_cut:
        return None
    if waited_s < PATIENCE_S and not is_closed:
        return _left(seen, tls, waited_s) if ended else None
    return _unfinished(seen, tls, waited_s)


def _alert(tls: Tls) -> Finding:
    who = "client" if tls.alert_from_client else "server"
    name = ALERTS.get(tls.alert_number, f"alert {tls.alert_number}")
    began = shown(tls.client_hello, "the client begins TLS (ClientHello)")
    told = shown(tls.alert, f"the {who} ends it: {name} ({tls.alert_number})")
    return Finding("tls_alert", {"who": who, "alert": name}, began + told)


def _ended(seen: Conversation) -> Mark | None:
    """Where the first side closed it."""
    ends = [end for end in (seen.giver.fin, seen.asker.fin, seen.asker.reset) if end]
    return min(ends, key=lambda end: end.at, default=None)


def _hidden(seen: Conversation) -> Finding | None:
    """Whether one side left with no more words than an alert of TLS 1.3 has, which is encrypted."""
    if not seen.tls.is_done or seen.hole or seen.closer is None or seen.read_sealed:
        return None
    who, end = seen.closer
    is_client = who == "client"
    side, limit = (seen.asker, _CLIENT_ALERT) if is_client else (seen.giver, _ALERT)
    before = seen.tls.client_before if is_client else seen.tls.server_before
    if before is None or not 0 < side.payload_bytes - before <= limit:
        return None
    said = f"{side.payload_bytes - before} bytes"
    last = shown(side.last_payload, f"the last that the {who} says: {said} since the handshake")
    return Finding("tls_hidden", {"who": who, "said": said}, last + shown(end, "it closes"))


def _left(seen: Conversation, tls: Tls, waited_s: float) -> Finding:
    """The client has gone before TLS was done, too soon to call the server slow."""
    began = shown(tls.client_hello, "the client begins TLS (ClientHello)")
    answered = shown(tls.server_hello, "the server answers (ServerHello)")
    left = shown(_ended(seen), "the client leaves")
    return Finding("tls_left", {"waited": seconds(waited_s)}, began + answered + left)


def _unfinished(seen: Conversation, tls: Tls, waited_s: float) -> Finding:
    began = shown(tls.client_hello, "the client begins TLS (ClientHello)")
    answered = shown(tls.server_hello, "the server answers (ServerHello)")
    words = {"waited": seconds(waited_s)}
    if not tls.server_hello:
        return Finding("tls_unanswered", words, began + shown(_ended(seen), "it is closed"))
    closed = shown(_ended(seen), "it is closed, and TLS was not finished")
    return Finding("tls_unfinished", words, began + answered + closed)


def _ruled_out(seen: Conversation) -> str | None:
    return "TLS (its handshake was finished)" if seen.tls.is_done else None


QUESTION: Final = Question(ask=_ask, ruled_out=_ruled_out)
