"""Foreign failures in, one class of errors.py out: by class and status code, never by text.

Source: [MS-ERREF] 2.3 (NTSTATUS) and 2.2 (Win32); facts of pypsexec, smbprotocol and PAExec.
"""

import contextlib
import logging
import re
from collections.abc import Iterator, Mapping

from pypsexec.exceptions import PAExecException, PypsexecException
from smbprotocol.exceptions import (
    SMBAuthenticationError,
    SMBConnectionClosed,
    SMBException,
    SMBResponseException,
)

from hostprobe import errors
from hostprobe.errors import HostError, HostprobeError
from hostprobe.transport.psexec import kerberos
from hostprobe.transport.psexec.deadline import StoppedByUser
from hostprobe.transport.trail import Trail

_LOG = logging.getLogger(__name__)

_ERROR_CODE = re.compile(r"\[Err=0x[0-9A-F]{1,8}, ([0-9]{1,10})\]\Z")
_NOT_STARTED: Mapping[str, type[HostError]] = {
    **dict.fromkeys(("2", "3"), errors.CommandNotFoundError),  # ERROR_FILE_, ERROR_PATH_NOT_FOUND
    # From ERROR_LOGON_FAILURE to ERROR_ACCOUNT_LOCKED_OUT, in the order of their numbers.
    **dict.fromkeys(("1326", "1327", "1328", "1329", "1330", "1331"), errors.RunAsError),
    **dict.fromkeys(("1385", "1793", "1907", "1909"), errors.RunAsError),
}


class StatusError(Exception):
    """The server answered a message with an NTSTATUS other than success."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status 0x{status:08X}")
        self.status = status


class ServiceCallError(Exception):
    """The service manager answered a call with a Win32 error, or with an RPC fault."""

    def __init__(self, call: str, code: int) -> None:
        super().__init__(f"{call} error {code}")
        self.call = call
        self.code = code


_Verdict = tuple[type[HostError], str]

_PASSWORD: _Verdict = (errors.BadCredentialsError, "wrong user name or password; not tried again")
_BUSY: _Verdict = (errors.BusyError, "no room for one more session or service; try again later")
_BLOCKED: _Verdict = (
    errors.BlockedError,
    "security software or policy stopped paexec.exe; ask to allow-list it (README, Footprint)",
)
_DOWN: _Verdict = (errors.ShuttingDownError, "the host is going down, or ended the session")
_DISABLED: _Verdict = (errors.AccountDisabledError, "the account is disabled or has expired")
_EXPIRED: _Verdict = (errors.PasswordExpiredError, "the password must be changed first")
_DENIED: _Verdict = (
    errors.LogonDeniedError,
    "a policy forbids this account this log-in (network log-on, NTLM, hours, Protected Users)",
)
_DOMAIN: _Verdict = (
    errors.DomainProblemError,
    "no domain controller, a broken trust, or clocks more than five minutes apart",
)
_NOT_ADMIN: _Verdict = (
    errors.NotAdminError,
    "not an administrator there, or a local one that UAC filters (LocalAccountTokenFilterPolicy)",
)

LOG_IN_STATUS: Mapping[int, _Verdict] = {
    **dict.fromkeys((0xC000006D, 0xC000006A, 0xC0000064), _PASSWORD),
    0xC0000234: (errors.AccountLockedError, "the account is locked out; unlock it first"),
    **dict.fromkeys((0xC0000072, 0xC0000193), _DISABLED),
    **dict.fromkeys((0xC0000071, 0xC0000224), _EXPIRED),
    **dict.fromkeys(
        (0xC000015B, 0xC000006E, 0xC000006F, 0xC0000070, 0xC0000413, 0xC0000418), _DENIED
    ),
    0xC0000022: _DENIED,
    **dict.fromkeys((0xC000005E, 0xC000018C, 0xC000018D, 0xC0000192, 0xC0000133), _DOMAIN),
    **dict.fromkeys((0xC00000D0, 0xC0000205, 0xC000009A), _BUSY),
    **dict.fromkeys((0xC0000203, 0xC000035C, 0xC00000C9, 0xC0000466), _DOWN),
    0xC00000BB: (errors.NotSmbError, "it does not speak SMB 2 or 3"),
}
"""What a host says while logging in; the rest of STATUS would be a lie there."""

STATUS: Mapping[int, _Verdict] = {
    **LOG_IN_STATUS,
    **dict.fromkeys((0xC0000022, 0xC0000061), _NOT_ADMIN),
    0xC00000CC: (
        errors.NoAdminShareError,
        "ADMIN$ is not shared (AutoShareWks or AutoShareServer is 0)",
    ),
    **dict.fromkeys((0xC00000AC, 0xC00000AE), _BUSY),
    **dict.fromkeys((0xC0000906, 0xC0000907), _BLOCKED),
    0xC000007F: (errors.ServiceFailedError, "no room on its system disk"),
    0xC000014B: (
        errors.BlockedError,
        "PAExec ended before it answered; security software or policy may have stopped it",
    ),
}

SERVICE: Mapping[int, _Verdict] = {
    5: _NOT_ADMIN,
    **dict.fromkeys((2, 3, 225, 226, 577, 1260, 4551), _BLOCKED),
    1055: _BUSY,
    **dict.fromkeys((1115, 1116), _DOWN),
    **dict.fromkeys(
        (1072, 1073, 1078),
        (errors.ServiceConflictError, "a service of that name is in the way"),
    ),
    1053: (errors.ServiceFailedError, "paexec.exe was started and did not report in time"),
    1058: (errors.ServiceFailedError, "services of this kind are disabled"),
    1069: (errors.ServiceFailedError, "the service's account could not log on"),
    **dict.fromkeys(
        (193, 216),
        (errors.ServiceFailedError, "it cannot run 32-bit programs, and paexec.exe is one"),
    ),
}

_CLASSES: Mapping[type[BaseException], _Verdict] = {
    StoppedByUser: (errors.StoppedError, "stopped by you before it had answered"),
    TimeoutError: (errors.DeadlineError, "no answer in time"),
    SMBAuthenticationError: (errors.DomainProblemError, "the log-in could not be prepared"),
    SMBConnectionClosed: (errors.ConnectionLostError, "it closed the connection"),
    ConnectionError: (errors.ConnectionLostError, "the connection broke"),
    OSError: (errors.ConnectionLostError, "the connection broke"),
    PAExecException: (errors.CommandFailedError, "PAExec could not start the command"),
    PypsexecException: (errors.ProtocolError, "it answered what no Windows host answers"),
    SMBException: (errors.ProtocolError, "it answered what no SMB server answers"),
    Exception: (errors.ProtocolError, "it answered what no SMB server answers"),
}


def verdict(error: BaseException) -> _Verdict:
    """The class and the cause, in words, of a foreign failure."""
    match error:
        case StatusError(status=int(status)):
            return STATUS.get(status, _unknown(status))
        case SMBResponseException(status=int(status)):  # smbprotocol only logs in
            return LOG_IN_STATUS.get(status, _unknown(status))
        case ServiceCallError(call=call, code=code):
            return _of_service(call, code)
        case SMBAuthenticationError():
            return kerberos.verdict(error) or _CLASSES[SMBAuthenticationError]
        case PAExecException(args=(_, bytes(buffer))):
            return _not_started(_failure_text(buffer))
        case _:
            return next(_CLASSES[cls] for cls in type(error).__mro__ if cls in _CLASSES)


def _unknown(status: int) -> _Verdict:
    return errors.ProtocolError, f"it answered with status 0x{status:08X}"


def _of_service(call: str, code: int) -> _Verdict:
    if (call, code) == ("RStartServiceW", 5):  # we hold the right to start what we made
        return _BLOCKED
    return SERVICE.get(code, (errors.ServiceFailedError, f"{call} answered with error {code}"))


def _not_started(text: str) -> _Verdict:
    """PAExec tells the Win32 error only at the end of its line, as `[Err=0x2, 2]`."""
    code = _ERROR_CODE.search(text)
    cls = _NOT_STARTED.get(code[1] if code else "", errors.CommandFailedError)
    return cls, f"PAExec: {text}"


def _failure_text(buffer: bytes) -> str:
    """What PAExec says of a failure: a length in characters, and UTF-16."""
    length = 2 * int.from_bytes(buffer[:4], "little")
    text = buffer[4 : 4 + min(length, 1024)].decode("utf-16-le", "replace")
    return " ".join(text.replace("\0", " ").split()) or "no reason given"


def host_error(error: BaseException, host: str, step: str) -> HostError:
    """The failure of `host` at `step` as one of ours; ours come back as they are."""
    if isinstance(error, HostError):
        return error
    cls, cause = verdict(error)
    return cls(f"{host}: cannot {step}: {cause}", step=step)


class Steps:
    """Names the step that a host is at, and turns whatever fails there into one of our errors."""

    def __init__(self, host: str, trail: Trail | None = None) -> None:
        self.host = host
        self.trail = trail
        self.now = "connect"
        self.logged_in = False
        self.address: str | None = None

    def at(self, step: str) -> None:
        """From here on, failures are failures to `step`."""
        self.now = step
        if self.trail:
            self.trail.at(step)
        _LOG.debug("%s: %s", self.host, step)

    @contextlib.contextmanager
    def mapped(self) -> Iterator[None]:
        """The transport's door: no foreign exception leaves it.

        A garbled answer can make the libraries raise nearly anything, so Exception is caught here.
        """
        try:
            yield
        except HostprobeError as error:
            self._mark(error)
            raise
        except Exception as error:
            _LOG.debug("%s: %s: %r", self.host, self.now, error)
            found = host_error(error, self.host, self.now)
            self._mark(found)
            raise found from error

    def _mark(self, error: HostprobeError) -> None:
        if isinstance(error, HostError):
            error.logged_in = self.logged_in
            error.address = error.address or self.address
