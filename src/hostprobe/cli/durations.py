"""Lengths of time as a person types them: 90s, 10m, 1h30m."""

import re
from typing import Final

import typer

from hostprobe.inventory.quoting import quoted

_SECONDS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_TYPED: Final = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s?)?")


def parse_duration(text: str | int) -> int:
    """The seconds of `10m`, `1h30m` or `90`; a default comes here as a number.

    Raises:
        BadParameter: The text is no length of time, or none at all.
    """
    typed = _TYPED.fullmatch(str(text).strip().lower())
    numbers = typed.groups(default="0") if typed else ()
    seconds = sum(int(n) * unit for n, unit in zip(numbers, _SECONDS.values(), strict=False))
    if not seconds:
        msg = f"{quoted(str(text))} is no length of time such as 90s, 10m or 1h30m"
        raise typer.BadParameter(msg)
    return seconds
