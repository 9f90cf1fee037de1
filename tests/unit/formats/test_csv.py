"""Comma-separated values."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.formats import csv as csv_format
from hostprobe.formats._base import HostReport, Layout, Record

LAYOUT = Layout(columns=("host", "pid", "process"))
SYSTEM: Record = {"record": "process", "host": "web01", "pid": 4, "process": "System"}
WEB01: Record = {"record": "host", "target": "web01", "status": "answered"}
HEADER = ["host", "pid", "process", "record", "error_kind", "error_message"]


def _lines(layout: Layout, *reports: HostReport) -> list[list[str]]:
    stream = StringIO()
    csv_format.FORMAT.write(layout, iter(reports), stream)
    return list(csv.reader(StringIO(stream.getvalue())))


def _cell(value: object) -> str:
    (_, line) = _lines(LAYOUT, HostReport(({**SYSTEM, "process": value},), WEB01))
    return line[2]


def test_data_rows_end_with_the_columns_of_an_error() -> None:
    """The last columns are always the kind of record and the error, empty for data."""
    assert _lines(LAYOUT, HostReport((SYSTEM,), WEB01)) == [
        HEADER,
        ["web01", "4", "System", "process", "", ""],
    ]


def test_a_chosen_column_is_not_written_twice() -> None:
    """`record` stays among the last columns when it is chosen too."""
    (header, _) = _lines(Layout(columns=("record", "pid")), HostReport((SYSTEM,), WEB01))

    assert header == ["pid", "record", "error_kind", "error_message"]


def test_a_host_that_did_not_answer_is_a_row() -> None:
    """A failed host and one that was not asked are told apart from one without rows."""
    error = {"kind": "not_admin", "message": "dc01: no\x1b[2J", "step": ""}
    failed = {"record": "host", "target": "dc01", "status": "failed", "error": error}
    not_asked = {"record": "host", "target": "db01", "status": "not_asked"}

    lines = _lines(LAYOUT, *(HostReport((), host) for host in (WEB01, failed, not_asked)))

    assert lines[1:] == [
        ["dc01", "", "", "host", "not_admin", r"dc01: no\x1b[2J"],
        ["db01", "", "", "host", "not_asked", ""],
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", r"'\t=1"),
        ("\r=1", r"'\r=1"),
        ("\uff1d1", "'\uff1d1"),
        (("=a", "b"), "'=a, b"),
        (-1, "-1"),
        (-1.5, "-1.5"),
        ("a=1", "a=1"),
        ('a,"b"', 'a,"b"'),
        ("gpj\u202eexe", r"gpj\u202eexe"),
        (None, ""),
        (False, "false"),
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31T00:00:00Z"),
    ],
)
def test_a_text_is_never_a_formula(value: object, written: str) -> None:
    """Texts that a spreadsheet would calculate are guarded; numbers stay numbers."""
    assert _cell(value) == written


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_breaks_the_line_or_starts_a_formula(text: str) -> None:
    """Whatever a host answers stays in its cell."""
    cell = _cell(text)

    assert cell.isprintable()
    assert not cell.startswith(("=", "+", "-", "@"))


def test_rows_are_written_as_hosts_finish() -> None:
    """The header is out before the first host, and each host before the next."""
    stream = StringIO()
    seen: list[int] = []

    def reports() -> Iterator[HostReport]:
        for _ in range(2):
            seen.append(len(stream.getvalue().splitlines()))
            yield HostReport((SYSTEM,), WEB01)

    csv_format.FORMAT.write(LAYOUT, reports(), stream)

    assert seen == [1, 2]
