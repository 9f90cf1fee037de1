"""Read a text that the user named, as any editor or PowerShell may have saved it.

Source: UTF-8 and UTF-16 with or without a byte order mark (RFC 3629, 6; RFC 2781, 3 and 4.3).
"""

import codecs
from pathlib import Path
from typing import BinaryIO

from hostprobe.errors import InputFileError
from hostprobe.inventory.quoting import quoted_path


def read_text(path: str | Path, *, max_bytes: int) -> str:
    """Read UTF-8 or UTF-16.

    Raises:
        InputFileError: It cannot be read, is larger than `max_bytes`, or is no such text.
    """
    name = quoted_path(path)
    try:
        with Path(path).open("rb") as file:
            content = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error, "not a file name") from error
    return _decoded(content, name, max_bytes)


def read_stream(stream: BinaryIO, name: str, *, max_bytes: int) -> str:
    """Read UTF-8 or UTF-16 to the end of a stream that is called `name`.

    Raises:
        InputFileError: It cannot be read, is longer than `max_bytes`, or is no such text.
    """
    try:
        content = stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error, "it is closed") from error
    return _decoded(content, name, max_bytes)


def _unreadable(name: str, error: Exception, otherwise: str) -> InputFileError:
    return InputFileError(f"cannot read {name}: {getattr(error, 'strerror', None) or otherwise}")


def _decoded(content: bytes, name: str, max_bytes: int) -> str:
    if len(content) > max_bytes:
        msg = f"cannot read {name}: larger than {max_bytes} bytes"
        raise InputFileError(msg)
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        msg = f"cannot read {name}: not UTF-8 text; save it as UTF-8"
        raise InputFileError(msg)  # not chained: the decoder's error holds the content, a password
    return text


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in content:
        # UTF-16 without a mark: in at least half of the characters the high byte is NUL.
        half = max(1, len(content) // 4)
        if content[1::2].count(0) >= half:
            return "utf-16-le"
        if content[::2].count(0) >= half:
            return "utf-16-be"
    return "utf-8-sig"
