"""CREATE."""

import struct

import pytest
from tests.unit.lab.smb.bodies import create
from tests.unit.lab.smb.client import Peer
from tests.unit.lab.smb.host import Bell, machine
from tests.unit.lab.smb.ready import ready

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.smb.clients import Clients
from hostprobe.lab.smb.headers import Command

OPEN, CREATE, OPEN_IF, SUPERSEDE, OVERWRITE, OVERWRITE_IF = 1, 2, 3, 0, 4, 5
FOLDER, FILE, DELETE_ON_CLOSE = 0x01, 0x40, 0x1000
READ, WRITE, DELETE, READ_ATTRIBUTES = 0x01, 0x02, 0x10000, 0x80


def _status(peer: Peer, name: str, **how: int) -> NtStatus:
    return NtStatus(peer.ask(Command.CREATE, create(name, **how)).status)


@pytest.mark.parametrize(
    ("name", "disposition", "options", "expected"),
    [
        ("Windows\\win.ini", OPEN, FILE, "SUCCESS"),
        ("windows\\WIN.INI", OPEN, 0, "SUCCESS"),
        ("", OPEN, FOLDER, "SUCCESS"),
        ("\\", OPEN, FOLDER, "SUCCESS"),
        ("Windows\\none", OPEN, 0, "OBJECT_NAME_NOT_FOUND"),
        ("Windows\\none", OVERWRITE, 0, "OBJECT_NAME_NOT_FOUND"),
        ("none\\none", OPEN_IF, 0, "OBJECT_PATH_NOT_FOUND"),
        ("Windows\\win.ini\\x", OPEN_IF, 0, "OBJECT_PATH_NOT_FOUND"),
        ("Windows\\win.ini\\x\\y", OPEN_IF, 0, "OBJECT_PATH_NOT_FOUND"),
        ("Windows\\win.ini", CREATE, 0, "OBJECT_NAME_COLLISION"),
        ("Windows\\win.ini", OPEN, FOLDER, "NOT_A_DIRECTORY"),
        ("Windows", OPEN, FILE, "FILE_IS_A_DIRECTORY"),
        ("Windows", OVERWRITE_IF, 0, "OBJECT_NAME_COLLISION"),
        ("Windows", OVERWRITE_IF, FOLDER, "INVALID_PARAMETER"),
        ("new", OPEN_IF, FILE | FOLDER, "INVALID_PARAMETER"),
        ("new", 6, 0, "INVALID_PARAMETER"),
        ("\\Windows", OPEN, 0, "INVALID_PARAMETER"),
        ("Windows\\..\\Users", OPEN, 0, "OBJECT_NAME_INVALID"),
        ("C:\\Windows", OPEN, 0, "OBJECT_NAME_INVALID"),
        ("win*", OPEN, 0, "OBJECT_NAME_INVALID"),
        ("a\0b", OPEN_IF, 0, "OBJECT_NAME_INVALID"),
        ("x" * 256, OPEN_IF, 0, "OBJECT_NAME_INVALID"),
        ("Windows", OPEN, DELETE_ON_CLOSE, "DIRECTORY_NOT_EMPTY"),
    ],
)
def test_what_can_be_opened_how(name: str, disposition: int, options: int, expected: str) -> None:
    """CREATE refuses each name, disposition and kind with the status that Windows has for it."""
    peer = ready(machine())
    assert _status(peer, name, disposition=disposition, options=options).name == expected


def test_a_name_that_is_no_text_is_refused() -> None:
    """Half a character, or a name beyond the message, is INVALID_PARAMETER."""
    peer = ready(machine())
    body = create("x")
    assert peer.ask(Command.CREATE, body[:-2] + b"\x00\xd8").status == NtStatus.INVALID_PARAMETER
    assert peer.ask(Command.CREATE, body[:-2]).status == NtStatus.INVALID_PARAMETER


@pytest.mark.parametrize(
    ("disposition", "action"), [(OPEN_IF, 1), (SUPERSEDE, 0), (OVERWRITE, 3), (OVERWRITE_IF, 3)]
)
def test_the_answer_tells_what_was_done(disposition: int, action: int) -> None:
    """CREATE tells whether it opened, superseded or overwrote, and the size that it left."""
    answer = ready(machine()).ask(
        Command.CREATE, create("Users\\bob\\c.log", disposition=disposition)
    )
    assert struct.unpack_from("<I", answer.body, 4) == (action,)
    assert struct.unpack_from("<Q", answer.body, 48) == (3 if disposition == OPEN_IF else 0,)


def test_what_is_made_is_there() -> None:
    """A new file and a new folder are found afterwards, with action 2."""
    host = machine()
    peer = ready(host)
    for name, options in (("Users\\f", FILE), ("Users\\d", FOLDER)):
        answer = peer.ask(Command.CREATE, create(name, disposition=CREATE, options=options))
        assert struct.unpack_from("<I", answer.body, 4) == (2,)
        found = host.files.find(name)
        assert found is not None
        assert found.is_folder == (options == FOLDER)


def test_a_running_program_is_neither_removed_nor_written() -> None:
    """While a process runs a file it can be read, but not deleted on close nor opened to write."""
    host = machine()
    found = host.files.find("Windows\\notepad.exe")
    assert found is not None
    found.running = 1
    peer = ready(host)
    name = "Windows\\notepad.exe"
    leave = {"access": DELETE, "options": DELETE_ON_CLOSE}
    assert _status(peer, name, **leave) == NtStatus.CANNOT_DELETE
    assert _status(peer, name, access=WRITE) == NtStatus.SHARING_VIOLATION
    assert _status(peer, name, disposition=OVERWRITE, access=READ) == NtStatus.SHARING_VIOLATION
    assert _status(peer, name, access=READ) == NtStatus.SUCCESS
    found.running, found.locked_until = 0, host.now() + 60
    assert _status(peer, name, **leave) == NtStatus.CANNOT_DELETE
    found.locked_until = host.now() - 1
    assert _status(peer, name, **leave) == NtStatus.SUCCESS


def test_deleting_needs_the_right_to() -> None:
    """FILE_DELETE_ON_CLOSE without DELETE access is refused."""
    peer = ready(machine())
    name = "Users\\bob\\a.txt"
    assert _status(peer, name, access=READ, options=DELETE_ON_CLOSE) == NtStatus.ACCESS_DENIED


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((READ, 0), (READ, 7), "SHARING_VIOLATION"),
        ((READ, 1), (READ, 7), "SUCCESS"),
        ((READ, 1), (WRITE, 7), "SHARING_VIOLATION"),
        ((READ, 1), (DELETE, 7), "SHARING_VIOLATION"),
        ((WRITE, 7), (READ, 1), "SHARING_VIOLATION"),
        ((WRITE, 7), (READ, 2), "SUCCESS"),
        ((READ_ATTRIBUTES, 0), (WRITE, 0), "SUCCESS"),
        ((WRITE, 0), (READ_ATTRIBUTES, 0), "SUCCESS"),
        ((0x80000000, 0), (0x02000000, 7), "SHARING_VIOLATION"),
    ],
)
def test_who_may_have_a_file_open_with_whom(
    first: tuple[int, int], second: tuple[int, int], expected: str
) -> None:
    """Each open lets others do what it says, on whatever connection they are."""
    host, clients = machine(), Clients()
    one, other = ready(host, "C$", clients), ready(host, "ADMIN$", clients)
    one.open("Windows\\win.ini", access=first[0], sharing=first[1])
    assert _status(other, "notepad.exe", access=WRITE, sharing=0) == NtStatus.SUCCESS
    assert _status(other, "win.ini", access=second[0], sharing=second[1]).name == expected


def test_a_lost_connection_frees_its_files() -> None:
    """What a client had open is open for others once its connection is gone."""
    host, clients = machine(), Clients()
    one, other = ready(host, "C$", clients), ready(host, "C$", clients)
    one.open("Windows\\win.ini", sharing=0)
    assert _status(other, "Windows\\win.ini") == NtStatus.SHARING_VIOLATION
    one.wire.abort()
    assert _status(other, "Windows\\win.ini") == NtStatus.SUCCESS


def test_a_client_has_at_most_so_much_open() -> None:
    """The 65th tree and the 4,097th open are refused; closing one makes room."""
    peer = ready(machine())
    states = [peer.connect("C$").status for _ in range(64)]
    assert states[62:] == [NtStatus.SUCCESS, NtStatus.INSUFF_SERVER_RESOURCES]
    peer.tree_id = 1
    opened = [peer.open("", access=READ_ATTRIBUTES) for _ in range(4096)]
    assert _status(peer, "") == NtStatus.INSUFF_SERVER_RESOURCES
    peer.close(opened[0])
    assert _status(peer, "") == NtStatus.SUCCESS


def test_a_pipe_opens_for_its_caller() -> None:
    """A pipe learns who opens it; a name that is not there, and a full one, are refused."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect, instances=1)
    peer = ready(host, "IPC$")
    peer.open("bell")
    assert (bell.callers[0].user, bell.callers[0].is_admin) == ("Administrator", True)
    assert _status(peer, "bell") == NtStatus.PIPE_NOT_AVAILABLE
    assert _status(peer, "none") == NtStatus.OBJECT_NAME_NOT_FOUND
