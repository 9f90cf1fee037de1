"""The JSON list and JSON lines."""

import json
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.formats import json as json_format
from hostprobe.formats import jsonl
from hostprobe.formats._base import Format, HostReport, Layout, Record
from hostprobe.formats._columns import SortKey

LAYOUT = Layout(columns=("host", "pid"))
SYSTEM: Record = {"record": "process", "host": "web01", "pid": 4, "process": "System"}
WEB01: Record = {"record": "host", "target": "web01", "status": "answered"}
UNREAD: Record = {"record": "unread", "host": "web01", "count": 1, "lines": ("???",)}
ERROR: Record = {"kind": "not_admin", "message": "dc01: no", "step": "log in"}
DC01: Record = {"record": "host", "target": "dc01", "status": "failed", "error": ERROR}

both = pytest.mark.parametrize("form", [json_format.FORMAT, jsonl.FORMAT], ids=["json", "jsonl"])


def _written(form: Format, layout: Layout, *reports: HostReport) -> str:
    stream = StringIO()
    form.write(layout, iter(reports), stream)
    return stream.getvalue()


def _records(form: Format, layout: Layout, *reports: HostReport) -> list[dict[str, object]]:
    text = _written(form, layout, *reports)
    lines = f"[{','.join(text.splitlines())}]" if form is jsonl.FORMAT else text
    records: list[dict[str, object]] = json.loads(lines)
    return records


@both
def test_each_host_ends_with_its_own_record(form: Format) -> None:
    """Data records come first, then unread lines, then exactly one record of the host."""
    records = _records(form, LAYOUT, HostReport((SYSTEM,), WEB01, UNREAD), HostReport((), DC01))

    assert records == [
        {"record": "process", "schema": 1, "host": "web01", "pid": 4},
        {**UNREAD, "schema": 1, "lines": ["???"]},
        {**WEB01, "schema": 1},
        {**DC01, "schema": 1},
    ]
    assert [next(iter(record)) for record in records] == ["record"] * 4


@both
def test_a_sort_puts_all_rows_before_all_hosts(form: Format) -> None:
    """Sorted rows of several hosts stand together, and nothing of a host is lost."""
    layout = Layout(columns=("pid",), sort=(SortKey("pid"),))
    idle = {**SYSTEM, "pid": 0}

    records = _records(
        form, layout, HostReport((SYSTEM,), WEB01, UNREAD), HostReport((idle,), DC01)
    )

    assert [record.get("pid") for record in records[:2]] == [0, 4]
    assert [record["record"] for record in records[2:]] == ["unread", "host", "host"]


@both
def test_a_column_without_a_value_is_null(form: Format) -> None:
    """Every data record has the same fields."""
    (record, _) = _records(form, Layout(columns=("user",)), HostReport((SYSTEM,), WEB01))

    assert record == {"record": "process", "schema": 1, "user": None}


@both
def test_values_keep_their_types(form: Format) -> None:
    """Times are ISO 8601 in UTC, tuples are lists, and the rest is as JSON has it."""
    moment = datetime.fromisoformat("2026-01-31T11:00:00.5+01:00")
    row = {
        "record": "process",
        "at": moment,
        "services": ("a", "b"),
        "age": 1.5,
        "new": True,
        "error": MappingProxyType({"kind": "busy"}),
    }

    (record, _) = _records(form, Layout(columns=tuple(row)), HostReport((row,), WEB01))

    assert record == {
        "record": "process",
        "schema": 1,
        "at": "2026-01-31T10:00:00.500000Z",
        "services": ["a", "b"],
        "age": 1.5,
        "new": True,
        "error": {"kind": "busy"},
    }


@both
@given(texts=st.lists(st.text()))
def test_any_text_survives_and_nothing_hidden_is_written(form: Format, texts: list[str]) -> None:
    """A host's text is read back as it was, and moves no cursor when it is looked at."""
    rows = tuple({"record": "process", "process": text} for text in texts)
    layout = Layout(columns=("process",))

    records = _records(form, layout, HostReport(rows, WEB01))

    assert [record["process"] for record in records[:-1]] == texts
    assert all(
        line.isprintable() for line in _written(form, layout, HostReport(rows, WEB01)).split("\n")
    )


@both
def test_text_that_shows_is_written_as_it_is(form: Format) -> None:
    """A search for a name finds it in any language; what does not show is escaped."""
    row = {**SYSTEM, "process": "Größe\u202e\U000e0041\udc80"}

    text = _written(form, Layout(columns=("process",)), HostReport((row,), WEB01))

    assert r"Größe\u202e\udb40\udc41\udc80" in text


def test_no_hosts_are_an_empty_list() -> None:
    """The JSON list is valid JSON whatever happened."""
    assert json.loads(_written(json_format.FORMAT, LAYOUT)) == []


def test_lines_are_written_as_hosts_finish() -> None:
    """A host's lines are out before the next host is waited for."""
    stream = StringIO()
    seen: list[int] = []

    def reports() -> Iterator[HostReport]:
        for _ in range(2):
            seen.append(len(stream.getvalue().splitlines()))
            yield HostReport((SYSTEM,), WEB01)

    jsonl.FORMAT.write(LAYOUT, reports(), stream)

    assert seen == [0, 2]


def test_a_value_without_a_plain_form_is_a_bug() -> None:
    """Nothing is written as Python's own words for it."""
    row = {**SYSTEM, "pid": b"4"}

    with pytest.raises(TypeError, match="bytes"):
        _written(jsonl.FORMAT, LAYOUT, HostReport((row,), WEB01))
