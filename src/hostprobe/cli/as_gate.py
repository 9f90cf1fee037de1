"""The brake of --as: a wrong password is told to one host, not to all of them."""

from hostprobe.errors import CommandNotFoundError, CommandTimeoutError, RunAsError
from hostprobe.inventory.credentials import Accounts
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed, Gate, NotAsked


class AsGate(Gate):
    """Keeps a sweep from locking the account that programs run as, beside those that log in.

    Until a host has let that account log on, one host is at work at a time, to the program's end:
    PAExec tells nothing of the log-on before. The first failure then ends its use; later so many.

    Args:
        accounts: As whom each host is asked.
        failures: Of an account, after which it is used no more.
        user: As whom programs run.
    """

    def __init__(self, accounts: Accounts, failures: int, user: str) -> None:
        super().__init__(accounts, failures)
        self._user = user
        self._left = failures
        self._is_good = False
        self._trial: Target | None = None
        self._reason: str | None = None

    def ready(self, target: Target) -> bool:
        """As Gate.ready."""
        return self._trial is None and super().ready(target)

    def refusal(self, target: Target) -> str | None:
        """As Gate.refusal."""
        return self._reason or super().refusal(target)

    def began(self, target: Target) -> None:
        """As Gate.began."""
        super().began(target)
        self._trial = None if self._is_good else target

    def note(self, outcome: Answered[object] | Failed | NotAsked) -> None:
        """As Gate.note."""
        super().note(outcome)
        match outcome:
            case Answered() | Failed(error=CommandNotFoundError() | CommandTimeoutError()):
                self._is_good = True
            case Failed(target=target, error=RunAsError()):
                self._left -= 1
                if not self._is_good or not self._left:
                    self._reason = f"{self._user} could not log on at {target}; one more failure"
                    self._reason += " could lock it"
            case _:
                pass
        if self._is_good or outcome.target == self._trial:
            self._trial = None
