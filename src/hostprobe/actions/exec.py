"""Run a program on one host, written down before and after.

Source: PAExec 1.29, Process.cpp (GetUserHandle: another user logs on interactively).
"""

import hashlib
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from hostprobe.actions._audit import Audit, audit_path
from hostprobe.errors import GuardError, JournalError
from hostprobe.transport.base import Ended, Listener, Session, Streams
from hostprobe.transport.program import Copy, Program

__all__ = ["Audit", "Copied", "ExecPlan", "Ran", "audit_path", "carry_out", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A program that is brought along, known by its content."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPlan:
    """What is about to be run, without any secret.

    Attributes:
        executable: The name of the copy where one is brought along.
        runs_as: None for the account that logs in.
        rights: `elevated` or `limited`; None for those that the account has by itself.
    """

    executable: str
    arguments: str
    runs_as: str | None
    rights: str | None
    folder: str
    priority: str
    processors: tuple[int, ...]
    session: int | None
    detached: bool
    copied: Copied | None


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a program, and what a person should know beside it."""

    ended: Ended
    notes: tuple[str, ...] = ()


def plan(program: Program) -> ExecPlan:
    """What running `program` means."""
    copied = _known(program.copy) if program.copy else None
    return ExecPlan(
        executable=copied.name if copied else program.command.executable,
        arguments=program.command.arguments,
        runs_as=r"NT AUTHORITY\SYSTEM" if program.is_system else program.user,
        rights=program.rights,
        folder=program.folder,
        priority=program.priority,
        processors=program.processors,
        session=program.session,
        detached=program.detached,
        copied=copied,
    )


@cache
def _known(copy: Copy) -> Copied:
    digest = hashlib.sha256(copy.content).hexdigest()
    return Copied(name=copy.name, size_bytes=len(copy.content), sha256=digest)


def carry_out(
    session: Session,
    program: Program,
    listener: Listener,
    *,
    audit: Audit,
    stdin: socket.socket | None,
    timeout_s: float,
) -> Ran:
    """Run `program`, and pass on what it prints as it comes.

    The intent is on the disk before anything is sent, and whatever comes of it after.

    Args:
        session: With the host.
        program: What to run.
        listener: Hears what it prints.
        audit: Where the intent and the outcome are written.
        stdin: What it reads; None where it finds the end at once.
        timeout_s: How long it may run.

    Raises:
        GuardError: A password would cross the network in clear: nothing was run.
        JournalError: The intent could not be written: nothing was run.
        HostError: As `Streams.stream`.
    """
    assert isinstance(session, Streams)  # noqa: S101 - what a connector opens can do both
    asked = plan(program)
    try:
        _check_secret(session, program, audit.target)
    except GuardError as error:
        audit.refused(asked, error)
        raise
    audit.intent(asked)
    try:
        ended = session.stream(program, listener, stdin=stdin, timeout_s=timeout_s)
    except BaseException as error:
        with suppress(JournalError):
            audit.outcome(error)
        raise
    try:
        audit.outcome(ended)
    except JournalError as error:
        return Ran(ended, (f"the outcome is not written down: {error}",))
    return Ran(ended)


def _check_secret(session: Session, program: Program, target: str) -> None:
    if program.user and session.facts.cipher is None:
        msg = (
            f"{target}: the session is not encrypted (SMB {session.facts.dialect}), so the password"
            f" of {program.user} would cross the network in clear; nothing was run"
        )
        raise GuardError(msg)
