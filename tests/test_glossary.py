"""The glossary against the program: what hostprobe prints, `hostprobe explain` tells of."""

import importlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from hostprobe import errors, registry
from hostprobe.actions import cleanup, kill, shutdown
from hostprobe.actions._shutdown import outcome as shutdown_outcome
from hostprobe.analysis import glossary, interesting, verdict
from hostprobe.analysis.checkup import Status, Step
from hostprobe.analysis.glossary import Entry, Glossary, _pages
from hostprobe.analysis.mail import facts
from hostprobe.analysis.owners import Note
from hostprobe.analysis.verdict import _dns, _http, _tls
from hostprobe.cli import checkup_page, exec_codes, exit_codes, receipts
from hostprobe.cli.flows import gathering, summaries
from hostprobe.evidence import smtp_log
from hostprobe.evidence.iana import _icmp
from hostprobe.probes import connections
from hostprobe.transport.psexec import errors as foreign

_ROOT = Path(__file__).parents[1]
_SOURCES = _ROOT / "src"
_KNOWN = Glossary(glossary.kinds())
_ROW = re.compile(r"\b(?:row(?:: type)? ?= ?|columns\()([A-Z]\w+)")
_NOTE = re.compile(r"""\bnote(?: = |s\.append\()["']([^"'{]+)["']""")


def _of_kind(kind: str, term: object) -> list[Entry]:
    """The entries of a term that are of that kind."""
    return [entry for entry in _KNOWN.find(str(term)) if entry.kind == kind]


def _missing(kind: str, terms: Iterable[object]) -> list[object]:
    """Those of the terms that nobody explains."""
    return [term for term in terms if not _of_kind(kind, term)]


def _error_classes(cls: type[errors.HostprobeError]) -> Iterator[type[errors.HostprobeError]]:
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _error_classes(child)


def _rows() -> Iterator[type]:
    """The class of each record that a command writes, wherever it is defined."""
    for path in sorted((_SOURCES / "hostprobe" / "cli").rglob("*.py")):
        names = set(_ROW.findall(path.read_text("utf-8")))
        module = ".".join(path.relative_to(_SOURCES).with_suffix("").parts)
        yield from (getattr(importlib.import_module(module), name) for name in sorted(names))


def test_exit_codes() -> None:
    """Each code that a run can end with is explained."""
    codes = {cls.exit_code for cls in _error_classes(errors.HostprobeError)}
    codes |= {value for value in vars(exit_codes).values() if isinstance(value, int)}
    codes |= set(exit_codes.VERDICTS.values())
    codes |= {exec_codes.OTHER, exec_codes.FAILED, exec_codes.NOT_STARTED, exec_codes.NOT_FOUND}

    assert _missing("exit code", codes | {0}) == []


def test_error_kinds() -> None:
    """Each kind of error is explained, and found by the name of its class, too."""
    classes = set(_error_classes(errors.HostprobeError)) - {errors.HostError}

    assert _missing("error kind", (cls("").kind for cls in classes)) == []
    assert _missing("error kind", (cls.__name__ for cls in classes)) == []


def test_columns() -> None:
    """Each column of each record has a meaning that can be read by itself."""
    rows = list(_rows())
    names = {field.name for row in rows for field in fields(row)}

    assert len(rows) > 8, "the classes of records are not found any more"
    assert _missing("column", names) == []
    entries = [entry for kind in _KNOWN.kinds if kind.name == "column" for entry in kind.entries()]
    told = [(entry.of, entry.term) for entry in entries if not _says_itself(entry.meaning)]
    assert told == [], "say it in docs/reference/formats.md, for it is shown without its neighbours"


def _says_itself(meaning: str) -> bool:
    return bool(meaning) and not re.match("the same(?! for)", meaning)


def test_heads_of_tables() -> None:
    """What a table calls a column is explained, also where that is not the column's name."""
    views = (gathering.FLOWS, summaries.SIZES, summaries.PROTOCOLS)
    heads = {head for view in views for head in view.headings.values()}
    source = (_SOURCES / "hostprobe" / "cli" / "flows" / "rankings.py").read_text("utf-8")
    ranked = set(re.findall(r'"\w+": "([^"]+)"', source))
    units = {field.name[:-2] for row in _rows() for field in fields(row) if field.name[-2:] == "_s"}

    assert {"source", "%", "what"} <= ranked
    assert [head for head in (heads | ranked | units) if head and not _KNOWN.find(head)] == []


def test_notes_of_edges() -> None:
    """Each note of an edge is explained, alone and beside others."""
    source = (_SOURCES / "hostprobe" / "analysis" / "edges" / "_edges.py").read_text("utf-8")
    words = re.findall(r'"(?:failed|not_asked|ambiguous)": "([^"]+)"', source)
    notes = [f"{side} {word}" for word in words for side in ("client", "server")]
    told = re.findall(r'yield f?"([^"]+)"', source.partition("def _notes")[2])
    notes += [note.replace("{side}", "client") for note in told if "_WORDS" not in note]

    assert len(words) == 3
    assert len(told) == 4
    assert _missing("note", notes) == []
    assert len(_KNOWN.find("; ".join(notes[-2:]))) == 2


def test_words_of_traces() -> None:
    """What `trace` says of a flow and its ends is explained."""
    package = _SOURCES / "hostprobe" / "analysis" / "trace"
    source = "".join((package / name).read_text("utf-8") for name in ("_words.py", "_wanted.py"))
    page = (_SOURCES / "hostprobe" / "cli" / "trace_page.py").read_text("utf-8")
    told = re.findall(r'yield f?"([^"]+)"', source)
    said = re.findall(r'"(\([^"]+\))"', page)

    assert len(told) > 8
    assert len(said) > 4
    shown = [re.sub(r"\{end.side.port\}|\{socket.pid\}", "7", text) for text in (*told, *said)]
    shown = [re.sub(r"\{(address|peers)\}", "10.1.2.3", text) for text in shown]
    shown = [text.replace("{name}", "Tu0") for text in shown if "{', '" not in text]
    assert [text for text in shown if not _KNOWN.find(text)] == []


def test_options() -> None:
    """Each option in the reference of the command line is explained."""
    page = (_ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    names = set(re.findall(r"(?m)^\* `[^`]*?(--[a-z-]+)", page)) - {"--help"}

    assert len(names) > 100
    assert _missing("option", names) == []


def test_notes() -> None:
    """Each note of a connection, and each fixed one of a host, is explained."""
    sources = [path.read_text("utf-8") for path in _SOURCES.rglob("*.py")]
    of_hosts = [text for source in sources for text in _NOTE.findall(source)]

    assert len(of_hosts) >= 3, "the notes are not found any more"
    assert _missing("note", [*Note, *of_hosts]) == []
    assert _of_kind("note", Note.ENDED.of(4711)) == _of_kind("note", Note.ENDED)


def test_notes_of_flows() -> None:
    """Each note of a flow is explained, whatever kind of term it is."""
    source = (_SOURCES / "hostprobe" / "analysis" / "flow_rows.py").read_text("utf-8")
    notes = re.findall(
        r'"([a-zA-Z ]+)"', source.partition("def _notes")[2].partition("def _prot")[0]
    )

    assert "egress copy" in notes
    assert [note for note in notes if not _KNOWN.find(note)] == []


def test_icmp() -> None:
    """Each message of ICMP that has a name is explained by its numbers and its name."""
    for numbers, name in (*_icmp.ICMP.items(), *_icmp.REASONS.items()):
        version = {1: "", 58: "v6:"}[numbers[0]]
        term = version + "/".join(map(str, numbers[1:]))
        entries = [
            each
            for each in _of_kind("ICMP message", name)
            if f"{each.term}/".startswith(f"{term}/")
        ]
        assert entries, (term, name)


def test_connections_have_no_other_notes() -> None:
    """A note of a connection is a `Note`, so that it is explained."""
    source = (_SOURCES / "hostprobe" / "analysis" / "owners.py").read_text("utf-8")

    assert re.findall(r"note=(?!Note\.|note\b)\S+", source) == []


def test_states() -> None:
    """Each state of a connection is explained, by a translated word the same."""
    assert _missing("TCP state", connections.STATES) == []
    for word, state in connections.TRANSLATED.items():
        assert _of_kind("TCP state", word) == _of_kind("TCP state", state)


def test_checks() -> None:
    """Each check of `doctor` is explained, by its label too, and each way it can end."""
    assert _missing("check", [*Step, *get_args(Status)]) == []
    for step, label in checkup_page.LABELS.items():
        assert _of_kind("check", label) == _of_kind("check", step)


@pytest.mark.parametrize(
    ("command", "verdicts"),
    [
        ("hostprobe kill", kill.Verdict),
        ("hostprobe cleanup", cleanup.Verdict),
        ("hostprobe shutdown", shutdown.Verdict),
    ],
)
def test_outcomes(command: str, verdicts: type[StrEnum]) -> None:
    """Each verdict of a command that changes hosts is explained as that command's."""
    known = {
        entry.term for one in verdicts for entry in _of_kind("outcome", one) if entry.of == command
    }

    assert known == {one.value for one in verdicts}


def test_outcomes_of_hosts() -> None:
    """What stands in place of a verdict or an error kind is explained, too."""
    words = ("answered", "failed", "not_asked", "twin", "planned", "not_ours")

    assert _missing("outcome", words) == []


def test_mail() -> None:
    """Each end of a session of mail is explained, and the waits are those that `mail log` cites."""
    assert _missing("mail outcome", smtp_log.OUTCOMES) == []
    for awaited, (section, minutes) in facts.MINUTES.items():
        (entry,) = _of_kind("SMTP command", awaited)
        assert section in entry.reference
        assert (entry.threshold or "").startswith(f"{minutes} minutes")


def test_verdicts() -> None:
    """Each finding of `verdict` is explained with its threshold, and each verdict with its code."""
    assert [
        code for code in verdict.pages() if not _of_kind("verdict rule", code)[0].threshold
    ] == []
    for one, code in exit_codes.VERDICTS.items():
        (entry,) = _of_kind("outcome", one)
        assert f"exit code {code}" in entry.meaning


def test_words_of_a_verdict() -> None:
    """What the page of a verdict says of an outcome, and calls its paragraphs, is explained."""
    source = (_SOURCES / "hostprobe" / "cli" / "verdict_page.py").read_text("utf-8")
    words = re.findall(r'"(broken in [^"]+|cannot be [^"]+|Ruled [^"]+|Look [^"]+|Not at)', source)

    assert len(words) == 7
    assert [word for word in words if not _KNOWN.find(word)] == []


def test_protocols_of_a_verdict() -> None:
    """What `verdict` prints of TLS, DNS and HTTP is explained, as that protocol's."""
    assert _missing("TLS alert", _tls.ALERTS.values()) == []
    dns, http = Path(str(_dns.__file__)).read_text("utf-8"), Path(str(_http.__file__)).read_text()
    codes = re.findall(r'[0-9]: "([A-Z]+)"', dns)
    states = {
        state for line in re.findall(r"\{(\d{3}(?:, \d{3})*)\}", http) for state in line.split(", ")
    }

    assert {"NXDOMAIN", "SERVFAIL"} <= set(codes)
    assert {"503", "429"} <= states
    assert _missing("DNS reply", codes) == []
    assert _missing("HTTP status", states) == []


def test_events() -> None:
    """Each event that receipts, the page to allow-list by and our advice name is explained."""
    ids = {str(event["id"]) for event in (*receipts.EVENTS, *receipts.READ_EVENTS)}
    page = (_ROOT / "docs" / "how-to" / "allow-list.md").read_text("utf-8")
    (footprint,) = re.findall(r"^ *\| events \|(.*)\|$", page, re.MULTILINE)
    advice = (_SOURCES / "hostprobe" / "analysis" / "advice.toml").read_text("utf-8")
    named = re.findall(r"events?\b([^.:;]*)", advice)

    ids |= set(re.findall(r"\b\d{4}\b", " ".join((footprint, *named))))
    assert {"7045", "4740", "5145"} <= ids
    assert _missing("event", ids) == []


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("NT status", [foreign.STATUS, foreign.LOG_IN_STATUS]),
        ("Win32 error", [foreign.SERVICE]),
    ],
)
def test_status_codes(kind: str, codes: list[dict[int, tuple[type, str]]]) -> None:
    """Each status that becomes an error of ours is explained, with the error that it becomes."""
    for code, (cls, _) in (pair for table in codes for pair in table.items()):
        (entry,) = _of_kind(kind, f"0x{code:08X}")
        assert issubclass(cls, errors.HostError)
        assert cls("").kind in (entry.advice or ""), entry.term


def test_codes_of_shutdown() -> None:
    """Each exit code of shutdown.exe that has words has them here, too."""
    assert _missing("Win32 error", shutdown_outcome.CODES) == []


def test_reasons() -> None:
    """Each reason why a flow is worth a look is explained with its threshold."""
    assert all(_of_kind("reason", name)[0].threshold for name in registry.names(interesting))


@pytest.mark.parametrize("kind", [kind.name for kind in _KNOWN.kinds])
def test_kind(kind: str) -> None:
    """The terms of a kind have a meaning and a source, and none is there twice."""
    (its,) = (each for each in _KNOWN.kinds if each.name == kind)
    entries = list(its.entries())

    assert entries
    assert all(entry.kind == kind for entry in entries)
    assert all(entry.meaning and entry.reference for entry in entries)
    assert len({(entry.term, entry.of) for entry in entries}) == len(entries)
    told = " ".join(f"{entry.meaning} {entry.advice} {entry.threshold}" for entry in entries)
    told = told.replace("{host}", "").replace("{user}", "")  # of --password-command
    assert not re.search(r"[{}]|\]\(", told), "a hole, or a mark of Markdown"


@pytest.mark.parametrize("path", sorted((_SOURCES / "hostprobe").rglob("glossary/texts/*.toml")))
def test_texts(path: Path) -> None:
    """A file of texts has no field that nobody reads, and whole sentences."""
    read = tomllib.loads(path.read_text("utf-8"))

    assert set(read) <= {"kind", "summary", "names", "reference", "terms"}
    known = {"term", "of", "meaning", "advice", "threshold", "reference", "also", "code", "errors"}
    for term, its in read["terms"].items():
        assert set(its) <= known, term
        assert its["meaning"].endswith((".", "?")), term
        assert its.get("advice", ".").endswith("."), term


def test_pages_are_in_the_wheel() -> None:
    """Each page of the documentation that is read is put beside the module that reads it."""
    settings = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))
    packed = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    folder = _SOURCES / "hostprobe" / "analysis" / "glossary"
    sources = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))

    read = set(re.findall(r'"((?:docs/[\w/-]+|README)\.md)"', sources))
    assert packed == {page: _pages.packed(page) for page in read}
