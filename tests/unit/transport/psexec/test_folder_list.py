"""The files of a folder, as honest and other hosts list them."""

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.transport.psexec.errors import StatusError
from hostprobe.transport.psexec.filetime import moment
from hostprobe.transport.psexec.folder_list import ListedFile, files, read_entries

HEAD_BYTES = 64
MADE, WRITTEN = 0x01DC5C0000000000, 0x01DC5C0080000000


def entry(name: str, *, more: int | None = None, attributes: int = 0x20, size: int = 7) -> bytes:
    """One entry, chained to the next where one follows."""
    raw = name.encode("utf-16-le")
    length = HEAD_BYTES + len(raw)
    following = 0 if more is None else more or length + -length % 8
    times = (MADE, WRITTEN, WRITTEN, WRITTEN)
    head = struct.pack("<II4QQQII", following, 0, *times, size, 4096, attributes, len(raw))
    return (head + raw).ljust(following, b"\0")


def test_files_are_listed_with_size_and_times() -> None:
    """Folders, and what leads elsewhere, are marked as such."""
    listing = entry("PAExec-1.exe", more=0) + entry("d", more=0, attributes=0x410) + entry("b")
    times = moment(MADE), moment(WRITTEN)
    assert list(read_entries(listing)) == [
        ListedFile("PAExec-1.exe", 7, *times),
        ListedFile("d", 7, *times, is_folder=True, is_link=True),
        ListedFile("b", 7, *times),
    ]


@pytest.mark.parametrize(
    ("ticks", "at"),
    [
        (0, None),
        (2**64 - 1, None),
        (116_444_736_000_000_010, datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
    ],
)
def test_moments(ticks: int, at: datetime | None) -> None:
    """A FILETIME of zero, or beyond the calendar, is no moment."""
    assert moment(ticks) == at


@pytest.mark.parametrize(
    "listing",
    [
        b"",
        bytes(63),
        entry("abc")[:-1],
        entry("abc", more=8) + bytes(100),
        entry("abc", more=2**32 - 8)[:200],
    ],
)
def test_an_entry_that_cannot_be_is_refused(listing: bytes) -> None:
    """One that goes beyond the end, or back into itself."""
    with pytest.raises(ValueError, match=r"an entry at|a name of"):
        list(read_entries(listing))


@given(listing=st.binary(max_size=300))
def test_any_answer_is_a_list_or_an_error(listing: bytes) -> None:
    """Nothing but a ValueError is raised, and reading ends."""
    try:
        found = list(read_entries(listing))
    except ValueError:
        return
    assert len(found) <= 5


@pytest.mark.parametrize("end", [0xC000000F, 0x80000006])
def test_answers_are_asked_for_until_there_are_no_more(end: int) -> None:
    """None that matches, and no more that do, are both an end."""
    answers = [entry("a"), entry("b")]

    def ask() -> bytes:
        if not answers:
            raise StatusError(end)
        return answers.pop(0)

    assert [file.name for file in files(ask)] == ["a", "b"]


def test_a_folder_that_may_not_be_read_is_not_empty() -> None:
    """Any other status is a failure."""

    def ask() -> bytes:
        raise StatusError(0xC0000022)

    with pytest.raises(StatusError):
        list(files(ask))


def test_a_folder_that_never_comes_to_an_end_is_left() -> None:
    """The same entry for ever is no folder."""
    with pytest.raises(ValueError, match="without an end"):
        list(files(lambda: entry("a")))
