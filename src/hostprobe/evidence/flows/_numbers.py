"""Numbers as flow listings print them. Only ASCII digits count, and nothing out of bounds does."""

import re
from typing import Final

_FACTORS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_COUNT: Final = re.compile(r"([0-9]{1,20})([KMGT]?)")
_HEX: Final = re.compile(r"(?:0x)?([0-9A-Fa-f]{1,4})")
_DECIMAL: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
_FLAGS: Final = "CEUAPRSF"  # from 0x80 down


def whole(text: str, largest: int) -> int | None:
    """A decimal number without sign and leading zeros, up to `largest`; None for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        return None
    value = int(text)
    return value if value <= largest and str(value) == text else None


def count(text: str) -> int | None:
    """How many `1027`, `50401M` are; None where `text` is no count."""
    match = _COUNT.fullmatch(text)
    return int(match[1]) * _FACTORS[match[2]] if match else None


def hexadecimal(text: str, largest: int) -> int | None:
    """What `1B` or `0x1b` is, up to `largest`; None for anything else."""
    match = _HEX.fullmatch(text)
    value = int(match[1], 16) if match else None
    return value if value is not None and value <= largest else None


def decimal(text: str) -> float | None:
    """What `1258.1` is; None for anything else."""
    return float(text) if _DECIMAL.fullmatch(text) else None


def flags(text: str) -> int | None:
    """The TCP flags of `0x1B`, of `27`, or of eight letters as in `...AP.SF`; None for others."""
    if len(text) == 8 and all(
        shown in {name, "."} for shown, name in zip(text, _FLAGS, strict=True)
    ):
        return int("".join("0" if shown == "." else "1" for shown in text), 2)
    return hexadecimal(text, 0xFFFF) if text.startswith("0x") else whole(text, 0xFFFF)
