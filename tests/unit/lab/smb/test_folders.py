"""QUERY_DIRECTORY."""

import struct
from collections.abc import Iterator

import pytest
from tests.unit.lab.smb.bodies import create, listing
from tests.unit.lab.smb.host import machine, node_at
from tests.unit.lab.smb.ready import bob

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.smb.headers import Command
from hostprobe.lab.times import filetime

NAME_AT = {1: 64, 2: 68, 3: 94, 12: 12, 37: 104, 38: 80}  # where each class has the name
RESTART, SINGLE = 1, 2


def _entries(told: bytes) -> Iterator[bytes]:
    """The entries of an answer to QUERY_DIRECTORY."""
    at = 8
    while True:
        (step,) = struct.unpack_from("<I", told, at)
        yield told[at : at + step] if step else told[at:]
        if not step:
            return
        at += step


def _names(told: bytes, level: int = 12) -> list[str]:
    """The names in them."""
    at = NAME_AT[level]
    length_at = 8 if level == 12 else 60
    found = []
    for entry in _entries(told):
        (size,) = struct.unpack_from("<I", entry, length_at)
        found.append(entry[at : at + size].decode("utf-16-le"))
    return found


@pytest.mark.parametrize("level", NAME_AT)
def test_a_folder_is_listed_in_each_class(level: int) -> None:
    """Every class names itself, its parent and all that is in it, each entry in its place."""
    peer, folder = bob(machine())
    answer = peer.ask(Command.QUERY_DIRECTORY, listing(folder, level=level))
    assert _names(answer.body, level) == [".", "..", "a.txt", "b.txt", "c.log"]


def test_an_entry_tells_size_and_attributes() -> None:
    """The two classes with an id also tell that."""
    host = machine()
    peer, folder = bob(host)
    for level, id_at in ((37, 96), (38, 72)):
        body = listing(folder, "c.*", level=level, flags=RESTART)
        (entry,) = _entries(peer.ask(Command.QUERY_DIRECTORY, body).body)
        assert struct.unpack_from("<QQI", entry, 40) == (3, 4096, 0x20)
        assert struct.unpack_from("<Q", entry, 8) == (filetime(1_700_000_000.0),)
        assert struct.unpack_from("<Q", entry, id_at) == (node_at(host, "Users\\bob\\c.log").id,)


def test_a_listing_goes_on_where_it_ended() -> None:
    """What has no room comes next, until NO_MORE_FILES; a restart may bring a new pattern."""
    peer, folder = bob(machine())
    some = peer.ask(Command.QUERY_DIRECTORY, listing(folder, "*.txt", room=30))
    assert _names(some.body) == ["a.txt"]
    rest = peer.ask(Command.QUERY_DIRECTORY, listing(folder, "ignored"))
    assert _names(rest.body) == ["b.txt"]
    body = listing(folder)
    assert peer.ask(Command.QUERY_DIRECTORY, body).status == NtStatus.NO_MORE_FILES
    again = peer.ask(Command.QUERY_DIRECTORY, listing(folder, "c*", flags=RESTART))
    assert _names(again.body) == ["c.log"]
    single = peer.ask(Command.QUERY_DIRECTORY, listing(folder, "*", flags=RESTART | SINGLE))
    assert _names(single.body) == ["."]
    same = peer.ask(Command.QUERY_DIRECTORY, listing(folder, "", flags=RESTART))
    assert len(_names(same.body)) == 5


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"pattern": "*.exe"}, "NO_SUCH_FILE"),
        ({"room": 8}, "INFO_LENGTH_MISMATCH"),
        ({"level": 99}, "INVALID_INFO_CLASS"),
        ({"room": 1 << 30}, "INVALID_PARAMETER"),
        ({"pattern": "*a" * 128}, "OBJECT_NAME_INVALID"),
    ],
)
def test_a_listing_that_cannot_be_is_refused(body: dict[str, int | str], expected: str) -> None:
    """Nothing that matches, no room for one entry, an unknown class, too much room or pattern."""
    peer, folder = bob(machine())
    pattern = str(body.pop("pattern", "*"))
    how = {name: int(value) for name, value in body.items()}
    answer = peer.ask(Command.QUERY_DIRECTORY, listing(folder, pattern, **how))
    assert answer.status == NtStatus[expected]


def test_only_a_folder_that_is_open_to_read_is_listed() -> None:
    """A file has nothing to list, and without the right to list nothing is told."""
    peer, folder = bob(machine(), access=0x80)
    assert peer.ask(Command.QUERY_DIRECTORY, listing(folder)).status == NtStatus.ACCESS_DENIED
    file_id = peer.open("Windows\\win.ini")
    assert peer.ask(Command.QUERY_DIRECTORY, listing(file_id)).status == NtStatus.INVALID_PARAMETER


def test_names_that_are_no_text_are_told_as_they_are() -> None:
    """A file whose name has half a character, as NTFS allows, is listed all the same."""
    host = machine()
    node_at(host, "Users\\bob").add("\ud800", b"")
    peer, folder = bob(host)
    answer = peer.ask(Command.QUERY_DIRECTORY, listing(folder))
    assert answer.body.endswith(b"\x00\xd8")
    assert peer.ask(Command.CREATE, create("Users\\bob\\c.log")).status == NtStatus.SUCCESS
