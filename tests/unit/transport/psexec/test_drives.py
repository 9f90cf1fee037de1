"""Folders and files of a host's drives, as honest and other hosts have them."""

import math
from collections.abc import Callable
from pathlib import PureWindowsPath

import pytest
from tests.unit.transport.psexec.fake_disk import NO_SHARE, Content, FakeDisk
from tests.unit.transport.psexec.test_folder_list import WRITTEN, entry

from hostprobe.errors import NoAdminShareError, NotAdminError, ProtocolError, RemoteFileError
from hostprobe.transport.base import FolderEntry
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.drives import PIECE_BYTES, Drives
from hostprobe.transport.psexec.errors import Steps
from hostprobe.transport.psexec.filetime import moment

LOGS = PureWindowsPath(r"C:\logs")
FILE = LOGS / "a.log"
DENIED = 0xC0000022
MOST = 1 << 30


def drives(disk: FakeDisk) -> Drives:
    """Those of a host."""
    return Drives(disk, "ex01", Steps("ex01"), lambda: Deadline(math.inf))


def content(disk: FakeDisk, most_bytes: int = MOST) -> bytes:
    """What is read of the file."""
    return b"".join(drives(disk).content(FILE, most_bytes))


def numbered(pieces: float) -> bytes:
    """So many pieces, of which no two are alike."""
    return bytes(round(PIECE_BYTES * pieces)).replace(b"\0" * 256, bytes(range(256)))


def test_a_folder_is_what_stands_in_it() -> None:
    """Files, folders and links; it itself and the one above it are left out."""
    listing = (
        entry(".", more=0, attributes=0x10)
        + entry("..", more=0, attributes=0x10)
        + entry("Hub", more=0, attributes=0x10)
        + entry("elsewhere", more=0, attributes=0x410)
        + entry("a.log", size=12)
    )
    disk = FakeDisk({"logs": [listing, entry("b.log")]})
    at = moment(WRITTEN)
    assert drives(disk).folder(LOGS) == (
        FolderEntry("Hub", 7, at, "folder"),
        FolderEntry("elsewhere", 7, at, "link"),
        FolderEntry("a.log", 12, at, "file"),
        FolderEntry("b.log", 7, at, "file"),
    )
    assert (disk.opened, disk.closed) == ([r"\\ex01\C$"], 1)


def test_a_folder_that_is_not_there() -> None:
    """It is none, and no failure."""
    assert drives(FakeDisk({})).folder(LOGS) is None


@pytest.mark.parametrize(
    "name", ["", r"..\..\x.log", "a/b.log", "C:x", "a\x1b[2J.log", "a\0.log", "a" * 256]
)
def test_a_name_that_no_file_has(name: str) -> None:
    """Whoever says such a name is no Windows host."""
    with pytest.raises(ProtocolError):
        drives(FakeDisk({"logs": [entry(name)]})).folder(LOGS)


def test_a_listing_without_an_end() -> None:
    """It is left after some answers."""
    with pytest.raises(ProtocolError):
        drives(FakeDisk({"logs": [entry("a.log")] * 100})).folder(LOGS)


@pytest.mark.parametrize("overlapped", [True, False])
@pytest.mark.parametrize("pieces", [0, 0.5, 1, 1.5, 2, 40.25])
def test_a_file_is_read_piece_by_piece(pieces: float, *, overlapped: bool) -> None:
    """Whatever its size, with some pieces under way at once where the server takes that."""
    data = numbered(pieces)
    disk = FakeDisk({r"logs\a.log": data}, overlapped=overlapped)
    assert content(disk) == data
    assert disk.closed == 1
    assert disk.most_under_way <= (17 if overlapped else 2)


def test_no_more_is_read_than_wanted() -> None:
    """The rest is not asked for."""
    disk = FakeDisk({r"logs\a.log": numbered(40)})
    assert content(disk, PIECE_BYTES + 5) == numbered(40)[: PIECE_BYTES + 5]


def test_a_file_that_grows() -> None:
    """It is read as long as it was when it was opened."""
    grown = numbered(3)
    disk = FakeDisk({r"logs\a.log": numbered(1.5)}, read=lambda _, at, size: grown[at : at + size])
    assert content(disk) == grown[: PIECE_BYTES * 3 // 2]


@pytest.mark.parametrize("left", [PIECE_BYTES, PIECE_BYTES + 9])
def test_a_file_that_shrinks(left: int) -> None:
    """What was there is read, and then it is told."""
    disk = FakeDisk({r"logs\a.log": numbered(3)}, read=lambda d, at, size: d[:left][at:][:size])
    found = drives(disk).content(FILE, MOST)
    assert next(found) == numbered(1)
    with pytest.raises(RemoteFileError, match=r"ex01: cannot read C:\\logs\\a.log: it became"):
        next(found)
    assert disk.closed == 1


def test_a_piece_that_is_too_long() -> None:
    """More than was asked for is no answer."""
    disk = FakeDisk({r"logs\a.log": numbered(3)}, read=lambda d, _at, _size: d)
    with pytest.raises(ProtocolError):
        content(disk)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (DENIED, "access denied"),
        (0xC0000043, "a program has it open and shares it with nobody"),
        (0xC0000034, "it is there no more"),
        (0xC0000103, "it is no folder"),
    ],
)
def test_a_file_that_cannot_be_opened(status: int, told: str) -> None:
    """The error names the file and the cause, and the session goes on."""
    files: dict[str, Content] = {r"logs\a.log": status, r"logs\b.log": b"b"}
    found = drives(FakeDisk(files))
    with pytest.raises(RemoteFileError, match=told):
        list(found.content(FILE, MOST))
    assert list(found.content(LOGS / "b.log", MOST)) == [b"b"]


def _folder(found: Drives) -> object:
    return found.folder(LOGS)


def _content(found: Drives) -> object:
    return list(found.content(FILE, MOST))


@pytest.mark.parametrize("ask", [_folder, _content])
def test_another_status_is_the_hosts(ask: Callable[[Drives], object]) -> None:
    """What is not known of a file is a failure of the host."""
    with pytest.raises(ProtocolError, match="0xC0000185"):
        ask(drives(FakeDisk({"logs": 0xC0000185, r"logs\a.log": 0xC0000185})))


@pytest.mark.parametrize(
    ("status", "error"), [(NO_SHARE, NoAdminShareError), (DENIED, NotAdminError)]
)
def test_a_drive_that_cannot_be_opened(status: int, error: type[Exception]) -> None:
    """The share is named."""
    with pytest.raises(error, match=r"ex01: cannot open D\$"):
        drives(FakeDisk({}, shares={"D$": status})).folder(PureWindowsPath("d:/logs"))


def test_a_drive_is_opened_once() -> None:
    """All that is read of it goes through the same share."""
    disk = FakeDisk({r"logs\a.log": b"a", "": [entry("logs", attributes=0x10)]})
    found = drives(disk)
    assert found.folder(PureWindowsPath("C:\\"))
    assert list(found.content(FILE, MOST)) == [b"a"]
    assert disk.opened == [r"\\ex01\C$"]
