"""Go on reading as a log goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.cli.program import Program
from tests.unit.evidence.smtp_log.log_text import ACCEPTED, END, HEADER, MAIL, START, lines

from hostprobe.cli.mail.following import follow
from hostprobe.cli.mail.sources import Source
from hostprobe.cli.mail.wanted import Wanted
from hostprobe.errors import InputFileError

_BAD = (*START, *MAIL, "-,,Remote")
_GOOD = (*START, *MAIL, *ACCEPTED, *END)


def _steps(*steps: Callable[[], object]) -> Callable[[], None]:
    """Waits, in each of which something happens; then the user ends it."""

    def happen() -> Iterator[None]:
        for step in steps:
            step()
            yield
        raise KeyboardInterrupt

    waits = happen()
    return lambda: next(waits)


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="") as stream:
        stream.write(text)


def test_follow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A session is told when it ends, also in the log's next file; older files are passed over."""
    old, now, new = (tmp_path / f"SEND202601080{hour}-1.LOG" for hour in range(3))
    _append(old, HEADER + lines(_BAD, session="old"))
    first, second = lines(_BAD, session="first"), lines(_BAD, session="second")
    _append(now, HEADER + first[:500])
    told: list[str] = []

    def look() -> None:
        told.append(capsys.readouterr().out)

    steps = _steps(
        look,
        lambda: _append(now, first[500:-9]),
        look,
        lambda: _append(now, first[-9:] + second[:300]),
        look,
        lambda: _append(new, HEADER + second[300:] + lines(_GOOD, session="third")),
        look,
    )
    with pytest.raises(KeyboardInterrupt):
        follow(Source([str(tmp_path)], None), Wanted(stuck=True), steps)

    assert [text.split()[2:5:2] for text in told] == [[], [], ["first", "the"], ["second", "the"]]
    assert "no_reply (the remote side closed 1.000 s after 354 with no reply" in told[2]


def test_a_log_that_goes_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there, or no longer one, ends it with one line."""
    path = tmp_path / "SEND.log"
    source = Source([str(path)], None)
    with pytest.raises(InputFileError, match="No such file"):
        follow(source, Wanted(), _steps())

    assert "Ctrl-C ends it" in capsys.readouterr().err
    _append(path, HEADER)
    with pytest.raises(InputFileError, match=r"no \*\.log"):
        follow(source, Wanted(), _steps(path.unlink, path.mkdir), quiet=True)
    assert capsys.readouterr().err == ""


def test_what_cannot_be_followed(hostprobe: Program, tmp_path: Path) -> None:
    """Several logs, and stdin, are refused."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        _append(tmp_path / name / "SEND.log", HEADER)

    assert "there are several" in hostprobe(f"mail log {tmp_path} --follow").complaint
    assert "one log" in hostprobe("mail log - --follow").complaint
