"""Where the streams of a command lead."""

import pytest
from tests.unit.lab.shell.host import cmd, machine

from hostprobe.lab.machine.files import Disk


@pytest.mark.parametrize(
    ("line", "out", "error"),
    [
        ("echo first && echo second 1>&2 && echo third", "first \r\nthird\r\n", "second  \r\n"),
        ("echo a >nul", "", ""),
        ("nosuch 2>nul", "", ""),
        ("(echo a 1>&2) 2>&1", "a \r\n", ""),
        ("(echo a & nosuch) >nul 2>&1", "", ""),
        ("echo a>x & echo b>>x & type x", "a \r\nb \r\n", ""),
        ("echo abc>x & echo b>x & type x", "b \r\n", ""),
        (r"findstr fonts <C:\Windows\win.ini", "[fonts]\r\n", ""),
        ("sort <nul", "", ""),
        ("echo a 3>&1 >&7", "", ""),
        ("sort <nosuch", "", "The system cannot find the file specified.\r\n"),
        (r"echo a >C:\nosuch\x", "", "The system cannot find the path specified.\r\n"),
        (r"echo a >C:\Windows", "", "Access is denied.\r\n"),
    ],
)
def test_streams(line: str, out: str, error: str) -> None:
    """Each stream goes where the line says, from left to right."""
    ran = cmd(line)
    assert (ran.out, ran.error) == (out, error)


def test_a_running_image_is_not_overwritten() -> None:
    """The file of a running program cannot be written to."""
    host = machine()
    node = host.files.find(r"C:\Users\bob\old.exe")
    assert node is not None
    node.running = 1
    assert cmd(rf"echo a >{node.path()}", on=host).error == "Access is denied.\r\n"
    assert node.content == b"MZ"


def test_a_full_disk() -> None:
    """What finds no room on the disk is said, and the command fails."""
    host = machine()
    host.files.put(r"C:\Windows\x")
    disk = host.files.root._disk
    assert isinstance(disk, Disk)
    disk.free_bytes = 100
    full = "There is not enough space on the disk.\r\n"
    assert cmd(f"echo {'a' * 200}>x", on=host).error == full
    assert cmd(r"ping -n 9 127.0.0.1 >x", on=host).error == full
    assert cmd("echo a>new", on=host).error == full
    assert cmd("md new", on=host).error == full
