"""The web: requests and replies in their order.

Source: RFC 9110 (status codes), RFC 9112 (order in a connection).
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from hostprobe.analysis.verdict._exchange import Exchange, Outcome
from hostprobe.analysis.verdict._side import Mark
from hostprobe.analysis.verdict._talk import Talk
from hostprobe.evidence.capture import Frame

_METHOD: Final = re.compile(r"[A-Z]{1,20}")
_SERVER: Final = frozenset({500, 502, 503, 504, 507})  # the others say that the request was wrong
_SWITCHED: Final = 101  # to another protocol, such as a web socket: no other reply will come
_ORDINARY: Final = frozenset({401, 404, 407, 412, 416})


@dataclass(slots=True)
class Http(Talk):
    """Requests to a web server; a request that was wrong is a failure only where none was right."""

    name: ClassVar[str] = "HTTP"

    _next: int = 0
    _well: int = 0
    _wrong: Exchange | None = None

    def take(self, frame: Frame, *, from_client: bool) -> None:
        """Learn what a frame says."""
        if from_client:
            for method in frame.fields.get("http.request.method", ()):
                self._next += 1
                known = _METHOD.fullmatch(method)
                self.ask(self._next, known[0] if known else "a request", frame)
        else:
            for code in frame.fields.get("http.response.code", ()):
                self._reply(int(code), frame)

    def heard(self, here: Mark) -> None:
        """A reply begins: it counts from here, however long it is."""
        waiting = next(iter(self.pending.values()), None)
        if waiting and waiting.began is None:
            waiting.began = here

    def close(self) -> None:
        """Requests that were wrong are a failure where none was right."""
        if self._wrong and not self._well:
            self.fail(self._wrong)
        elif self._wrong:
            self.note(self._wrong)

    def _reply(self, code: int, frame: Frame) -> None:
        key = next(iter(self.pending), None)
        if key is not None and code < 200 and code != _SWITCHED:  # the reply is still to come
            self.pending[key].began = None
            return
        found = self.answer(key, frame, _outcome(code), f"HTTP {code}")
        if found is None:  # a reply to what was not seen
            return
        if code in _SERVER:
            self.fail(found)
        elif code >= 400 and code not in _ORDINARY:
            self._wrong = self._wrong or found
        else:
            self._well += 1


def _outcome(code: int) -> Outcome:
    if code < 400:
        return "ok"
    return "temporary" if code in {429, 503} else "permanent"
