"""The bytes of a log in UTF-8, whoever saved it.

Source: Exchange writes UTF-8. What PowerShell's `>` copied is UTF-16, what old editors saved is in
Windows' Western code page.
"""

import codecs
import itertools
from collections.abc import Iterable, Iterator

from hostprobe.evidence.decoding import decoded


def as_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text in UTF-8; the first chunk tells how all are to be read."""
    waiting = iter(chunks)
    first = next(waiting, b"")
    every = itertools.chain((first,), waiting)
    if _is_utf8(first):
        yield from every
        return
    for text in decoded(every):
        yield text.encode()


def _is_utf8(first: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return False
    return first[:512].count(0) * 4 < len(first[:512]) or not first
