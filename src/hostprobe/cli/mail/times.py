"""Moments as a person types them: 2026-01-08, 2026-01-08T22:00, 2026-01-08 22:00:30+01:00."""

from datetime import UTC, datetime

from hostprobe.errors import UsageError
from hostprobe.inventory.quoting import quoted


def parse_time(option: str, text: str | None) -> datetime | None:
    """The moment; in UTC unless it says otherwise, as the logs are.

    Raises:
        UsageError: The text is none.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        msg = f"{option} {quoted(text)} is no moment such as 2026-01-08T22:00 (UTC)"
        raise UsageError(msg) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
