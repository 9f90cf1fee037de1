"""One run of PAExec against a host in memory."""

from tests.unit.transport.psexec.fake_host import WindowsHost
from tests.unit.transport.psexec.visits import journaled, visit

from hostprobe.transport.base import CommandResult


def test_a_run_answers_what_the_program_printed_and_leaves_nothing(host: WindowsHost) -> None:
    """The output and the exit code come back, and host and journal are as they were."""
    seen = visit(host)
    assert seen.error is None
    assert seen.result == CommandResult(b"hello\r\n", b"", 0)
    assert (seen.reported, host.left(), journaled()) == ((), (), [])
