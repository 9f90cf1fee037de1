"""Logs as a user names them: of which type."""

from typing import Final

from hostprobe.errors import UsageError
from hostprobe.evidence.smtp_log import Kind
from hostprobe.inventory.quoting import quoted

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
