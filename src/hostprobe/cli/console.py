"""Talk to the person at the terminal: on stderr, and made harmless first."""

import sys

import typer

from hostprobe.errors import NotConfirmedError
from hostprobe.formats import printable


def say(text: str) -> None:
    """One line about what happened."""
    typer.echo(f"hostprobe: {printable(text)}", err=True)


def show(lines: tuple[str, ...]) -> None:
    """Lines that were asked for, such as a plan."""
    for line in lines:
        typer.echo(f"  {printable(line)}", err=True)


def is_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(question: str, *, assume_yes: bool) -> None:
    """Ask, with no as the default.

    Raises:
        NotConfirmedError: The answer is no, or nobody is there to be asked.
    """
    if assume_yes:
        return
    if not is_terminal():
        msg = "nobody to ask: stdin is no terminal; --yes answers yes"
        raise NotConfirmedError(msg)
    if not typer.confirm(printable(question), default=False, err=True):
        msg = "not confirmed; nothing was changed"
        raise NotConfirmedError(msg)


class Progress:
    """One line on stderr that tells how far many hosts are; silent where nobody looks."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total = total
        self._done = 0
        self._failed = 0
        self._shown = total > 1 and not quiet and sys.stderr.isatty()

    def step(self, *, failed: bool) -> None:
        """One more host is done."""
        self._done += 1
        self._failed += failed
        if self._shown:
            end = "\n" if self._done == self._total else ""
            text = f"\r{self._done}/{self._total} hosts, {self._failed} failed{end}"
            typer.echo(text, err=True, nl=False)
