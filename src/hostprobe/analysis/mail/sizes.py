"""Sizes of messages in the few classes that a person compares."""

from typing import Final

_KB: Final = 1024
_MB: Final = 1024 * _KB
_LOWEST: Final = (64 * _KB, _MB, 4 * _MB, 16 * _MB)
_NAMES: Final = ("under 64 KB", "64 KB to 1 MB", "1 to 4 MB", "4 to 16 MB", "16 MB and more")
UNKNOWN: Final = "unknown"


def size_class(size_bytes: int | None) -> str:
    """The name of its class."""
    if size_bytes is None:
        return UNKNOWN
    return _NAMES[sum(size_bytes >= lowest for lowest in _LOWEST)]
