"""The table for people."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.formats import table
from hostprobe.formats._base import HostReport, Layout, Record
from hostprobe.formats._columns import SortKey

LAYOUT = Layout(columns=("pid", "process"), headings={"pid": "PID"})
SYSTEM: Record = {"record": "process", "pid": 4, "process": "System"}
WEB01: Record = {"record": "host", "target": "web01", "status": "answered"}
ERROR: Record = {"kind": "not_admin", "message": "dc01: no\x1b[2J", "step": ""}
DC01: Record = {"record": "host", "target": "dc01", "status": "failed", "error": ERROR}


def _written(layout: Layout, *reports: HostReport) -> str:
    stream = StringIO()
    table.FORMAT.write(layout, iter(reports), stream)
    return stream.getvalue()


def _cell(value: object) -> str:
    layout = Layout(columns=("value", "end"), table_format="presto")
    text = _written(layout, HostReport(({"value": value, "end": "$"},), WEB01))
    return text.splitlines()[2].removesuffix(" | $").strip()


def test_numbers_are_right_and_texts_left() -> None:
    """Columns carry their headings and are aligned by what they hold."""
    rows = (SYSTEM, {"pid": 1234, "process": "a.exe"}, {"pid": None, "process": None})

    assert _written(LAYOUT, HostReport(rows, WEB01)).splitlines() == [
        "  PID  process",
        "-----  ---------",
        "    4  System",
        " 1234  a.exe",
        "",
    ]


def test_rows_of_all_hosts_are_sorted_together() -> None:
    """A sort goes across hosts."""
    layout = Layout(columns=("pid",), sort=(SortKey("pid"),), table_format="plain")
    idle = {"pid": 0}

    text = _written(layout, HostReport((SYSTEM,), WEB01), HostReport((idle,), WEB01))

    assert text.split() == ["pid", "0", "4"]


def test_a_host_that_did_not_answer_is_a_line_of_its_own() -> None:
    """Below the rows each such host stands with its reason, harmless and not named twice."""
    not_asked = {"record": "host", "target": "db01", "status": "not_asked", "error": None}

    text = _written(
        LAYOUT, HostReport((), DC01), HostReport((SYSTEM,), WEB01), HostReport((), not_asked)
    )

    assert text.splitlines()[2:] == [
        "    4  System",
        r"dc01: failed: no\x1b[2J",
        "db01: not asked",
    ]


def test_an_empty_answer_has_headings_and_a_failure_has_none() -> None:
    """Nobody takes a host that failed for one that has nothing to show."""
    empty = _written(LAYOUT, HostReport((), WEB01))
    failed = _written(LAYOUT, HostReport((), DC01))

    assert empty.splitlines()[0].split() == ["PID", "process"]
    assert failed == "dc01: failed: no\\x1b[2J\n"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1e5", "1e5"),
        ("0012", "0012"),
        (" svchost.exe  ", r"\x20svchost.exe\x20\x20"),
        ("a\nb", r"a\nb"),
        ("\x01", r"\x01"),
        (None, ""),
        (True, "true"),
        (("a", "b"), "a, b"),
        (datetime(2026, 1, 31, 10, 0, 0, 987654, tzinfo=UTC), "2026-01-31T10:00:00Z"),
        ("x" * 101, "x" * 100 + "..."),
    ],
)
def test_a_cell_shows_what_the_value_is(value: object, shown: str) -> None:
    """Nothing is hidden or wrapped; of moments and long texts the end is cut."""
    assert _cell(value) == shown


def _under(column: str, value: object) -> list[str]:
    text = _written(Layout(columns=(column,)), HostReport(({column: value},), WEB01))
    return [line.strip() for line in text.splitlines()]


@pytest.mark.parametrize(
    ("column", "value", "heading", "shown"),
    [
        ("elapsed_s", 232051.8119, "elapsed", "64:27:31.812"),
        ("cpu_time_s", 0, "cpu_time", "0:00:00.000"),
        ("cpu_time_s", 59.9996, "cpu_time", "0:01:00.000"),
        ("memory_bytes", 181600256, "memory_bytes", "181,600,256"),
        ("pid", 181600256, "pid", "181600256"),
        ("services", ("a", "b", "c"), "services", "a, b, c"),
        ("services", ("a", "b", "c", "d", "e"), "services", "a, b, c and 2 more"),
        ("elapsed_s", None, "elapsed", ""),
    ],
)
def test_a_person_reads_it(column: str, value: object, heading: str, shown: str) -> None:
    """Times are written as PsList does, bytes in groups, and long lists are cut."""
    lines = _under(column, value)
    assert (lines[0], *lines[2:]) == (heading, *([shown] if shown else [""]))


def test_wide_characters_take_two_columns() -> None:
    """What stands behind a Japanese name begins where it begins in the other rows."""
    layout = Layout(columns=("process", "pid"), table_format="presto")
    rows = ({"process": "\u7d4c\u7406.exe", "pid": 1}, {"process": "a.exe", "pid": 2})
    *_, wide, narrow = _written(layout, HostReport(rows, WEB01)).splitlines()
    assert narrow.index("|") - wide.index("|") == 2


@pytest.mark.parametrize("name", table.table_formats())
def test_every_table_format_writes_rows_and_none(name: str) -> None:
    """Each format on offer copes with rows and with their absence."""
    layout = Layout(columns=("pid", "process"), table_format=name)

    assert "System" in _written(layout, HostReport((SYSTEM,), WEB01))
    assert "process" in _written(layout, HostReport((), WEB01))


def test_a_table_format_that_passes_markup_on_is_not_offered() -> None:
    """A host's text is no HTML, no TeX and no formula."""
    assert not {"unsafehtml", "latex_raw", "tsv"} & set(table.table_formats())
    layout = Layout(columns=("process",), table_format="html")

    assert "<script>" not in _written(layout, HostReport(({"process": "<script>"},), WEB01))


@given(st.lists(st.text(st.characters(exclude_categories=())), min_size=1))
def test_no_text_adds_a_line_or_moves_the_cursor(texts: list[str]) -> None:
    """Whatever a host answers, there is one line for each row, and all of it shows."""
    rows = tuple({"process": text} for text in texts)

    lines = _written(Layout(columns=("process",)), HostReport(rows, WEB01)).split("\n")

    assert len(lines) == 2 + len(texts) + 1
    assert all(line.isprintable() for line in lines)


def test_milliseconds() -> None:
    """Where a layout asks for them, times have them, also where they are none."""
    layout = Layout(columns=("at", "gap_s"), milliseconds=True)
    rows = [{"at": datetime(2026, 1, 31, 10, 0, 0, us, UTC), "gap_s": -5.5} for us in (0, 98_765)]
    text = _written(layout, HostReport(tuple(rows), WEB01))
    assert text.splitlines()[2:] == [
        "2026-01-31T10:00:00.000Z  -0:00:05.500",
        "2026-01-31T10:00:00.098Z  -0:00:05.500",
    ]
