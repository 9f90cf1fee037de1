"""Plain values as text, for formats that know nothing but text."""

from datetime import UTC, datetime


def cell(value: object) -> str:
    """The value as text, not yet harmless; empty for None."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso(value)
        case tuple():
            return ", ".join(cell(item) for item in value)
        case _:
            return str(value)


def iso(moment: datetime, timespec: str = "auto") -> str:
    """ISO 8601 in UTC, such as `2026-01-31T10:00:00Z`; `timespec` as of datetime.isoformat."""
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
