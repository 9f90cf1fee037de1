"""A program on scripted hosts: what is told where nobody reads it any more."""

import errno
import io
import socket
import sys
from dataclasses import dataclass

import pytest
from tests.unit.cli.program import SECRET, USER, Said, host_options, output_options
from tests.unit.cli.script import Script

from hostprobe import cli
from hostprobe.cli.executing import Execution, Manner
from hostprobe.cli.options import ManyOptions
from hostprobe.inventory.credentials import Accounts, Credentials
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import Command, Ended, Listener, Receipt
from hostprobe.transport.program import Program
from hostprobe.transport.scripted import ScriptedSession

LEFT = r"file %SystemRoot%\PAExec-1-hp00000001.exe"


@dataclass(slots=True)
class Printing(ScriptedSession):
    """A host whose program prints a line and ends with 3."""

    def stream(
        self,
        program: Program,
        listener: Listener,
        *,
        stdin: socket.socket | None,
        timeout_s: float,
    ) -> Ended:
        """Run it."""
        del program, stdin, timeout_s
        listener.out(b"a line\r\n")
        return Ended(exit_code=3)


class Closed(io.BytesIO):
    """What nobody reads any more."""

    def write(self, _data: object) -> int:
        """As a pipe whose other end is closed."""
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


@pytest.mark.parametrize(
    ("hosts", "left", "code"),
    [(1, (LEFT,), 125), (2, (LEFT,), 7), (1, (), 0), (2, (), 0)],
)
def test_what_is_left_is_told_where_nobody_reads(
    monkeypatch: pytest.MonkeyPatch, said: Said, hosts: int, left: tuple[str, ...], code: int
) -> None:
    """`| head` ends the program, and hides neither by name nor by code what stays on a host."""
    targets = tuple(Target(f"web{number}") for number in range(hosts))
    account = Credentials(USER, SECRET)
    execution = Execution(
        program=Program(command=Command("hostname")),
        manner=Manner(),
        targets=targets,
        options=(host_options(), ManyOptions(jobs=1), output_options("table")),
        accounts=Accounts(account),
        opener=Script({each.host: Printing([], receipt=Receipt((), left)) for each in targets}),
    )
    with monkeypatch.context() as patch:
        out = io.TextIOWrapper(Closed(), "utf-8", write_through=True)
        patch.setattr(sys, "stdout", out)
        ended = cli._ended(lambda: execution.run(None))
    told = said(ended)
    assert told.code == code
    assert (f"hostprobe: web0: left behind: {LEFT}\n" in told.stderr) == bool(left)
