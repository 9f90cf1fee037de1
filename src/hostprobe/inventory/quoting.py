"""Show a piece of untrusted text in a message."""

_LONGEST = 80


def quoted(text: str) -> str:
    """The text in quotes, on one line, at most 80 characters of it, nothing in it unprintable."""
    return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}..."
