"""Names: queries and answers; one that is asked again, under any number, is still one question.

Source: RFC 1035 4.1.1 (header), IANA DNS RCODEs.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Final

from hostprobe.analysis.verdict._exchange import Exchange
from hostprobe.analysis.verdict._side import Mark
from hostprobe.analysis.verdict._talk import Talk
from hostprobe.evidence.capture import Frame

_RCODES: Final = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_SERVERS: Final = frozenset({1, 2, 4, 5})
_UNKNOWN: Final = 3
_DOUBLES_S: Final = 0.1
_FORGOTTEN_S: Final = 30.0  # no resolver waits longer: it is asked anew
_SEARCH_S: Final = 5.0
_MOST: Final = 1024
_WANTED: Final = frozenset(
    {"1", "28", "15", "33"}
)  # A, AAAA, MX, SRV: what connections are made by


@dataclass(slots=True)
class Dns(Talk):
    """Queries to a name server.

    Attributes:
        repeats: How many were asked again.
        retries: How many of them under their first number, as nobody does who has an answer.
    """

    repeats: int = 0
    retries: int = 0
    name: ClassVar[str] = "DNS"

    _failed: dict[str, Exchange] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], str] = field(default_factory=dict)

    def take(self, frame: Frame, *, from_client: bool) -> None:
        """Learn what a frame asks or answers; over TCP several may be in one."""
        fields = frame.fields
        names, kinds = fields.get("dns.qry.name", ()), fields.get("dns.qry.type", ())
        codes = fields.get("dns.flags.rcode", ())
        for place, number in enumerate(fields.get("dns.id", ())):
            name = names[place][:100] if place < len(names) else "?"
            kind = kinds[place] if place < len(kinds) else "1"
            if from_client:
                self._query(name, kind, number, frame)
            else:
                self._reply(name, kind, int(codes[place]) if place < len(codes) else 0, frame)

    def _query(self, name: str, kind: str, number: str, frame: Frame) -> None:
        key = name.casefold(), kind
        waiting, here = self.pending.get(key), Mark(frame.number, frame.at)
        if waiting and here.at - (waiting.again or waiting.asked).at < _DOUBLES_S:
            return  # the capture has it twice
        if waiting and (waiting.again or here.at - waiting.asked.at < _FORGOTTEN_S):
            self.repeats += 1
            self.retries += self._numbers.get(key) == number
            waiting.again = here  # it waits since it was asked first
            return
        if len(self._numbers) < _MOST:
            self._numbers[key] = number
        self.ask(key, f"the query for {name}", frame)

    def _reply(self, name: str, kind: str, code: int, frame: Frame) -> None:
        words = _RCODES.get(code, f"code {code}") if code else "an answer"
        key = name.casefold(), kind
        self._numbers.pop(key, None)
        found = self.answer(key, frame, "permanent" if code else "ok", words)
        if found is None:
            return
        if not code:
            self._make_good(key[0], frame.at)
        elif code in _SERVERS or (code == _UNKNOWN and kind in _WANTED):
            self._refuse(key[0], found)
        else:
            self.note(found)

    def _refuse(self, name: str, found: Exchange) -> None:
        if len(self._failed) >= _MOST:
            self.fail(found)
        else:
            self._failed.setdefault(name, found)

    def _make_good(self, name: str, at: float) -> None:
        """The name was given: so it is no failure, nor is the same with other search suffixes."""
        good = [one for one, found in self._failed.items() if _is_search(one, name, found, at)]
        for failed in good:
            found = self._failed.pop(failed)
            if failed != name:
                self.note(found)

    def close(self) -> None:
        """A name that was refused and never given is a failure."""
        for found in self._failed.values():
            self.fail(found)


def _is_search(failed: str, given: str, found: Exchange, at: float) -> bool:
    """Whether a name that was refused is the given one, or the same with a search suffix."""
    is_unknown = found.words == _RCODES[_UNKNOWN] and at - found.asked.at <= _SEARCH_S
    is_same_host = failed.partition(".")[0] == given.partition(".")[0]
    return failed == given or (is_unknown and is_same_host)
