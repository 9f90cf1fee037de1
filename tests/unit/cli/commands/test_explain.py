"""`hostprobe explain`."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from tests.unit.cli.program import Program

from hostprobe.analysis.glossary import Entry, _pages
from hostprobe.cli.commands.explain import KindRow

TIME_WAIT = "TIME_WAIT (TCP state)"
PAGE = "docs/reference/formats.md"


def test_page(hostprobe: Program) -> None:
    """A term is told in a few lines that fit the terminal, its source last."""
    ended = hostprobe("explain time wait")

    assert (ended.code, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0] == TIME_WAIT
    assert re.match("  This side closed", lines[1])
    assert [line[2:].split(":")[0] for line in lines if ": " in line][-1] == "Source"
    assert max(map(len, lines)) < 80


def test_several_meanings(hostprobe: Program) -> None:
    """Meanings of several kinds stand below a heading each, with a blank line between."""
    lines = hostprobe("explain 5").stdout.splitlines()

    assert [line for line in lines if not line.startswith(" ")] == [
        "5 (exit code)",
        "",
        "5 (Win32 error)",
    ]


def test_columns_of_several_commands(hostprobe: Program) -> None:
    """What a column means is told for each command that has it, with one source below."""
    lines = hostprobe("explain column PID").stdout.splitlines()

    assert lines[0] == "pid (column)"
    told = [line.strip().split(":")[0] for line in lines if "(hostprobe" in line]
    assert {"connection (hostprobe connections)", "run (hostprobe exec)"} <= set(told)
    assert sum("Source:" in line for line in lines) == 1


def test_record(hostprobe: Program) -> None:
    """A record is told with the names of its columns, and without the words that lead to these."""
    stdout = " ".join(hostprobe("explain match").stdout.split())

    assert "with the columns of every data record. Columns of its own: address, rows." in stdout


def test_several_sources(hostprobe: Program) -> None:
    """Of meanings that stand at several places, all are named below."""
    lines = hostprobe("explain 130").stdout.splitlines()

    assert lines[-1] == "  Source: README.md, Exit codes; docs/how-to/run-commands.md, Exit codes."


def test_threshold(hostprobe: Program) -> None:
    """A threshold is told where there is one."""
    assert "  Threshold: 10 minutes.\n" in hostprobe("explain final dot").stdout


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("time_wat", "no term 'time_wat'; is one of these meant? TIME_WAIT"),
        ("xyzzyq", "no term 'xyzzyq'; `hostprobe explain` has the kinds"),
        ("tcp states", "but a kind of terms: `hostprobe explain --list TCP state` has them"),
        ("'\x1b[31mx'", r"no term '\x1b[31mx'"),
    ],
)
def test_unknown_term(hostprobe: Program, line: str, told: str) -> None:
    """What is no term is code 1 and one line with the nearest ones."""
    ended = hostprobe(f"explain {line}")

    assert ended.code == 1
    assert told in ended.complaint


def test_kinds(hostprobe: Program) -> None:
    """Without a term the kinds are listed, with how many terms each has."""
    ended = hostprobe("explain")

    assert ended.code == 0
    assert re.search(r"^TCP state  +13  what netstat says", ended.stdout, re.MULTILINE)


def test_list(hostprobe: Program) -> None:
    """--list has all terms of a kind, or of all."""
    states = hostprobe("explain --list tcp states").stdout
    every = hostprobe("explain --list").stdout

    assert states.startswith("TCP state: ")
    assert "  TIME_WAIT   " in states
    assert states in every
    assert "\n\ncolumn: " in every


def test_long_terms_in_a_list(hostprobe: Program) -> None:
    """A term that is too long for a column of terms has a line of its own."""
    lines = hostprobe("explain --list note").stdout.splitlines()

    assert "  no process N in the list: it may have ended" in lines


def test_unknown_kind(hostprobe: Program) -> None:
    """A kind that is none is a usage error that names those there are."""
    ended = hostprobe("explain --list nonsense")

    assert ended.code == 2
    assert "TCP state" in ended.complaint


def test_json(hostprobe: Program) -> None:
    """In json there is a record for each meaning, and none of a host."""
    (record,) = json.loads(hostprobe("explain 0xc000006d -f json").stdout)

    assert list(record) == ["record", "schema", *(field.name for field in fields(Entry))]
    assert (record["record"], record["term"]) == ("term", "STATUS_LOGON_FAILURE")
    assert "-1073741715" in record["also"]


@pytest.mark.parametrize(("written", "nothing"), [("json", "[]\n"), ("jsonl", ""), ("table", "")])
def test_nothing_found(hostprobe: Program, written: str, nothing: str) -> None:
    """What is no term is an empty list, not half a document."""
    ended = hostprobe(f"explain xyzzyq -f {written}")

    assert (ended.code, ended.stdout) == (1, nothing)


def test_csv(hostprobe: Program) -> None:
    """In csv the kinds are rows; nothing is said of hosts."""
    first, *rows = hostprobe("explain -f csv").stdout.splitlines()

    assert first == "kind,terms,meaning,record,error_kind,error_message"
    assert all(row.endswith(",kind,,") for row in rows)


def test_chosen_columns(hostprobe: Program) -> None:
    """--columns makes a table of the meanings."""
    lines = hostprobe("explain 421 --columns kind,reference").stdout.splitlines()

    assert lines[0].split() == ["kind", "reference"]
    assert lines[2].split() == ["SMTP", "reply", "RFC", "5321", "4.2.3"]


def test_output(hostprobe: Program, tmp_path: Path) -> None:
    """-o writes the page to a file, and a place that is none is an error."""
    assert hostprobe(f"explain TIME_WAIT -o {tmp_path}/page").stdout == ""
    assert (tmp_path / "page").read_text("utf-8").startswith(TIME_WAIT)
    assert hostprobe(f"explain TIME_WAIT -o {tmp_path}").code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("hostprobe explain TIME", ["TIME_WAIT"]),
        ("hostprobe explain log_", ["log_in"]),
        ("hostprobe explain no\\ process", []),
    ],
)
def test_completion(
    hostprobe: Program, monkeypatch: pytest.MonkeyPatch, words: str, told: list[str]
) -> None:
    """A shell is told the terms that begin so, as far as they are one word."""
    monkeypatch.setenv("_HOSTPROBE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", "2")

    assert set(told) <= set(hostprobe("").stdout.split())
    assert bool(told) == bool(hostprobe("").stdout.split())


@pytest.mark.parametrize(("title", "row"), [("term", Entry), ("kind", KindRow)])
def test_formats_page(title: str, row: type) -> None:
    """The reference has each column of these records, which are of no host."""
    documented = [cells[0].strip("`") for cells in _pages.section(PAGE, title).rows]

    assert documented == [field.name for field in fields(row)]
