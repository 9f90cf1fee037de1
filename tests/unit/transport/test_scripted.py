"""The session that answers from a script."""

import pytest

from hostprobe.errors import (
    CommandTimeoutError,
    OutputTooLargeError,
    RefusedError,
    UnresolvedError,
)
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import Command, CommandResult, Session
from hostprobe.transport.scripted import ScriptedSession, connector

DIR = Command("cmd.exe", "/c dir")
VER = Command("cmd.exe", "/c ver")
ANSWER = CommandResult(b"ok", b"", 0)


def ask(session: Session, command: Command, *, max_bytes: int = 100) -> CommandResult:
    """Run `command` as the rest of hostprobe does."""
    return session.run(command, timeout_s=5, max_bytes=max_bytes)


def test_it_answers_the_command_that_is_asked() -> None:
    """Each command gets its own answer, and what was asked is recorded in order."""
    session = ScriptedSession({DIR: ANSWER, VER: CommandResult(b"10.0", b"", 0)})
    assert ask(session, VER).stdout == b"10.0"
    assert ask(session, DIR) == ANSWER
    assert session.asked == [VER, DIR]


def test_it_answers_in_turn() -> None:
    """A sequence answers one command after the other; an error in it is raised."""
    session = ScriptedSession((ANSWER, RefusedError("10.0.0.1: refused")))
    assert ask(session, DIR) == ANSWER
    with pytest.raises(RefusedError):
        ask(session, DIR)


@pytest.mark.parametrize("answers", [{VER: ANSWER}, ()])
def test_a_command_without_an_answer_times_out(
    answers: dict[Command, CommandResult] | tuple[CommandResult, ...],
) -> None:
    """What the script does not know is a command that never ends."""
    with pytest.raises(CommandTimeoutError, match="no answer to cmd"):
        ask(ScriptedSession(answers), DIR)


def test_a_long_answer_is_refused() -> None:
    """Output beyond the limit is an error that carries what was read."""
    with pytest.raises(OutputTooLargeError) as caught:
        ask(ScriptedSession([ANSWER]), DIR, max_bytes=1)
    assert caught.value.partial == b"o"


def test_the_connector_knows_its_hosts() -> None:
    """A known host gives its session or its error, any other host is not found."""
    connect = connector({"a": ScriptedSession([ANSWER]), "b": RefusedError("b: refused")})
    with connect(Target("a")) as session:
        assert ask(session, DIR) == ANSWER
    with pytest.raises(RefusedError), connect(Target("b")):
        pass
    with pytest.raises(UnresolvedError, match="c: "), connect(Target("c")):
        pass
