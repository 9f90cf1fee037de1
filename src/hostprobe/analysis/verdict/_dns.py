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
_WANTED: Final = frozenset(
    {"1", "28", "15", "33"}
)  # A, AAAA, MX, SRV: what connections are made by


@dataclass(slots=True)
class Dns(Talk):
    """Queries to a name server; `repeats` counts those that were asked again."""

    repeats: int = 0
    name: ClassVar[str] = "DNS"

    _failed: dict[str, Exchange] = field(default_factory=dict)

    def take(self, frame: Frame, *, from_client: bool) -> None:
        """Learn what a frame asks or answers."""
        fields = frame.fields
        if "dns.id" not in fields:
            return
        name = fields.get("dns.qry.name", ("?",))[0][:100]
        kind = fields.get("dns.qry.type", ("1",))[0]
        key = name.casefold(), kind
        if from_client:
            if key in self.pending:  # it waits since it was asked first
                self.repeats += 1
                self.pending[key].again = Mark(frame.number, frame.at)
            else:
                self.ask(key, f"the query for {name}", frame)
            return
        code = int(fields.get("dns.flags.rcode", ("0",))[0])
        words = _RCODES.get(code, f"code {code}") if code else "an answer"
        found = self.answer(key, frame, "permanent" if code else "ok", words)
        if found is None:
            return
        is_wanted = kind in _WANTED
        if not code:
            self._failed.pop(name, None)
        elif code in _SERVERS or (code == 3 and is_wanted):
            self._failed.setdefault(name, found)
        else:
            self.note(found)

    def close(self) -> None:
        """A name that was refused and never given is a failure."""
        for found in self._failed.values():
            self.fail(found)
