"""Text in the columns of a console, where an East Asian character takes two."""

import unicodedata


def width(text: str) -> int:
    """How many columns `text` takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def left(text: str, columns: int) -> str:
    """`text` at the left of so many columns, cut where it is longer."""
    text = _cut(text, columns)
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """`text` at the right of so many columns, cut where it is longer."""
    text = _cut(text, columns)
    return " " * (columns - width(text)) + text


def _cut(text: str, columns: int) -> str:
    if text.isascii():
        return text[:columns]
    while width(text) > columns:
        text = text[:-1]
    return text
