"""The brake of a sweep: who may be asked, so that no account is locked."""

from collections import Counter

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
    ServiceConflictError,
    ServiceFailedError,
    UnknownOutputError,
)
from hostprobe.inventory.credentials import Credentials
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
    ServiceConflictError,
    ServiceFailedError,
    UnknownOutputError,
)


class Gate:
    """Keeps a sweep from locking the account it logs in with.

    Until the account is known to be good, one host is asked at a time, and the first authentication
    failure ends its use. Later so many failures at one authority do, and "locked out" does at once.
    A local account (`.`) has an authority in each host, so that a failure there says nothing about
    the others.

    Args:
        credentials: The account.
        failures: How many authentication failures at one authority end its use there.
    """

    def __init__(self, credentials: Credentials, failures: int = 2) -> None:
        self._credentials = credentials
        self._limit = failures
        self._failures: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}
        self._alone = True

    @property
    def alone(self) -> bool:
        """Whether only one host may be at work now."""
        return self._alone

    def refusal(self, target: Target) -> str | None:
        """Why the account must not be used on the host; None where it may."""
        return self._reasons.get(self._authority(target))

    def note(self, outcome: Answered[object] | Failed | NotAsked) -> None:
        """Learn from what became of one host."""
        match outcome:
            case Answered():
                self._alone = False
            case Failed(target, AuthenticationError() as error):
                self._count(target, error)
            case Failed(error=error):
                self._alone = self._alone and not _was_logged_in(error)
            case NotAsked():
                pass

    def _count(self, target: Target, error: AuthenticationError) -> None:
        account, authority = self._credentials.username, self._authority(target)
        if isinstance(error, AccountLockedError):
            self._reasons[authority] = f"{account} is locked out, says {target}"
        self._failures[authority] += 1
        is_local = self._credentials.authority == "."
        limit = 1 if self._alone and not is_local else self._limit
        if (failures := self._failures[authority]) >= limit:
            self._reasons.setdefault(
                authority,
                f"{account} failed to log in {_times(failures)}, last at {target}"
                f" ({error.kind}); one more could lock it",
            )
        if is_local:
            self._alone = False

    def _authority(self, target: Target) -> str:
        authority = self._credentials.authority
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
