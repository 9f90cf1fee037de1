"""Programs run on a host: what they print as it comes, what they read, how they end."""

import hashlib
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest

from tests.beds.bed import Bed
from tests.beds.program import Answer, Hostprobe
from tests.beds.proxy import Fault, Proxy

_LINES = b"".join(b"line %06d\r\n" % number for number in range(70_000))


@pytest.fixture
def target(bed: Bed) -> str:
    """The host, as it is typed."""
    return f"127.0.0.1:{bed.port}"


def _exec(hostprobe: Hostprobe, *arguments: str, typed: bytes = b"") -> Answer:
    """What `hostprobe exec ARGUMENTS` says."""
    file = hostprobe.folder / "typed"
    file.write_bytes(typed)
    return hostprobe.answer(hostprobe.start("exec", *arguments, stdin=file))


def _lines(program: subprocess.Popen[bytes]) -> list[tuple[bytes, float]]:
    """Each line that a program prints, and when it came."""
    assert program.stdout is not None
    return [(line.strip(), time.monotonic()) for line in program.stdout]


def test_live_output(hostprobe: Hostprobe, bed: Bed, target: str) -> None:
    """A line comes when it is printed, not when the program has ended."""
    wait = "ping -n 3 127.0.0.1 >nul"
    with hostprobe.start("exec", target, "--", f'cmd /c "echo 1& {wait}& echo 2"') as program:
        (one, first_at), (two, then_at) = _lines(program)
    assert (one, two, program.returncode) == (b"1", b"2", 0)
    assert then_at - first_at > bed.second_s


@pytest.mark.parametrize(
    ("number", "code"), [("0", 0), ("1", 1), ("123", 123), ("124", 124), ("255", 124), ("-10", 124)]
)
def test_exit_code(hostprobe: Hostprobe, target: str, number: str, code: int) -> None:
    """A code up to 123 is the program's own; 124 stands for any other, which is told."""
    answer = _exec(hostprobe, target, "--", "cmd", "/c", "exit", number)
    assert answer.exit_code == code
    assert ("exit code" in answer.stderr) == (code == 124)


def test_no_such_program(hostprobe: Hostprobe, target: str) -> None:
    """127 is for a program that the host has not."""
    assert _exec(hostprobe, target, "--", "nosuch.exe").exit_code == 127


def test_input(hostprobe: Hostprobe, target: str) -> None:
    """What we are given is read there while what is printed comes back."""
    answer = _exec(hostprobe, target, "--", "findstr", "line", typed=_LINES)
    assert answer.exit_code == 0
    came = answer.stdout.replace("\r\n", "\n").encode()
    assert hashlib.sha256(came).digest() == hashlib.sha256(_LINES.replace(b"\r", b"")).digest()


def test_code_page(hostprobe: Hostprobe) -> None:
    """By the same service the host is first asked for its code page: the record is text."""
    (row,) = hostprobe("exec", "--", "cmd", "/c", "echo one").records("run")
    assert (row["exit_code"], row["stdout"]) == (0, "one\r\n")


def test_timeout(hostprobe: Hostprobe, bed: Bed, target: str) -> None:
    """A program that does not end is ended in time, with what it has started."""
    hung = 'cmd /c "cmd /c ping -n 99 127.0.0.1"'
    answer = _exec(hostprobe, target, "--timeout", str(3 * bed.second_s + 1), "--", hung)
    assert answer.exit_code == 124
    assert "did not end in time" in answer.stderr
    assert "ping.exe" not in [image.lower() for image in bed.images()]


def test_interrupted(hostprobe: Hostprobe, bed: Bed, target: str) -> None:
    """Ctrl-C ends the program there, cleans the host up, and exits 130."""
    program = hostprobe.start("exec", target, "--", 'cmd /c "echo up& ping -n 99 127.0.0.1 >nul"')
    assert program.stdout is not None
    assert program.stdout.readline().strip() == b"up"
    program.send_signal(signal.SIGINT)
    assert hostprobe.answer(program).exit_code == 130
    assert "ping.exe" not in [image.lower() for image in bed.images()]


def test_copy(hostprobe: Hostprobe, target: str) -> None:
    """A program of ours is run there, and its file is gone afterwards."""
    tool = hostprobe.folder / "tool.bat"
    tool.write_bytes(b"@echo off\r\necho I am here\r\nexit 3\r\n")
    answer = _exec(hostprobe, target, "--copy", str(tool))
    assert (answer.exit_code, answer.stdout.strip()) == (3, "I am here")


def test_detached(hostprobe: Hostprobe, bed: Bed, target: str) -> None:
    """A detached program goes on when PAExec and its service are gone."""
    answer = _exec(hostprobe, target, "--detach", "--", "ping", "-n", "3", "127.0.0.1")
    assert answer.exit_code == 0
    assert int(answer.stdout)
    until = time.monotonic() + 20 * bed.second_s + 5
    while "ping.exe" in [image.lower() for image in bed.images()]:
        assert time.monotonic() < until
        time.sleep(0.05)  # a poll: it ends by itself


def test_settings(hostprobe: Hostprobe, target: str) -> None:
    """Folder, priority and processors are taken."""
    options = ("--workdir", r"C:\windows", "--priority", "high", "--cpus", "1", "--limited")
    answer = _exec(hostprobe, target, *options, "--", "cmd", "/c", "cd")
    assert (answer.exit_code, answer.stdout.strip().lower()) == (0, r"c:\windows")


@pytest.mark.parametrize("kind", ["cut", "silence"])
def test_faults(hostprobe: Hostprobe, bed: Bed, kind: Literal["cut", "silence"]) -> None:
    """While a program is typed to and heard, a line that fails leaves nothing on the host."""
    typed = hostprobe.folder / "typed"
    typed.write_bytes(_LINES[:400_000])
    timeout = ("--timeout", str(4 * bed.second_s))

    def run(messages: int) -> None:
        with Proxy(bed.port, fault=Fault(kind=kind, messages=messages)) as proxy:
            where = (f"127.0.0.1:{proxy.port}", *timeout, "--", "findstr", "line")
            answer = hostprobe.answer(hostprobe.start("exec", *where, stdin=typed))
        assert answer.exit_code in {124, 125}, messages

    with ThreadPoolExecutor(bed.at_once) as threads:
        list(threads.map(run, (11, 16, 24)))
