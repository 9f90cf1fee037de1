"""Talk to the person at the terminal: on stderr, and made harmless first."""

import sys
from collections.abc import Iterable
from time import monotonic
from typing import Final

import typer

from hostprobe.errors import NotConfirmedError
from hostprobe.formats import printable

_SETTLED_S: Final = 3.0
_LONGEST: Final = 8191  # what cmd.exe takes: a command line that a person is told stays whole


def say(text: str) -> None:
    """One line about what happened."""
    typer.echo(f"hostprobe: {_line(text)}", err=True)


def tell(lines: Iterable[str]) -> None:
    """Lines that are the answer, on stdout."""
    for line in lines:
        typer.echo(_line(line))


def show(lines: tuple[str, ...]) -> None:
    """Lines that were asked for, such as a plan."""
    for line in lines:
        typer.echo(f"  {_line(line)}", err=True)


def is_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def require_someone(*, assume_yes: bool) -> None:
    """See that somebody is there to be asked, before anything is done that needs a yes.

    Raises:
        NotConfirmedError: Nobody is.
    """
    if not assume_yes and not is_terminal():
        msg = "nobody to ask: stdin is no terminal; --yes answers yes"
        raise NotConfirmedError(msg)


def confirm(question: str, *, answer: str | None = None, assume_yes: bool) -> None:
    """Ask, with no as the default.

    Args:
        question: What is asked.
        answer: What stands for yes, where a mere yes is too quickly typed.
        assume_yes: Do not ask.

    Raises:
        NotConfirmedError: The answer is no, or nobody is there to be asked.
    """
    if assume_yes:
        return
    require_someone(assume_yes=assume_yes)
    hint = "[y/N]" if answer is None else "or only Enter to change nothing"
    typer.echo(f"{_line(question)} {hint}: ", err=True, nl=False)
    yes = {"y", "yes"} if answer is None else {answer.casefold()}
    if _answer().strip().casefold() not in yes:
        msg = "not confirmed; nothing was changed"
        raise NotConfirmedError(msg)


def ask(question: str) -> str:
    """What a person types: one line. Ctrl-C and Ctrl-D end the program."""
    typer.echo(f"{_line(question)}: ", err=True, nl=False)
    answer = sys.stdin.readline()
    if not answer:
        typer.echo(err=True)
        raise KeyboardInterrupt
    return answer.strip()


def ask_secret(question: str, *, twice: bool = False) -> str:
    """What a person types, without showing it. Ctrl-C and Ctrl-D end the program."""
    try:
        answer: str = typer.prompt(question, hide_input=True, confirmation_prompt=twice, err=True)
    except typer.Abort:
        raise KeyboardInterrupt from None
    return answer


def _answer() -> str:
    """The line that a person types; empty where the person leaves with Ctrl-C or Ctrl-D."""
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        answer = ""
    if not answer:
        typer.echo(err=True)
    return answer


def _line(text: str) -> str:
    return printable(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")


class Progress:
    """One line on stderr that tells how far many hosts are; silent where nobody looks."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total = total
        self._done = 0
        self._failed = 0
        self._started_at = monotonic()
        self._shown = total > 1 and not quiet and sys.stderr.isatty()

    def step(self, *, failed: bool) -> None:
        """One more host is done."""
        self._done += 1
        self._failed += failed
        if self._shown:
            text = f"\r{self._done}/{self._total} hosts, {self._failed} failed{self._pace()}"
            typer.echo(text, err=True, nl=self._done == self._total)

    def _pace(self) -> str:
        """How fast it goes, and how long it takes; nothing in the first seconds."""
        elapsed_s = monotonic() - self._started_at
        if elapsed_s < _SETTLED_S:
            return ""
        left_s = (self._total - self._done) * elapsed_s / self._done
        return f", {self._done / elapsed_s:.0f} a second, {left_s:.0f} s to go   "
