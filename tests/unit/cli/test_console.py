"""Talk to the person: harmless, bounded, and with no as the default."""

import io
import os
import pty
import sys
from collections.abc import Iterator

import pytest

from hostprobe.cli import console
from hostprobe.errors import NotConfirmedError


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Whether a person is there."""
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Stdin is a pseudo-terminal; the end at which a person types."""
    keyboard, screen = pty.openpty()
    with os.fdopen(screen, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield keyboard
    os.close(keyboard)


@pytest.mark.parametrize("typed", [b"y\n", b"Y\n", b" yes \n"])
def test_yes(terminal: int, capsys: pytest.CaptureFixture[str], typed: bytes) -> None:
    """A yes on the terminal passes; the question is on stderr and nothing is on stdout."""
    os.write(terminal, typed)
    console.confirm("Kill victim.exe?", assume_yes=False)
    assert capsys.readouterr() == ("", "Kill victim.exe? [y/N]: ")


@pytest.mark.parametrize("typed", [b"n\n", b"\n", b"yellow\n", b"\x04"])
def test_anything_else_is_no(terminal: int, typed: bytes) -> None:
    """No, nothing, any other word, and Ctrl-D are refusals."""
    os.write(terminal, typed)
    with pytest.raises(NotConfirmedError, match="nothing was changed"):
        console.confirm("Kill victim.exe?", assume_yes=False)


def test_ctrl_c_is_no(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C at the question is a refusal, and the next line begins at the left."""

    class Impatient:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Impatient())
    with pytest.raises(NotConfirmedError):
        console.confirm("Kill?", assume_yes=False)
    assert capsys.readouterr().err.endswith("\n")


@pytest.mark.parametrize("stdin", [io.StringIO("y\n"), None])
def test_nobody_to_ask(monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO | None) -> None:
    """Without a terminal a yes is not read; the message names --yes."""
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(NotConfirmedError, match="--yes"):
        console.confirm("Kill?", assume_yes=False)


def test_assumed_yes(capsys: pytest.CaptureFixture[str]) -> None:
    """With --yes nothing is asked."""
    console.confirm("Kill?", assume_yes=True)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\nb", "\u202e", "x" * 1_000_000])
def test_talk_is_harmless(capsys: pytest.CaptureFixture[str], hostile: str) -> None:
    """Escape sequences, line ends, bidi marks and a megabyte stay one bounded line."""
    console.say(hostile)
    console.show((hostile,))
    lines = capsys.readouterr().err.split("\n")
    assert len(lines) == 3
    assert all(line.isprintable() and len(line) < 10_000 for line in lines)


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\rb", "x" * 1_000_000])
def test_questions_are_harmless(
    terminal: int, capsys: pytest.CaptureFixture[str], hostile: str
) -> None:
    """A question with a host's text in it cannot move the cursor or fill the screen."""
    os.write(terminal, b"y\n")
    console.confirm(hostile, assume_yes=False)
    asked = capsys.readouterr().err
    assert asked.isprintable()
    assert len(asked) < 10_000


def test_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal one line counts the hosts, and ends with the last."""
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    progress = console.Progress(2, quiet=False)
    progress.step(failed=True)
    progress.step(failed=False)
    assert screen.getvalue() == "\r1/2 hosts, 1 failed\r2/2 hosts, 1 failed\n"


@pytest.mark.parametrize(
    ("stderr", "total", "quiet"),
    [(io.StringIO, 2, False), (Terminal, 1, False), (Terminal, 2, True)],
)
def test_no_progress(
    monkeypatch: pytest.MonkeyPatch, stderr: type[io.StringIO], total: int, *, quiet: bool
) -> None:
    """Nothing is counted for a file, for a single host, or with -q."""
    monkeypatch.setattr(sys, "stderr", screen := stderr())
    console.Progress(total, quiet=quiet).step(failed=False)
    assert screen.getvalue() == ""
