"""Which sessions are shown."""

from dataclasses import dataclass
from datetime import datetime

from hostprobe.analysis.mail.facts import has_error, is_stuck
from hostprobe.evidence.smtp_log import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """All conditions must hold.

    Attributes:
        stuck: It ended, or stands still, while a reply is due.
        errors: Something in it was refused or failed.
        slow_s: It waited for so long, at least once.
        since: It was alive then, or later.
        until: It was alive then, or before.
    """

    stuck: bool = False
    errors: bool = False
    slow_s: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def has(self, session: Session) -> bool:
        """Whether the session is shown."""
        return (
            self.covers(session.started_at, session.last_at)
            and (not self.stuck or is_stuck(session))
            and (not self.errors or has_error(session))
            and (self.slow_s is None or _longest_s(session) >= self.slow_s)
        )

    def covers(self, first_at: datetime, last_at: datetime) -> bool:
        """Whether some of that time is wanted."""
        return (self.since is None or last_at >= self.since) and (
            self.until is None or first_at <= self.until
        )


def _longest_s(session: Session) -> float:
    return max(session.longest_wait_s, session.awaited_s)
