"""Rows to records."""

import pytest

from hostprobe.cli import reports

NOWHERE = reports.Origin(host=None, host_name=None, source=None, collected_at=None)


@pytest.mark.parametrize("row", [("a", 1), reports.Origin])
def test_what_is_no_row(row: object) -> None:
    """A row that is no record of ours is a bug, and not written."""
    with pytest.raises(TypeError, match="is no record"):
        reports.records("connection", NOWHERE, [row])
