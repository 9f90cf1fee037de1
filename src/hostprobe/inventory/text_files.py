"""Read a small text file that the user named, as any editor or PowerShell may have saved it."""

import codecs
from pathlib import Path

from hostprobe.errors import InputFileError
from hostprobe.inventory.quoting import quoted


def read_text(path: str | Path, *, max_bytes: int) -> str:
    """Read UTF-8, or UTF-16 with a byte order mark.

    Raises:
        InputFileError: It cannot be read, is larger than `max_bytes`, or is no such text.
    """
    name = quoted(str(path))
    try:
        with Path(path).open("rb") as file:
            content = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        msg = f"cannot read {name}: {getattr(error, 'strerror', None) or 'not a file name'}"
        raise InputFileError(msg) from error
    if len(content) > max_bytes:
        msg = f"cannot read {name}: larger than {max_bytes} bytes"
        raise InputFileError(msg)
    return _decoded(content, name)


def _decoded(content: bytes, name: str) -> str:
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        msg = f"cannot read {name}: not UTF-8 text; save it as UTF-8"
        raise InputFileError(msg)  # not chained: the decoder's error holds the content, a password
    return text
