"""A session that answers from a script: for tests, docs and `--from FILE`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from hostprobe.errors import (
    CommandTimeoutError,
    HostError,
    OutputTooLargeError,
    UnresolvedError,
)
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import Command, CommandResult, Connector, Receipt, SessionFacts

Scripted = CommandResult | HostError


@dataclass(slots=True)
class ScriptedSession:
    """Answers each command from `answers`; an error among them is raised.

    Attributes:
        answers: Command to answer, or one answer after the other whatever the command.
        address: What `facts` says of the host's address.
        asked: The commands run so far, in order.
        receipt: What the session claims to have put on the host.
    """

    answers: Mapping[Command, Scripted] | Sequence[Scripted]
    address: str = "127.0.0.1"
    receipt: Receipt = field(default_factory=Receipt)
    asked: list[Command] = field(default_factory=list)

    @property
    def facts(self) -> SessionFacts:
        """A session that negotiated the best there is."""
        return SessionFacts(
            address=self.address,
            port=445,
            dialect="3.1.1",
            cipher="AES-128-GCM",
            authentication="ntlm",
        )

    def run(self, command: Command, *, timeout_s: float, max_bytes: int) -> CommandResult:
        """Give the scripted answer to `command`.

        Raises:
            CommandTimeoutError: The script has no answer.
            OutputTooLargeError: The answer is longer than `max_bytes`.
            HostError: The script says so.
        """
        self.asked.append(command)
        answer = self._answer(command)
        if answer is None:
            msg = f"{self.address}: no answer to {command.executable} within {timeout_s:g} s"
            raise CommandTimeoutError(msg)
        if isinstance(answer, HostError):
            raise answer
        if len(answer.stdout) > max_bytes:
            msg = f"{self.address}: more than {max_bytes} bytes of output"
            raise OutputTooLargeError(msg, partial=answer.stdout[:max_bytes])
        return answer

    def _answer(self, command: Command) -> Scripted | None:
        if isinstance(self.answers, Mapping):
            return self.answers.get(command)
        turn = len(self.asked) - 1
        return self.answers[turn] if turn < len(self.answers) else None


def connector(hosts: Mapping[str, ScriptedSession | HostError]) -> Connector:
    """A connector that knows `hosts` by their names; an error among them is raised on connect."""

    @contextmanager
    def connected(target: Target) -> Iterator[ScriptedSession]:
        match hosts.get(target.host):
            case None:
                msg = f"{target}: the name has no address"
                raise UnresolvedError(msg)
            case HostError() as error:
                raise error
            case session:
                yield session

    def connect(target: Target) -> AbstractContextManager[ScriptedSession]:
        return connected(target)

    return connect
