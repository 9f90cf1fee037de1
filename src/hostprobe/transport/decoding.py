"""Bytes of a console program to text.

Source: [MS-UCODEREF] 2.2.1, the code pages of Windows. A console program prints in the OEM code
page of its host; PowerShell's `>` saves UTF-16, an editor UTF-8 or the ANSI code page.
"""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def code_page_of(line: bytes) -> int | None:
    """The code page that chcp.com names, in any language: `Aktive Codepage: 850.` is 850.

    None where the line does not end in a number of three to five digits.
    """
    numbers: list[bytes] = re.findall(rb"[0-9]+", line)
    return int(numbers[-1]) if numbers and 3 <= len(numbers[-1]) <= 5 else None


def decode(data: bytes, code_page: int | None) -> str:
    """Read what a host just printed; bytes that are no text there become U+FFFD.

    Args:
        data: What a console program wrote.
        code_page: What the host says it is in; where it is None or unknown, it is guessed.
    """
    codec = _codec(code_page)
    return decode_saved(data) if codec is None else data.decode(codec, "replace")


def decode_saved(data: bytes, code_page: int | None = None) -> str:
    """Read a file that anyone may have saved: its BOM, else UTF-8, else the code page.

    Args:
        data: The whole file.
        code_page: What it is in if it is neither; guessed where None or unknown.
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(codec, "replace")
    codec = _utf16_without_bom(data[:256]) or _utf8(data) or _codec(code_page) or _western(data)
    return data.decode(codec, "replace")


def _codec(code_page: int | None) -> str | None:
    try:
        return codecs.lookup(f"cp{code_page}").name
    except LookupError:
        return None


def _utf16_without_bom(start: bytes) -> str | None:
    """What `cmd /u` writes: nearly every second byte is NUL."""
    few = len(start) // 8
    even_nuls, odd_nuls = start[::2].count(0), start[1::2].count(0)
    if odd_nuls > 2 * few and even_nuls <= few:
        return "utf-16-le"
    return "utf-16-be" if even_nuls > 2 * few and odd_nuls <= few else None


def _utf8(data: bytes) -> str | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A file that was cut within its last character is still UTF-8.
        cut = error.reason == "unexpected end of data" and error.start > 0
        return "utf-8" if cut and not data[: error.start].isascii() else None
    return "utf-8"


def _western(data: bytes) -> str:
    """The OEM or the ANSI code page of Western Europe: each has letters where the other has few."""
    if re.search(rb"[\x80-\x9f]", data):
        return "cp850"
    return "cp1252" if re.search(rb"[\xc0-\xfe]", data) else "cp850"
