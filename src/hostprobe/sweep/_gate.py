"""The brake of a sweep: who may be asked, so that no account is locked."""

from collections import Counter
from dataclasses import dataclass, field

from hostprobe.errors import (
    AccountLockedError,
    AuthenticationError,
    BlockedError,
    CommandFailedError,
    CommandTimeoutError,
    HostError,
    HostprobeError,
    NoAdminShareError,
    NotAdminError,
    NothingMatchedError,
    OutputTooLargeError,
    RemoteFileError,
    ServiceConflictError,
    ServiceFailedError,
    UnknownOutputError,
)
from hostprobe.inventory.credentials import Accounts, Credentials
from hostprobe.inventory.targets import Target
from hostprobe.sweep._outcomes import Answered, Failed, NotAsked

# Errors that can only come after the host has accepted the account.
_LOGGED_IN = (
    BlockedError,
    CommandFailedError,
    CommandTimeoutError,
    NoAdminShareError,
    NotAdminError,
    NothingMatchedError,
    OutputTooLargeError,
    RemoteFileError,
    ServiceConflictError,
    ServiceFailedError,
    UnknownOutputError,
)


class Gate:
    """Keeps a sweep from locking the accounts it logs in with.

    Until an account is known to be good, one host is asked with it at a time, and the first
    authentication failure ends its use. Later so many failures at one authority do, and "locked
    out" does at once. A local account (`.`) has an authority in each host, so that a failure there
    says nothing about the others. An account that cannot be locked, such as that of a ticket, needs
    none of this.

    Args:
        accounts: As whom each host is asked; one account for all, or each one's own.
        failures: How many authentication failures of an account at one authority end its use there.
    """

    def __init__(self, accounts: Accounts | Credentials, failures: int = 2) -> None:
        self._accounts = accounts if isinstance(accounts, Accounts) else Accounts(accounts)
        self._failures = failures
        self._used: dict[Credentials, _Use] = {}

    def ready(self, target: Target) -> bool:
        """Whether the host may be asked now, or must wait for another that tries its account."""
        return self._of(target).trial is None

    def refusal(self, target: Target) -> str | None:
        """Why the account must not be used on the host; None where it may."""
        return self._of(target).refusal(target)

    def began(self, target: Target) -> None:
        """Learn that a host is being asked."""
        use = self._of(target)
        if use.alone:
            use.trial = target

    def logged_in(self, target: Target) -> None:
        """Learn that a host has let its account in, though its work goes on; from any thread."""
        use = self._of(target)
        use.alone = False
        use.trial = None

    def note(self, outcome: Answered[object] | Failed | NotAsked) -> None:
        """Learn from what became of one host."""
        self._of(outcome.target).note(outcome)

    def _of(self, target: Target) -> "_Use":
        account = self._accounts.of(target)
        return self._used.setdefault(account, _Use(account, self._failures, account.can_be_locked))


@dataclass(slots=True)
class _Use:
    """What is known of one account.

    Attributes:
        alone: Whether only one host may be asked at a time.
        trial: That host.
    """

    account: Credentials
    limit: int
    alone: bool
    trial: Target | None = None
    failures: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)

    def refusal(self, target: Target) -> str | None:
        return self.reasons.get(self._authority(target))

    def note(self, outcome: Answered[object] | Failed | NotAsked) -> None:
        match outcome:
            case Answered():
                self.alone = False
            case Failed(target, AuthenticationError() as error) if self.account.can_be_locked:
                self._count(target, error)
            case Failed(error=error):
                self.alone = self.alone and not _was_logged_in(error)
            case NotAsked():
                pass
        if not self.alone or outcome.target == self.trial:
            self.trial = None

    def _count(self, target: Target, error: AuthenticationError) -> None:
        name, authority = self.account.username, self._authority(target)
        if isinstance(error, AccountLockedError):
            self.reasons[authority] = f"{name} is locked out, says {target}"
        self.failures[authority] += 1
        is_local = self.account.authority == "."
        limit = 1 if self.alone and not is_local else self.limit
        if (failures := self.failures[authority]) >= limit:
            self.reasons.setdefault(
                authority,
                f"{name} failed to log in {_times(failures)}, last at {target}"
                f" ({error.kind}); one more could lock it",
            )
        if is_local:
            self.alone = False

    def _authority(self, target: Target) -> str:
        authority = self.account.authority
        return target.host.lower() if authority == "." else authority


def _was_logged_in(error: HostprobeError) -> bool:
    """Whether the host had accepted the account; a host's own word for it does not count."""
    if isinstance(error, HostError) and not error.logged_in:
        return False
    if isinstance(error, HostError) and (error.partial is not None or error.left_behind):
        return True
    return isinstance(error, _LOGGED_IN)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
