"""Which mail servers are asked for their logs, and for which of them."""

from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Annotated, Final

import typer

from hostprobe.cli.options import ManyOptions
from hostprobe.errors import UsageError
from hostprobe.evidence.smtp_log import USUAL_FOLDERS
from hostprobe.inventory.quoting import quoted

_FORBIDDEN: Final = frozenset('"*:<>?|') | {chr(code) for code in range(32)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteOptions:
    """Whose logs are read over SMB, and which of them."""

    on: Annotated[
        list[str] | None,
        typer.Option(
            "--on",
            metavar="TARGET",
            help="not files here: the logs of this server, read over SMB with nothing put there;"
            " may be repeated",
        ),
    ] = None
    path: Annotated[
        list[str] | None,
        typer.Option(
            metavar=r"D:\FOLDER",
            help="with --on: where they lie on the server; may be repeated  [default: where"
            " Exchange 2007 to SE puts them]",
            show_default=False,
        ),
    ] = None
    most: Annotated[
        int,
        typer.Option(
            min=1,
            max=1 << 20,
            metavar="MB",
            help="with --on: so much is read of each server, the latest logs first",
        ),
    ] = 1024

    def folders(self) -> tuple[PureWindowsPath, ...]:
        """Where to look.

        Raises:
            UsageError: A path is none of a drive.
        """
        return tuple(map(_folder, self.path)) if self.path else USUAL_FOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyServersOptions(ManyOptions):
    """Which servers, and how many at once."""

    @property
    def refusal_of_wide(self) -> str | None:
        """As of a sweep; mail servers are few."""
        return "name the mail servers"


def _folder(text: str) -> PureWindowsPath:
    path = PureWindowsPath(text.strip())
    drive, below = path.drive, path.parts[1:]
    is_drive = len(drive) == 2 and drive[0].isascii() and drive[0].isalpha()
    if not (is_drive and path.is_absolute()) or any(
        part == ".." or not _FORBIDDEN.isdisjoint(part) for part in below
    ):
        msg = rf"--path {quoted(text)} is no folder of a drive, such as D:\logs\ProtocolLog"
        raise UsageError(msg)
    return path
