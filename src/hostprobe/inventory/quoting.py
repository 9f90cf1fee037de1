"""Show a piece of untrusted text in a message."""

from pathlib import PurePath

_LONGEST = 80
_LONGEST_PATH = 4096


def quoted(text: str, longest: int = _LONGEST) -> str:
    r"""The text in quotes, on one line, at most ``longest`` characters of it, none unprintable.

    A backslash stays one, so that `CORP\ops` and paths can be copied.
    """
    shown = repr(text[:longest]).replace(r"\\", "\\")
    return shown if len(text) <= longest else f"{shown}..."


def quoted_path(path: PurePath | str) -> str:
    """The path in quotes, whole: its end is what tells one file from another."""
    return quoted(str(path), _LONGEST_PATH)
