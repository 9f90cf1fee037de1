"""Logs as a user names them: of which type, and not where the output goes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hostprobe.cli.options import OutputOptions
from hostprobe.cli.output import is_same_file
from hostprobe.errors import UsageError
from hostprobe.evidence.smtp_log import Kind
from hostprobe.inventory.quoting import quoted, quoted_path

_KINDS: Final[dict[str, Kind]] = {"send": "send", "receive": "receive"}


def kind_named(text: str | None) -> Kind | None:
    """The type that the user named; None where it is to be found out.

    Raises:
        UsageError: There is no such type.
    """
    if text is None:
        return None
    if text not in _KINDS:
        msg = f"--type {quoted(text)} is neither send nor receive"
        raise UsageError(msg)
    return _KINDS[text]


def require_harmless(paths: Sequence[str], written: OutputOptions) -> None:
    """See that no log is written over.

    Raises:
        UsageError: One would be.
    """
    for path in paths:
        if written.output and is_same_file(Path(path), written.output):
            msg = f"-o {quoted_path(written.output)} is a log that is read: it would be lost"
            raise UsageError(msg)
