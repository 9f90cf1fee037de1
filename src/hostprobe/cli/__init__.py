"""The command line: the only place that prints, asks and exits."""

import errno
import inspect
import os
import sys
from collections.abc import Callable, Container
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from hostprobe import registry
from hostprobe.cli import commands, exit_codes
from hostprobe.cli.commands import _base
from hostprobe.cli.console import say
from hostprobe.errors import HostError, HostprobeError, InternalError, UsageError

_EXIT_CODES = """\b
Exit codes:
  0 done                  5 log-in failed
  1 nothing matched       6 refused by a guard, or not confirmed
  2 usage                 7 something was left behind on a host
  3 some hosts failed    70 a bug of hostprobe
  4 all hosts failed    130 interrupted
  10 to 13, 20: verdict; 124 to 127: exec on one host; see their help"""

_WORDS = {
    "is not a valid int range": "is no whole number",
    "is not a valid float range": "is no number",
    "is not a valid float": "is no number",
}
_UNWRITABLE = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EDQUOT})


def program(wanted: Container[str]) -> typer.Typer:
    """The command line. Of commands that are not wanted it knows only the names and summaries."""
    app = _group(
        "hostprobe",
        "Which process on that Windows host is behind this traffic, and can I stop it?",
        _EXIT_CODES,
    )
    app.callback()(_root)
    for name in registry.names(commands):
        summary = registry.summary(commands, name)
        if name in wanted:
            _add(app, name, registry.load(commands, name, "COMMAND", _base.Command), summary)
        else:
            app.command(name, short_help=summary)(_root)
    return app


def _group(name: str, help_text: str | None, epilog: str) -> typer.Typer:
    return typer.Typer(
        name=name,
        help=help_text,
        epilog=epilog,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _add(app: typer.Typer, name: str, command: _base.Command, summary: str | None = None) -> None:
    """Add a command; a summary of its own is shown whole in the list, others are cut there."""
    if not command.below:
        parser = command.parser or _base.Headed
        added = app.command(name, cls=parser, epilog=command.examples, short_help=summary)
        added(command.run)
        return
    group = _group(name, inspect.getdoc(command.run), command.examples)
    group.callback(invoke_without_command=True)(_needs_word)
    for word, below in command.below.items():
        _add(group, word, below)
    app.add_typer(group, short_help=summary)


def _needs_word(context: typer.Context) -> None:
    """Refuse a command that is not whole."""
    if context.invoked_subcommand is None:
        path = context.command_path
        known = ", ".join(getattr(context.command, "commands", ()))
        msg = f"`{path}` needs one word more: {known}; `{path} -h` tells of them"
        raise UsageError(msg)


def __getattr__(name: str) -> typer.Typer:
    """`app`, for tools that look for it there: the command line with all its commands."""
    if name != "app":
        raise AttributeError(name)
    return program(registry.names(commands))


def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda wanted: _show_version(wanted=wanted),
            is_eager=True,
            help="show the version",
        ),
    ] = False,
) -> None:
    pass


def _show_version(*, wanted: bool) -> None:
    if wanted:
        from importlib import metadata  # noqa: PLC0415 - slow to import, and rarely asked for

        typer.echo(f"hostprobe {metadata.version('hostprobe')}")
        raise typer.Exit


def main() -> None:
    """Run the command line and turn every way it can end into an exit code."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the shell: nobody types there, or reads
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for good
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # Only the command that is run is imported; a shell that completes needs them all.
    is_completing = "_HOSTPROBE_COMPLETE" in os.environ
    wanted = registry.names(commands) if is_completing else sys.argv[1:2]
    raise SystemExit(_ended(lambda: _run(wanted, sys.argv[1:] or ["--help"])))


def _run(wanted: Container[str], arguments: list[str]) -> object:
    """The exit code that the command returns, if any."""
    ended: object = program(wanted)(arguments, prog_name="hostprobe", standalone_mode=False)
    sys.stdout.flush()  # while there is still somebody to tell that the disk is full
    return ended


def _ended(run: Callable[[], object]) -> int:
    try:
        code = run()
    except SystemExit as left:
        if not isinstance(left.__context__, BrokenPipeError):
            raise
        return _unwritable(left.__context__)  # click makes it a 1, which here means something else
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - each way to end has its line and its code
        return _told(error)
    return code if isinstance(code, int) else 0


def _told(error: BaseException) -> int:
    match error:
        case TyperException():
            say(_plain(error.format_message()) or "unknown option or argument")
            return 2
        case typer.Abort():
            say("not confirmed; nothing was changed")
            return 6
        case KeyboardInterrupt() | _base.Interrupted():
            say("interrupted")
            return 130
        case HostprobeError():
            say(str(error))
            return _code(error)
        case OSError() if error.errno in _UNWRITABLE:
            return _unwritable(error)
        case _:
            say(f"a bug of hostprobe: {type(error).__name__} at {_where(error)}; please report it")
            return InternalError.exit_code


def _plain(message: str) -> str:
    """What typer says, in words of people who do not program."""
    for its, plain in _WORDS.items():
        message = message.replace(its, plain)
    return message


def _unwritable(error: OSError) -> int:
    """Nothing more can be written to stdout, so nothing is left to flush when Python ends."""
    sys.stdout = None  # as Python itself has it where stdout is closed
    if error.errno == errno.EPIPE:
        return 0
    say(f"cannot write stdout: {error.strerror}")
    return UsageError.exit_code


def _code(error: HostprobeError) -> int:
    if isinstance(error, HostError) and error.left_behind:
        say(f"left behind: {', '.join(error.left_behind)}")
        return exit_codes.strongest((error.exit_code, exit_codes.LEFT))
    return error.exit_code


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
