"""Every exception hostprobe raises on purpose.

* HostprobeError
  - UsageError                  what was asked for cannot be done as asked (exit 2)
    + TargetError                 the text does not name a host
    + InputFileError              a file the user named cannot be read or written
    + SpoolError                  what does not fit in memory finds no room on the disk
  - NothingMatchedError         the host answered, and nothing there is what was asked for (exit 1)
  - GuardError                  a guard refused (exit 6)
    + NotConfirmedError           a change was asked for without a yes
    + SparedError                 another log-in could lock the account
    + OutsideScopeError           the address is outside the networks given by --scope
    + JournalError                what is about to change cannot be written down first
  - HostError                   one host could not be asked, or not to the end (exit 4)
    + UnresolvedError             its name has no address
    + UnreachableError            no answer from its address
    + RefusedError                the host is up; nothing listens on the port
    + NotSmbError                 what answers speaks no SMB 2 or 3
    + NoEncryptionError           the host cannot encrypt, and encryption is required
    + AuthenticationError         the host or its domain did not accept the account (exit 5)
      * BadCredentialsError         wrong user name or password
      * AccountLockedError          too many wrong passwords: the account is locked
      * AccountDisabledError        disabled or expired account
      * PasswordExpiredError        the password must be changed first
      * LogonDeniedError            a policy forbids this account this kind of log-in
    + CredentialError             its password or ticket could not be had; nothing was sent
    + DomainProblemError          no domain controller, a broken trust, a skewed clock
    + GuestError                  the host knows no such account and let us in as a guest
    + NotAdminError               logged in, but not as an administrator
    + NoAdminShareError           ADMIN$ is not shared
    + BusyError                   the host has no room for one more session or service now
    + BlockedError                security software on the host stopped PAExec
    + ServiceConflictError        a service of that name is in the way
    + ServiceFailedError          the service did not start
    + ShuttingDownError           the host is going down
    + CommandFailedError          the command could not start, or exited with an error
      * CommandNotFoundError        the host has no such program
      * RunAsError                  the account that it was to run as could not log on
    + CommandTimeoutError         the command did not end in time
    + DeadlineError               the host did not answer a step in time
    + ConnectionLostError         the connection broke
    + ProtocolError               the host answered what no SMB server answers
    + OutputTooLargeError         the command printed more than is read
    + RemoteFileError             a file or folder of the host cannot be read
    + WorkerLostError             the cluster has no worker that could ask it, or lost it
    + StoppedError                the user stopped the run before the host had answered (exit 130)
    + UnknownOutputError          the command answered in a shape that no parser knows
    + InternalError               a bug of hostprobe, met while asking this host (exit 70)

A message names the host or the file, the cause, and the way out, in one line.
"""

import re
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from hostprobe.footprint import Footprint


class HostprobeError(Exception):
    """Base of every exception raised on purpose."""

    exit_code: ClassVar[int] = 70

    @property
    def kind(self) -> str:
        """The class's name in snake case: `bad_credentials` for BadCredentialsError."""
        name = type(self).__name__.removesuffix("Error")
        return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class UsageError(HostprobeError):
    """What was asked for cannot be done as asked."""

    exit_code = 2


class TargetError(UsageError):
    """The text does not name a host."""


class InputFileError(UsageError):
    """A file the user named cannot be read or written."""


class SpoolError(UsageError):
    """What does not fit in memory finds no room on the disk."""


class NothingMatchedError(HostprobeError):
    """The host answered, and nothing there is what was asked for."""

    exit_code = 1


class GuardError(HostprobeError):
    """A guard refused what was asked for; nothing was changed."""

    exit_code = 6


class NotConfirmedError(GuardError):
    """A change was asked for without a yes."""


class SparedError(GuardError):
    """Another log-in could lock the account: so many have failed elsewhere."""


class OutsideScopeError(GuardError):
    """The address is outside the networks given by --scope; nothing was sent to it."""


class JournalError(GuardError):
    """What is about to change on a host cannot be written down first."""


class HostError(HostprobeError):
    """One host could not be asked, or not to the end.

    Attributes:
        step: What was being done, such as `log in` or `start the service`.
        left_behind: What of ours is still on the host, in words; empty when it is clean.
        footprints: What was put on the host before it failed.
        partial: What the command had printed by then, on stdout; None where it never ran.
        logged_in: Whether the host had accepted the account by then.
        address: That was asked, or asked last; None where the name has none.
        host_name: That the host stated of itself; None where it was not heard.
    """

    exit_code = 4
    may_pass: ClassVar[bool] = False
    """Whether the same question may be answered a moment later."""

    def __init__(
        self,
        message: str,
        *,
        step: str = "",
        left_behind: tuple[str, ...] = (),
        partial: bytes | None = None,
    ) -> None:
        super().__init__(message)
        self.step = step
        self.left_behind = left_behind
        self.partial = partial
        self.footprints: tuple[Footprint, ...] = ()
        self.logged_in = True
        self.address: str | None = None
        self.host_name: str | None = None


class UnresolvedError(HostError):
    """The host's name has no address."""


class UnreachableError(HostError):
    """No answer from the host's address."""


class RefusedError(HostError):
    """The host is up; nothing listens on the port."""


class HostKeyError(HostError):
    """A router's SSH key is not known, or not the one that is; nothing was proved to it."""


class NotSmbError(HostError):
    """What answers speaks no SMB 2 or 3."""


class NoEncryptionError(HostError):
    """The host cannot encrypt, and encryption is required."""


class AuthenticationError(HostError):
    """The host or its domain did not accept the account; never retried."""

    exit_code = 5


class BadCredentialsError(AuthenticationError):
    """Wrong user name or password."""


class AccountLockedError(AuthenticationError):
    """Too many wrong passwords: the account is locked."""


class AccountDisabledError(AuthenticationError):
    """Disabled or expired account."""


class PasswordExpiredError(AuthenticationError):
    """The password must be changed first."""


class LogonDeniedError(AuthenticationError):
    """A policy forbids this account this kind of log-in."""


class CredentialError(HostError):
    """The account's password or ticket could not be had; nothing of it was sent to the host."""


class DomainProblemError(HostError):
    """No domain controller, a broken trust, a skewed clock."""


class GuestError(HostError):
    """The host knows no such account and let us in as a guest."""


class NotAdminError(HostError):
    """Logged in, but not as an administrator."""


class NoAdminShareError(HostError):
    """ADMIN$ is not shared."""


class BusyError(HostError):
    """The host has no room for one more session or service now."""

    may_pass = True


class BlockedError(HostError):
    """Security software on the host stopped PAExec."""


class ServiceConflictError(HostError):
    """A service of that name is in the way."""


class ServiceFailedError(HostError):
    """The service did not start."""


class ShuttingDownError(HostError):
    """The host is going down."""


class CommandFailedError(HostError):
    """The command could not start, or exited with an error."""


class CommandNotFoundError(CommandFailedError):
    """The host has no such program."""


class RunAsError(CommandFailedError):
    """The account that a program was to run as could not log on there; never tried again."""


class CommandTimeoutError(HostError):
    """The command did not end in time."""


class DeadlineError(HostError):
    """The host did not answer a step in time."""


class ConnectionLostError(HostError):
    """The connection broke."""

    may_pass = True


class ProtocolError(HostError):
    """The host answered what no SMB server answers."""


class OutputTooLargeError(HostError):
    """The command printed more than is read."""


class RemoteFileError(HostError):
    """A file or folder of the host cannot be read, or not to its end."""


class WorkerLostError(HostError):
    """The cluster has no worker that could ask the host, or lost the one that did."""


class StoppedError(HostError):
    """The user stopped the run before the host had answered."""

    exit_code = 130


class UnknownOutputError(HostError):
    """The command answered in a shape that no parser knows."""


class InternalError(HostError):
    """A bug of hostprobe, met while asking this host."""

    exit_code = 70
