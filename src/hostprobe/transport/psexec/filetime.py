"""Moments as Windows counts them.

Source: [MS-DTYP] 2.3.3 (FILETIME): tenths of a microsecond since the start of 1601, UTC.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_LATEST: Final = 2_650_467_744_000_000_000  # the year 10000, of which datetime knows nothing


def moment(ticks: int) -> datetime | None:
    """The moment that a FILETIME states; None where it states none."""
    if not 0 < ticks < _LATEST:
        return None
    return _EPOCH + timedelta(microseconds=ticks // 10)
