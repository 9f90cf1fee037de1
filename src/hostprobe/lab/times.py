"""Moments as Windows counts them.

Source: [MS-DTYP] 2.3.3 (FILETIME): tenths of a microsecond since the start of 1601, UTC.
"""

_SECONDS_1601_TO_1970 = 11_644_473_600


def filetime(epoch: float) -> int:
    """`epoch`, seconds since 1970, as a FILETIME, to the microsecond."""
    return (round(epoch * 1_000_000) + _SECONDS_1601_TO_1970 * 1_000_000) * 10
