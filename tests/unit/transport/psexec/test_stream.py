"""A program that is streamed, on a host in memory."""

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from tests.unit.transport.psexec.fake_host import WindowsHost
from tests.unit.transport.psexec.fake_paexec import Script
from tests.unit.transport.psexec.visits import ACCOUNT, journaled, open_session

from hostprobe.errors import CommandTimeoutError, HostError, HostprobeError
from hostprobe.transport import code_page
from hostprobe.transport.base import Command, Ended, Streams
from hostprobe.transport.program import Copy, Program
from hostprobe.transport.psexec.line import Options

PROGRAM = Program(command=Command("tool.exe", "/q"))


@dataclass(slots=True)
class Heard:
    """What a listener heard, when, and which files the host had then."""

    host: WindowsHost
    said: list[tuple[str, bytes | int | None]] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def page(self, code_page: int | None) -> None:
        """As Listener.page."""
        self.said.append(("page", code_page))

    def out(self, data: bytes) -> None:
        """As Listener.out."""
        self.said.append(("out", data))
        self.moments.append(self.host.clock.now)
        self.files = {name: bytes(content) for name, content in self.host.files.items()}

    def err(self, data: bytes) -> None:
        """As Listener.err."""
        self.said.append(("err", data))


def stream(
    host: WindowsHost,
    program: Program = PROGRAM,
    *,
    stdin: socket.socket | None = None,
    overlapped: bool = True,
    timeout_s: float = 60.0,
) -> tuple[Ended | HostprobeError, Heard]:
    """Stream one program to its end; the host must be clean then."""
    heard = Heard(host)
    session = open_session(host, Options(credentials=ACCOUNT, overlapped=overlapped))
    assert isinstance(session, Streams)
    outcome: Ended | HostprobeError
    try:
        outcome = session.stream(program, heard, stdin=stdin, timeout_s=timeout_s)
    except HostprobeError as error:
        outcome = error
    finally:
        session.close()
    host.clock.wait(2 * host.manners.round_trip_s)
    assert not host.complaints()
    assert (session.receipt.left_behind, host.left(), journaled()) == ((), (), [])
    return outcome, heard


@contextlib.contextmanager
def typing(data: bytes) -> Iterator[socket.socket]:
    """What is typed: all of it is there at once."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(data)
        yield ours


@pytest.mark.parametrize("overlapped", [True, False])
def test_output_comes_as_it_is_printed(host: WindowsHost, *, overlapped: bool) -> None:
    """Each piece is heard when it was printed, on its own stream, and the code is the program's."""
    prints = [(0, "Out", b"one"), (2, "Err", b"two"), (4, "Out", b"three")]
    host.script = Script(prints=prints, ends_s=5, exit_code=0xC0000005)  # type: ignore[arg-type] # literals
    ended, heard = stream(host, overlapped=overlapped)
    assert ended == Ended(exit_code=0xC0000005)
    assert heard.said == [("out", b"one"), ("err", b"two"), ("out", b"three")]
    assert heard.moments[1] - heard.moments[0] == pytest.approx(4, abs=0.5)


def test_a_server_that_takes_no_overlapped_message(host: WindowsHost) -> None:
    """It is asked again one message at a time, before anything was started."""
    host.statuses["svcctl"] = [0xC000000D]
    ended, _ = stream(host)
    assert ended == Ended(exit_code=0)
    assert len(host.runs) == 1


def test_input_goes_in_pieces(host: WindowsHost) -> None:
    """All that is typed is read there, then the end is found."""
    host.script = Script(prints=[], ends_s=None, reads=True, exit_code=3)
    typed = bytes(range(256)) * 500
    with typing(typed) as stdin:
        ended, _ = stream(host, stdin=stdin)
    assert ended == Ended(exit_code=3)
    assert bytes(host.script.typed) == typed


def test_who_types_is_gone(host: WindowsHost) -> None:
    """A connection that breaks instead of ending is an end, too."""

    class Broken(socket.socket):
        def recv(self, _size: int, _flags: int = 0) -> bytes:
            raise ConnectionResetError

    host.script = Script(prints=[], ends_s=None, reads=True)
    with typing(b"x") as stdin, Broken(fileno=stdin.detach()) as broken:
        ended, _ = stream(host, stdin=broken)
    assert ended == Ended(exit_code=0)


def test_input_that_is_refused(host: WindowsHost) -> None:
    """A program that has closed its input runs on; nothing more is passed to it."""
    host.script = Script(ends_s=1, refuses_input=0xC00000B1)
    with typing(b"x" * 100_000) as stdin:
        ended, heard = stream(host, stdin=stdin)
    assert ended == Ended(exit_code=0)
    assert heard.said == [("out", b"hello\r\n")]
    assert len(host.script.typed) == 0


def test_something_holds_the_output(host: WindowsHost) -> None:
    """When the program has ended, those who still have its output are not waited for."""
    host.script = Script(ends_s=1, exit_code=4, holds_output=True)
    ended, heard = stream(host)
    assert ended == Ended(exit_code=4, holds_output=True)
    assert heard.said == [("out", b"hello\r\n")]
    assert host.clock.now < 20


def test_a_program_that_does_not_end(host: WindowsHost) -> None:
    """It is ended in its time, though the log-in has used up none of that."""
    host.script = Script(ends_s=None)
    ended, heard = stream(host, timeout_s=600)
    assert isinstance(ended, CommandTimeoutError)
    assert 600 <= host.clock.now < 640
    assert heard.said == [("out", b"hello\r\n")]


@pytest.mark.parametrize("lacks", ["", "cmd.exe"])
def test_the_page_is_asked_for_first(host: WindowsHost, lacks: str) -> None:
    """The same service is asked before the program runs; without cmd.exe the page is unknown."""
    line = code_page.LINE.encode("cp850", "ignore")
    host.script = Script(prints=[(0, "Out", line)], lacks=lacks)
    program = Program(command=PROGRAM.command, asks_page=True)
    ended, heard = stream(host, program)
    assert ended == Ended(exit_code=0)
    assert [kind for kind, _ in heard.said] == ["page", "out"]
    assert heard.said[0] == ("page", None if lacks else 850)
    (run,) = host.runs
    assert [settings.executable for settings in run.told] == ["cmd.exe", "tool.exe"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (Script(ends_s=None), "deadline"),
        (Script(prints=[(0, "Out", b"x" * 5000)]), "output_too_large"),
    ],
)
def test_a_page_that_is_told_without_end(host: WindowsHost, script: Script, kind: str) -> None:
    """The program was not run, so nothing is said of its time and its output."""
    host.script = script
    error, heard = stream(host, replace(PROGRAM, asks_page=True))
    assert isinstance(error, HostError)
    assert (error.kind, error.step, heard.said) == (kind, "ask for the code page", [])
    assert "the program was not run; --encoding NAME does not ask" in str(error)


def test_a_copy_is_found_by_its_name(host: WindowsHost) -> None:
    """What is brought along lies beside PAExec, and is run by the name that it has there."""
    content = bytes(range(256)) * 3000
    program = Program(command=Command("", "/q"), copy=Copy("tool.exe", content))
    ended, heard = stream(host, program)
    assert ended == Ended(exit_code=0)
    (run,) = host.runs
    (settings,) = run.told
    assert re.fullmatch(r"PAExec-\d+-hp[0-9a-f]{8}-tool\.exe", settings.executable)
    assert settings.arguments == "/q"
    assert heard.files[settings.executable] == content
