"""What kind of capture a file is, by its first bytes: never by its name.

Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng; MicrosoftDocs win32
desktop-src/NetMon2/capturefile-header-values.md. `.cap` is the name of all of these and more.
"""

import gzip
import zlib
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Final

from hostprobe.errors import InputFileError

_MAGIC: Final = {
    b"\xa1\xb2\xc3\xd4": "pcap",
    b"\xd4\xc3\xb2\xa1": "pcap",
    b"\xa1\xb2\x3c\x4d": "pcap",  # nanoseconds
    b"\x4d\x3c\xb2\xa1": "pcap",
    b"\x0a\x0d\x0d\x0a": "pcapng",
    b"RTSS": "Network Monitor 1",
    b"GMBU": "Network Monitor 2",
}
_GZIP: Final = b"\x1f\x8b"
_OTHER: Final = {
    b"PK\x03\x04": "it is an archive: unpack it first (unzip)",
    b"\x00\x00\x00\x00": "it begins with zeros",
}


def kind(path: Path) -> str:
    """The kind of the capture.

    tshark reads fifty kinds and takes pictures for captures, too; only those of the field are let
    through to it.

    Raises:
        InputFileError: The file cannot be read, or is none of them.
    """
    try:
        if not S_ISREG(mode := path.stat().st_mode):
            way_out = "name the captures in it" if S_ISDIR(mode) else "save the capture first"
            what = "it is a folder" if S_ISDIR(mode) else "not a regular file"
            msg = f"cannot read {str(path)!r}: {what}; {way_out}"
            raise InputFileError(msg)
        start = _start(path)
    except (OSError, ValueError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or _reason(error)
        msg = f"cannot read {str(path)!r}: {reason}"
        raise InputFileError(msg) from error
    if start not in _MAGIC:
        msg = f"{str(path)!r} is no capture: {_instead(path, start)}"
        raise InputFileError(msg)
    return _MAGIC[start]


def _start(path: Path) -> bytes:
    """The first bytes, of what is compressed those within: tshark unpacks it as it reads."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start.startswith(_GZIP):
        return start
    with gzip.open(path) as unpacked:
        return unpacked.read(4)


def _reason(error: Exception) -> str:
    return "not a file name" if isinstance(error, ValueError) else f"damaged gzip ({error})"


def _instead(path: Path, start: bytes) -> str:
    if not start:
        return "it is empty"
    if path.suffix.lower() == ".etl":
        return (
            "it is an event trace; on Windows, `pktmon etl2pcap FILE --out FILE.pcapng` or"
            " etl2pcapng makes one of it"
        )
    told = next((text for magic, text in _OTHER.items() if start.startswith(magic)), None)
    return told or "expected pcap, pcapng, or Network Monitor's .cap"
