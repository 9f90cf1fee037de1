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
