"""What a program did on a host, as a record and in words."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hostprobe.actions.exec import Ran
from hostprobe.cli import reports
from hostprobe.cli.answers import plain
from hostprobe.cli.exec_codes import MOST
from hostprobe.cli.relay import Kept
from hostprobe.cli.visits import Outcome, Visit
from hostprobe.errors import HostError
from hostprobe.formats import HostReport, Record
from hostprobe.sweep import Answered, Failed, NotAsked
from hostprobe.transport.base import Ended

_HALF = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """What became of a program on one host.

    Attributes:
        exit_code: Unsigned; None where nobody waited for it, or its end was not seen.
        exit_code_signed: The same number, as C has it.
        exit_code_hex: The same once more, as Windows writes its own errors.
        pid: Of a program that nobody waits for.
        stdout: What is kept of it; `stdout_truncated` tells whether that is not all.
    """

    exit_code: int | None
    exit_code_signed: int | None
    exit_code_hex: str | None
    pid: int | None
    stdout: str
    stdout_truncated: bool
    stderr: str
    stderr_truncated: bool
    elapsed_s: float | None


def report(outcome: Outcome[Ran], kept: tuple[Kept, Kept] | None) -> HostReport:
    """What is written of an outcome; a program that was cut off has a row, too."""
    match outcome:
        case Answered(target=target, value=Visit(value=ran) as visit, elapsed_s=elapsed_s):
            origin = _origin(str(target), visit.facts.host_name)
            rows = _rows(origin, ran.ended, kept, elapsed_s)
            made = reports.changed(origin, rows, visit.facts, visit.left_behind)
            return replace(made, host={**made.host, "elapsed_s": round(elapsed_s, 3)})
        case Failed(target=target, elapsed_s=elapsed_s) if kept and any(k.text for k in kept):
            rows = _rows(_origin(str(target), None), Ended(), kept, elapsed_s)
            made = reports.unanswered(outcome)
            return replace(made, rows=rows, host={**made.host, "rows": len(rows)})
        case Failed() | NotAsked():
            return reports.unanswered(outcome)


def _origin(host: str, host_name: str | None) -> reports.Origin:
    return reports.Origin(
        host=host, host_name=host_name, source=None, collected_at=datetime.now(UTC)
    )


def _rows(
    origin: reports.Origin, ended: Ended, kept: tuple[Kept, Kept] | None, elapsed_s: float | None
) -> tuple[Record, ...]:
    code = ended.exit_code
    out, err = kept or (None, None)
    row = RunRow(
        exit_code=code,
        exit_code_signed=None if code is None else _signed(code),
        exit_code_hex=None if code is None else f"0x{code:08X}",
        pid=ended.pid,
        stdout=out.text if out else "",
        stdout_truncated=out.is_truncated if out else False,
        stderr=err.text if err else "",
        stderr_truncated=err.is_truncated if err else False,
        elapsed_s=None if elapsed_s is None else round(elapsed_s, 3),
    )
    return reports.records("run", origin, (plain(row),))


def messages(outcome: Outcome[Ran], *, many: bool) -> Iterator[str]:
    """What a person should hear of a host beside what its program printed.

    Args:
        outcome: Of the host.
        many: Whether it is one of several: its exit code is not the program's then.
    """
    target = outcome.target
    left: tuple[str, ...] = ()
    match outcome:
        case Answered(value=Visit(value=ran) as visit):
            code = ran.ended.exit_code or 0
            if code > MOST:
                yield f"{target}: exit code {code} ({_signed(code)}, 0x{code:08X})"
            elif many and code:
                yield f"{target}: exit code {code}"
            if ran.ended.holds_output:
                yield f"{target}: it has ended; something that it started still had its output"
            yield from (f"{target}: {note}" for note in ran.notes)
            left = visit.left_behind
        case Failed(error=error):
            yield str(error)
            left = error.left_behind if isinstance(error, HostError) else ()
        case NotAsked(reason=reason):
            yield f"{target}: not asked: {reason}"
    if left:
        yield f"{target}: left behind: {', '.join(left)}"


def _signed(code: int) -> int:
    return code - 2 * _HALF if code >= _HALF else code
