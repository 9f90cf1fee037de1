"""A check-up as a person reads it: a line for each check as it is made, then what to do."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hostprobe.analysis.checkup import Check, Status, Step
from hostprobe.analysis.diagnosis import Advice
from hostprobe.cli.wrapping import wrapped

LABELS: Final = {
    Step.ACCOUNT: "account",
    Step.MACHINE: "this machine",
    Step.NAME: "name",
    Step.PORT: "TCP port",
    Step.SMB: "SMB",
    Step.CLOCK: "clock",
    Step.LOG_IN: "log-in",
    Step.ADMIN_SHARE: "ADMIN$",
    Step.SERVICE_MANAGER: "service manager",
    Step.UPLOAD: "upload",
    Step.SERVICE: "service",
    Step.PAEXEC: "PAExec",
    Step.COMMAND: "command",
    Step.CODE_PAGE: "code page",
    Step.POWERSHELL: "PowerShell",
    Step.CLEAN_UP: "clean-up",
}
_SIGNS: Final[dict[Status, str]] = {"ok": "✓", "warning": "!", "failed": "✗", "not_tried": "-"}
_WORDS: Final[dict[Status, str]] = {
    "ok": "ok",
    "warning": "note",
    "failed": "FAILED",
    "not_tried": "-",
}
_LABEL_WIDTH: Final = max(map(len, LABELS.values()))
_TIME_WIDTH: Final = 7
_INDENT: Final = " " * 5

Tell = Callable[[Iterable[str]], None]


@dataclass(slots=True)
class Page:
    """Writes a check-up for a person.

    Attributes:
        tell: Writes lines.
        signs: What stands for each status.
    """

    tell: Tell
    signs: dict[Status, str]
    _untried: list[str] = field(default_factory=list)

    @classmethod
    def to(cls, tell: Tell) -> "Page":
        """With ticks and crosses, or with words where our reader cannot show them."""
        try:
            "".join(_SIGNS.values()).encode(sys.stdout.encoding or "ascii")
        except UnicodeEncodeError:
            return cls(tell, _WORDS)
        return cls(tell, _SIGNS)

    def check(self, check: Check) -> None:
        """Its sign and name, how long it took, and what was found; those not tried in one line."""
        if check.status == "not_tried":
            self._untried.append(LABELS[check.step])
            return
        self._tell_untried()
        taken = "" if check.seconds is None else _time(check.seconds)
        head = f"{self._sign(check.status)} {LABELS[check.step]:<{_LABEL_WIDTH}}"
        head = f"{head} {taken:>{_TIME_WIDTH}}  "
        self.tell(wrapped(check.detail or "", head, " " * len(head)))

    def _tell_untried(self) -> None:
        if self._untried:
            head = f"{self._sign('not_tried')} not tried: "
            self.tell(wrapped(", ".join(self._untried), head, " " * len(head)))
            self._untried.clear()

    def _sign(self, status: Status) -> str:
        return f"{self.signs[status]:<{max(map(len, self.signs.values()))}}"

    def advice(self, advice: Advice) -> None:
        """What it means, and what to do."""
        self._tell_untried()
        self.tell(_advised(advice))

    def close(self, text: str) -> None:
        """What is left to say, if anything."""
        self._tell_untried()
        if text:
            self.tell(["", *wrapped(text)])


def _advised(advice: Advice) -> Iterator[str]:
    yield ""
    yield from wrapped(advice.meaning)
    for number, way in enumerate(advice.ways, 1):
        text, *to_copy = way.split("\n")
        yield from wrapped(text, f"  {number}. ", _INDENT)
        yield from (f"{_INDENT}{line}" for line in to_copy)


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
