"""Bytes of a saved file to text, chunk by chunk, whoever saved it.

Source: what terminals, editors and `>` write: UTF-8, UTF-16 with or without a mark (PowerShell), or
Windows' Western code page. Listings are ASCII but for blanks that a web page made hard.
"""

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_START: Final = 256


def decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    """The text of a file whose bytes come in chunks; what is no character in it is replaced.

    The first chunk tells how all are to be read.
    """
    decoder: codecs.IncrementalDecoder | None = None
    for chunk in chunks:
        rest = chunk
        if decoder is None:
            codec, length = _codec(chunk)
            decoder, rest = codecs.getincrementaldecoder(codec)("replace"), chunk[length:]
        yield decoder.decode(rest)
    if decoder:
        yield decoder.decode(b"", final=True)


def _codec(first: bytes) -> tuple[str, int]:
    """The codec of a file that begins so, and the length of its mark."""
    for mark, codec in _MARKS:
        if first.startswith(mark):
            return codec, len(mark)
    start = first[:_START]
    for codec, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        if start[at::2].count(0) > len(start) // 4:
            return codec, 0
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return "cp1252", 0
    return "utf-8", 0
