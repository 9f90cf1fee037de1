"""What a snapshot says to a question."""

import pytest

from hostprobe.cli import answers, reports

NOWHERE = reports.Origin(host=None, host_name=None, source=None, collected_at=None)


@pytest.mark.parametrize("row", [("a", 1), reports.Origin])
def test_what_is_no_row(row: object) -> None:
    """A row that is no record of ours is a bug, and not written."""
    with pytest.raises(TypeError, match="is no record"):
        answers.plain(row)


def test_the_fields_of_a_row() -> None:
    """A row is taken apart by name, in the order of its class."""
    assert list(answers.plain(NOWHERE).items()) == [
        ("host", None),
        ("host_name", None),
        ("source", None),
        ("collected_at", None),
    ]
