"""What became of the hosts of a run, in numbers: for the person who waits for its end."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hostprobe.cli.visits import Outcome
from hostprobe.errors import InputFileError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed, NotAsked


class Tally:
    """Counts outcomes as they come."""

    def __init__(self) -> None:
        self._answered = 0
        self._failed: Counter[str] = Counter()
        self._not_asked: Counter[str] = Counter()
        self._slowest: tuple[float, Target] | None = None

    def add(self, outcome: Outcome[object]) -> None:
        """One more host is done."""
        match outcome:
            case Answered():
                self._answered += 1
            case Failed(error=error):
                self._failed[error.kind] += 1
            case NotAsked(cause=cause):
                self._not_asked[cause] += 1
        if isinstance(outcome, Answered | Failed) and outcome.elapsed_s is not None:
            here = outcome.elapsed_s, outcome.target
            self._slowest = max(self._slowest or here, here, key=lambda known: known[0])

    def lines(self, elapsed_s: float) -> Iterator[str]:
        """The summary."""
        total = self._answered + self._failed.total() + self._not_asked.total()
        pace = f", {total / elapsed_s:.0f} a second" if elapsed_s >= 1 else ""
        yield f"{self._answered:,} of {total:,} hosts answered in {elapsed_s:.0f} s{pace}"
        if self._failed:
            yield f"failed: {_counts(self._failed)}"
        if self._not_asked:
            words = {"account": "to protect the account", "twin": "named twice"}
            named = Counter({words.get(k, k): n for k, n in self._not_asked.items()})
            yield f"not asked: {_counts(named)}"
        if self._slowest:
            yield f"slowest: {self._slowest[1]}, {self._slowest[0]:.1f} s"


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.most_common())


class FailedList:
    """A file of the targets that did not answer, one a line, for `@FILE`.

    Raises:
        InputFileError: It cannot be written.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._write("w", "")

    def add(self, outcome: Outcome[object]) -> None:
        """Keep the target of an outcome that is none.

        Raises:
            InputFileError: It cannot be written.
        """
        match outcome:
            case Answered() | NotAsked(cause="twin"):
                pass
            case _:
                self._write("a", f"{_with_port(outcome.target)}\n")

    def _write(self, mode: str, text: str) -> None:
        if self._path is None:
            return
        try:
            with self._path.open(mode, encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            msg = f"cannot write {str(self._path)!r}: {error.strerror}"
            raise InputFileError(msg) from error


def _with_port(target: Target) -> str:
    """The target's host and port, whatever the next run's default port is, and its aliases are."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{host}:{target.port}"
