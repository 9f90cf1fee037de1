"""What the options of `exec` ask for: a program, checked as far as that needs no host."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from hostprobe.cli import command_line
from hostprobe.cli.run_as import password_of
from hostprobe.errors import InputFileError, UsageError
from hostprobe.inventory.quoting import quoted_path
from hostprobe.transport.program import Copy, Priority, Program, Rights

_COPY_BYTES: Final = 1 << 26
_CPUS = re.compile(r"[1-9]\d?(,[1-9]\d?)*")
_MOST_CPUS = 32  # bits of the mask that PAExec makes of them


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramOptions:
    """How a program is run."""

    as_system: Annotated[
        bool, typer.Option("--as-system", help="as LocalSystem, not as the account of -u")
    ] = False
    as_user: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="USER",
            help=r"as another account, DOMAIN\user or user@realm, which logs on interactively: its"
            " credentials stay in the host's memory; the password is taken from"
            " HOSTPROBE_AS_PASSWORD or asked for",
        ),
    ] = None
    as_password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="its first line is the password of --as"),
    ] = None
    elevated: Annotated[
        bool, typer.Option("--elevated", help="with --as: with an administrator's whole rights")
    ] = False
    limited: Annotated[
        bool, typer.Option("--limited", help="without an administrator's rights")
    ] = False
    copy: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="upload this program, run it with the words behind -- as its arguments, remove it",
        ),
    ] = None
    workdir: Annotated[
        str, typer.Option(metavar="DIR", help="its working folder  [default: System32]")
    ] = ""
    detach: Annotated[
        bool, typer.Option("--detach", help="do not wait for it: print its PID and leave it there")
    ] = False
    priority: Annotated[Priority, typer.Option(help="for the processor")] = Priority.NORMAL
    cpus: Annotated[
        str, typer.Option(metavar="N,N", help="only these processors; 1 is the first")
    ] = ""
    session: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="N",
            help="with its windows on the desktop of that session; what it prints does not come"
            " back, its exit code does",
        ),
    ] = None


def program(words: Sequence[str], options: ProgramOptions, *, asks_page: bool) -> Program:
    """The program that the words and the options ask for; asks for a password as the last thing.

    Raises:
        UsageError: They contradict one another, or ask for what PAExec cannot do.
    """
    _check(options)
    copy = None if options.copy is None else _read(options.copy)
    made = command_line.arguments(words) if copy else command_line.command(words)
    processors, user = _cpus(options.cpus), options.as_user
    password = password_of(user, options.as_password_file) if user else ""
    told = (made.executable, made.arguments, options.workdir, user or "", password)
    command_line.require_room(told)
    return Program(
        command=made,
        user=user,
        password=password,
        is_system=options.as_system,
        rights=_rights(options),
        folder=options.workdir,
        priority=options.priority,
        processors=processors,
        session=options.session,
        detached=options.detach,
        copy=copy,
        asks_page=asks_page and not options.detach and options.session is None,
    )


def _check(options: ProgramOptions) -> None:
    for first, second, names in (
        (options.as_system, options.as_user, "--as-system and --as"),
        (options.elevated, options.limited, "--elevated and --limited"),
        (options.detach, options.copy, "--detach and --copy, as nobody would remove the copy:"),
    ):
        if first and second:
            msg = f"{names} cannot be used together"
            raise UsageError(msg)
    if options.as_password_file and not options.as_user:
        msg = "--as-password-file is the password of --as: whose is it?"
        raise UsageError(msg)


def _rights(options: ProgramOptions) -> Rights | None:
    if options.elevated:
        return Rights.ELEVATED
    return Rights.LIMITED if options.limited else None


def _cpus(text: str) -> tuple[int, ...]:
    if not text:
        return ()
    numbers = tuple(map(int, text.split(","))) if _CPUS.fullmatch(text) else ()
    if not numbers or max(numbers) > _MOST_CPUS:
        msg = f"--cpus {text!r}: write numbers from 1 to {_MOST_CPUS}, such as 1,3"
        raise UsageError(msg)
    return numbers


def _read(path: Path) -> Copy:
    """The program to bring along.

    Raises:
        InputFileError: It cannot be read, or is larger than 64 MB.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_COPY_BYTES + 1)
    except OSError as error:
        msg = f"cannot read {quoted_path(path)}: {error.strerror}"
        raise InputFileError(msg) from error
    if not content or len(content) > _COPY_BYTES:
        size = "empty" if not content else f"larger than {_COPY_BYTES >> 20} MB"
        msg = f"--copy {quoted_path(path)} is {size}"
        raise InputFileError(msg)
    return Copy(command_line.safe_name(path.name), content)
