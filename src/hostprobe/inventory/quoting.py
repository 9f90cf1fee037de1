"""Show a piece of untrusted text in a message."""

_LONGEST = 80


def quoted(text: str) -> str:
    r"""The text in quotes, on one line, at most 80 characters of it, nothing in it unprintable.

    A backslash stays one, so that `CORP\ops` and paths can be copied.
    """
    shown = repr(text[:_LONGEST]).replace(r"\\", "\\")
    return shown if len(text) <= _LONGEST else f"{shown}..."
