"""A command of the user's own that prints a password: of LAPS, of a vault.

It is run without a shell, so that nothing in a host's or a user's name can become a command.
"""

import os
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, Final

from hostprobe.errors import CredentialError, UsageError
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.targets import Target

_HOST, _USER = "{host}", "{user}"
_TIMEOUT_S: Final = 30.0
_MAX_BYTES: Final = 4096
_TOLD: Final = 300


@dataclass(frozen=True, slots=True)
class PasswordCommand:
    """What prints the password of an account, where it says `{host}` another one for each host.

    Attributes:
        arguments: The program and its arguments; they may hold secrets.
        timeout_s: How long it may take.
    """

    arguments: tuple[str, ...] = field(repr=False)
    timeout_s: float = _TIMEOUT_S
    _known: dict[tuple[str, ...], str] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def is_per_host(self) -> bool:
        """Whether each host has a password of its own."""
        return any(_HOST in argument for argument in self.arguments)

    @property
    def is_per_user(self) -> bool:
        """Whether each account has a password of its own."""
        return any(_USER in argument for argument in self.arguments)

    def password(self, user: str, target: Target | None = None) -> str:
        """The first line that it prints; it is run once for each host and user.

        Args:
            user: As whom.
            target: Where; None where it is the same everywhere.

        Raises:
            CredentialError: It cannot be started, fails, takes too long, or prints no password.
        """
        host = target.host if target else ""
        line = tuple(part.replace(_HOST, host).replace(_USER, user) for part in self.arguments)
        if line not in self._known:
            try:
                self._known[line] = _first_line(line, self.timeout_s)
            except _NoPassword as failure:
                name = quoted(self.arguments[0])
                where = f"{target}: " if target else ""
                msg = f"{where}no password of {user}: {name} {failure}"
                # Not chained: what it printed is among the cause's own words.
                raise CredentialError(msg, step="get the password") from None
        return self._known[line]


def parse_password_command(text: str) -> PasswordCommand:
    """Read a command line as a shell would, with quotes, and nothing else of a shell.

    Raises:
        UsageError: It is empty, a quote is open, or it is a batch file, which has a shell of its
            own.
    """
    is_windows = sys.platform == "win32"
    try:
        parts = shlex.split(text, posix=not is_windows)
    except ValueError as error:
        msg = "--password-command: a quote is not closed"
        raise UsageError(msg) from error
    if is_windows:  # where a backslash is part of a path
        parts = [part.strip('"') for part in parts]
    if not parts:
        msg = "--password-command is empty: write CMD {host}"
        raise UsageError(msg)
    if parts[0].lower().endswith((".bat", ".cmd")):
        msg = f"--password-command {quoted(parts[0])}: a batch file has a shell; name a program"
        raise UsageError(msg)
    return PasswordCommand(tuple(parts))


class _NoPassword(Exception):  # noqa: N818 - becomes the host's error
    """Why there is none."""


def _first_line(line: tuple[str, ...], timeout_s: float) -> str:
    with tempfile.TemporaryFile() as complaints:
        printed, code = _output(line, complaints, timeout_s)
        if code:
            complaints.seek(0)
            said = " ".join(complaints.read(_MAX_BYTES).decode(errors="replace").split())
            msg = f"ended with code {code}: {said[:_TOLD] or 'it says nothing'}"
            raise _NoPassword(msg)
    if len(printed) > _MAX_BYTES:
        msg = f"printed more than {_MAX_BYTES} bytes"
        raise _NoPassword(msg)
    try:
        password = printed.decode("utf-8-sig").partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError:
        password = ""
    if not password:
        msg = "printed none: its first line must be the password, in UTF-8"
        raise _NoPassword(msg)
    return password


def _output(line: tuple[str, ...], complaints: IO[bytes], timeout_s: float) -> tuple[bytes, int]:
    """What it prints, up to a little more than may be, and its exit code."""
    try:
        process = Popen(  # noqa: S603 - the user's own command, without a shell
            line, stdin=DEVNULL, stdout=PIPE, stderr=complaints, start_new_session=True
        )
    except (OSError, ValueError) as error:
        msg = f"cannot be started: {getattr(error, 'strerror', None) or 'not a command'}"
        raise _NoPassword(msg) from None
    with process, _ended_after(process, timeout_s) as is_late:
        assert process.stdout  # noqa: S101 - a pipe
        printed = process.stdout.read(_MAX_BYTES + 1)
        if len(printed) > _MAX_BYTES:
            return printed, 0
        code = process.wait()
    if is_late.is_set():
        msg = f"did not end in {timeout_s:g} s"
        raise _NoPassword(msg)
    return printed, code


@contextmanager
def _ended_after(process: Popen[bytes], timeout_s: float) -> Iterator[threading.Event]:
    """Within it the command may run, for so long; whether its time was over, the event tells."""
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        _end(process)

    timer = threading.Timer(timeout_s, end)
    timer.start()
    try:
        yield is_late
    finally:
        timer.cancel()
        if process.poll() is None:  # it prints too much, or the user wants no more
            _end(process)


def _end(process: Popen[bytes]) -> None:
    """End it and, where the system has groups, what it has started, which holds its output open."""
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
