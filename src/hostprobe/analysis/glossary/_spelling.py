"""When two ways to write a term are one."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_BETWEEN: Final = re.compile(r"[\s_:=,\-\u2010-\u2015]+")
_QUOTES: Final = "`'\"\u2018\u2019\u201c\u201d"
_NUMBER: Final = re.compile(r"\b[0-9]+\b")
_SMTP_CODE: Final = re.compile(r"[2-5](?=[0-9]{2}$)|[245](?=\.[0-9]{1,3}\.[0-9]{1,3}$)")
_MOST: Final = 500
_NEXT_NOTE: Final = "; "
_STATUS: Final = r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![\w.])"
_PIECES: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("verdict rule", r"^Layer [0-9] \([^)]*\): (.+)$"),
        ("SMTP reply", rf"(?:^\W*|(?<![\w.]))([2-5][0-9]{{2}})(?=[ -]{_STATUS})"),
        ("SMTP reply", r"^\W*([2-5][0-9]{2})(?=[ -])"),
        ("HTTP status", r"^HTTP/[0-9.]+ ([2-5][0-9]{2})\b"),
        ("TLS alert", r"\bTLS failed: (\w+)"),
        ("SMTP status", rf"(?<=[0-9][ -])({_STATUS})"),
        (
            "SMTP command",
            r"^(MAIL FROM|RCPT TO|EHLO|HELO|AUTH|STARTTLS|BDAT|DATA|QUIT)(?=[ :])",
        ),
        ("log sign", r"\b([Cc]onnection dropped)\b"),
        ("Win32 error", r"\b[Ee]rror(?: code)?:? ([0-9]+)\b"),
        ("", r"\b(0x[0-9A-Fa-f]+)\b"),
        ("", r"(?<![\w.])(-?[0-9]{9,10})(?![\w.])"),
        ("", r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b"),
    )
)


def key(text: str) -> str:
    """The same for `TIME_WAIT`, `time-wait` and "Time Wait"; a sign such as `-` stays as it is."""
    plain = unicodedata.normalize("NFKC", text[:_MOST]).casefold().strip()
    plain = plain.strip(_QUOTES) or plain
    found = _BETWEEN.sub("", plain).rstrip(".;!?")
    return found or plain


def keys(text: str) -> Iterator[str]:
    """The keys under which a term may stand, the most exact first.

    Terms with a number in them have `N` there, and codes of SMTP that nobody has registered are
    known by their class: `5xx`, `5.x.x`.
    """
    yield key(text)
    yield key(_NUMBER.sub("N", text[:_MOST]))
    if its_class := _SMTP_CODE.match(found := key(text)):
        yield its_class[0] + (".x.x" if "." in found else "xx")


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """The notes, codes and commands in a line that was taken over whole, each with its kind.

    The kind is empty where the code itself tells what it is.
    """
    line = text[:_MOST].strip().strip(_QUOTES)
    yield from (("note", note) for note in line.split(_NEXT_NOTE) if _NEXT_NOTE in line)
    for kind, pattern in _PIECES:
        yield from ((kind, piece) for piece in pattern.findall(line))
