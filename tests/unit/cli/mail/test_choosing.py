"""Which of a host's logs are read."""

from datetime import UTC, datetime, timedelta
from pathlib import PureWindowsPath

from hostprobe.cli.mail.choosing import chosen
from hostprobe.transport.walk import FoundFile

NOON = datetime(2026, 1, 8, 12, tzinfo=UTC)


def log(name: str, *, hour: float | None, size: int = 10, folder: str = "Send") -> FoundFile:
    """A log that was last written in an hour of that day."""
    at = None if hour is None else NOON.replace(hour=0) + timedelta(hours=hour)
    return FoundFile(PureWindowsPath("C:/logs", folder, name), size, at)


def test_the_latest_come_first() -> None:
    """The last of each folder before all others, whatever its time: Exchange has it open."""
    old, late, last = log("S9.log", hour=9), log("S10.log", hour=10), log("S11.log", hour=1)
    other = log("R1.log", hour=2, folder="Receive")
    found = chosen([late, last, old, other], None, 1000)
    assert found.files == (other, last, late, old)
    assert (found.over, found.older) == ((), 0)


def test_what_was_written_long_before_is_left_out() -> None:
    """An hour's margin keeps the beginnings of sessions; what has no time may be new."""
    logs = [
        log("S1.log", hour=10.5),
        log("S2.log", hour=11),
        log("S3.log", hour=None),
        log("S4.log", hour=3),
    ]
    found = chosen(logs, NOON, 1000)
    assert sorted(file.path.name for file in found.files) == ["S2.log", "S3.log", "S4.log"]
    assert found.older == 1


def test_what_does_not_fit_is_the_oldest() -> None:
    """Whole files only, up to the first that is too large."""
    logs = [log(f"S{hour}.log", hour=hour, size=hour) for hour in range(1, 6)]
    found = chosen(logs, None, 11)
    assert [file.size for file in found.files] == [5, 4]
    assert [file.size for file in found.over] == [3, 2, 1]


def test_nothing_is_chosen_of_nothing() -> None:
    """No files are no error."""
    assert chosen([], NOON, 1).files == ()
