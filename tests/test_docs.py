"""The documentation against the program: what a page shows is what the program does."""

import contextlib
import dataclasses
import functools
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostprobe import Collector, errors, registry, snapshot
from hostprobe.analysis.mail.groups import Group
from hostprobe.analysis.verdict import Verdict, pages
from hostprobe.cli import commands, exit_codes, mapping, reports
from hostprobe.cli.commands import lab as lab_command
from hostprobe.cli.commands.cleanup import CleanupRow
from hostprobe.cli.commands.connections import NamedConnection
from hostprobe.cli.commands.doctor import CheckRow
from hostprobe.cli.commands.lab import SEED
from hostprobe.cli.commands.processes import ListedProcess
from hostprobe.cli.flows.gathering import NamedFlow
from hostprobe.cli.flows.rankings import FindingRow, TalkerRow
from hostprobe.cli.flows.summaries import PacketSizeRow, ProtocolRow
from hostprobe.cli.killing import KillRow
from hostprobe.cli.mail.rows import LineRow, SessionRow
from hostprobe.cli.run_rows import RunRow
from hostprobe.cli.shutting_down import ShutdownRow
from hostprobe.cli.traced import TraceRow
from hostprobe.cli.views import Match
from hostprobe.lab import scenarios
from hostprobe.lab.server import Lab, LabHost
from hostprobe.transport.psexec import paexec

_ROOT = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent
_PAGES = {
    str(path.relative_to(_ROOT)): path.read_text("utf-8")
    for path in (*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md"))
}
_CLI = "docs/reference/cli.md"
_SAVED = "docs/how-to/read-saved-output.md"
_TIME = re.compile(r"20\d\d-\d\d-\d\d(?P<mark>[T ])\d\d:\d\d:\d\d(?:\.\d+)?")
_FLAGS = re.MULTILINE | re.DOTALL
_BLOCK = re.compile(r"^```console ?([^\n]*)\n(.*?)^```$", _FLAGS)
_LAB_PORT = ":4450"
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)(?P<file>[^)#]*)(?:#(?P<part>[^)]*))?\)")


def _shown() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Commands and their outputs, of the ```console blocks of a page that have the same hosts.

    What stands behind `console` names the scenarios of the lab that the page speaks of.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for page in sorted(set(_PAGES) - {_CLI}):
        for names, block in _BLOCK.findall(_PAGES[page]):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                found.setdefault((page, names or "infected"), []).append((command, output))
    return found


def _run(command: str, environment: dict[str, str]) -> str:
    """What a command prints, run from the checkout as a reader runs it."""
    return subprocess.run(  # noqa: S603 - what our own pages say
        ["sh", "-c", command],  # noqa: S607 - whichever sh the reader has
        cwd=_ROOT,
        env=os.environ | environment | {"PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        encoding="utf-8",
    ).stdout


def _free_port() -> int:
    """A port that is as long as the one on the pages."""
    for port in range(4500, 5000):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail("no port from 4500 to 4999 is free")


def _timeless(text: str) -> str:
    """The text with one moment for every moment."""
    text = re.sub(r'"elapsed_s": [\d.]+', '"elapsed_s": 0.5', text)
    text = re.sub(r" +[\d.]+ m?s(?=  )", "  5 ms", text)
    text = re.sub(r"PAExec-\d{3,9}-hp[0-9a-f]{8}", "PAExec-1-hp0", text)
    return _TIME.sub(r"2026-01-31\g<mark>10:00:00", text).rstrip("\n")


def _quicken(host: LabHost) -> None:
    """Let the seconds of a host's own programs be short."""
    host.machine.quirks = dataclasses.replace(host.machine.quirks, pace=0.1)


def _section(page: str, title: str) -> str:
    """The text of a page below a heading of the second level, down to the next."""
    _, _, rest = _PAGES[page].partition(f"\n## {title}\n")
    return rest.partition("\n## ")[0]


def _rows(text: str) -> list[list[str]]:
    """The cells of a page's tables, without backticks, the lines of dashes left out."""
    lines = [line for line in text.splitlines() if line.startswith("| `") or line[2:3].isdigit()]
    return [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|")
    ]


def _kinds(cls: type[errors.HostprobeError]) -> Iterator[type[errors.HostprobeError]]:
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _kinds(child)


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", _CODE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.skipif(shutil.which("sh") is None, reason="the commands are written for sh")
@pytest.mark.parametrize(("page", "hosts"), tuple(_shown()))
def test_shown_commands(page: str, hosts: str, tmp_path: Path) -> None:
    """The commands of a page, run in their order, print what it shows; only moments differ."""
    if "hostprobe verdict" in str(_shown()[page, hosts]) and shutil.which("tshark") is None:
        pytest.skip("tshark is not installed: apt-get install tshark")
    names = hosts.split()
    with Lab(names, hosts=len(names), port=_free_port(), seed=SEED) as lab:
        for host in lab.hosts:
            lab.call(functools.partial(_quicken, host))
        port = f":{lab.hosts[0].port}"
        told = lab.hosts[0].environment() | {
            "HOSTPROBE_STATE_DIR": str(tmp_path),
            "HOSTPROBE_ALIASES": str(tmp_path / "aliases"),
        }
        for command, output in _shown()[page, hosts]:
            printed = _run(command.replace(_LAB_PORT, port), told).replace(port, _LAB_PORT)
            assert _timeless(printed) == _timeless(output), command


def test_shown_lab(capsys: pytest.CaptureFixture[str]) -> None:
    """What the tutorial shows of `hostprobe lab` is what it prints, but for password and port."""
    (shown,) = re.findall(r"^\$ hostprobe lab\n(.*?)^```$", _PAGES["docs/tutorial.md"], _FLAGS)
    password = re.findall(r"HOSTPROBE_PASSWORD=(\w+)", shown)[0]

    def interrupted() -> None:
        raise KeyboardInterrupt

    lab_command.serve(Lab(port=_free_port(), seed=SEED, password=password), wait=interrupted)

    printed = capsys.readouterr().out
    port = re.findall(r"HOSTPROBE_SMB_PORT=(\d+)", printed)[0]
    assert printed.replace(port, "4450") == shown


def test_lab_scenarios() -> None:
    """The page about the lab has each scenario with its summary."""
    documented = [tuple(row) for row in _rows(_PAGES["docs/how-to/lab.md"])]
    assert documented == [(name, scenarios.load(name).summary) for name in scenarios.names()]


def test_command_line_reference() -> None:
    """docs/reference/cli.md is what `make docs` writes."""
    arguments = ("--app", "app", "hostprobe.cli", "utils", "docs", "--name", "hostprobe")
    done = subprocess.run(  # noqa: S603 - typer's own program
        [str(_BIN / "typer"), *arguments], capture_output=True, check=True, encoding="utf-8"
    )

    assert _PAGES[_CLI].strip() == done.stdout.strip(), "run: make docs"


@pytest.mark.parametrize("name", registry.names(commands))
def test_command(name: str) -> None:
    """Each command is in the README and in the reference."""
    assert f"    hostprobe {name} " in _PAGES["README.md"]
    assert f"## `hostprobe {name}`" in _PAGES[_CLI]


@pytest.mark.parametrize("page", sorted(set(_PAGES) - {_CLI}))
def test_options(page: str) -> None:
    """An option that a page uses in a command is one that the program has."""
    used = re.findall(
        r"hostprobe (?:connections|processes|kill|cleanup|lab|doctor|exec|flows|map|trace|verdict)"
        r" .*",
        _PAGES[page],
    )

    options = set(re.findall(r"(?<=[ `])--[a-z][a-z-]+", " ".join(used)))
    assert options <= set(re.findall(r"--[a-z][a-z-]+", _PAGES[_CLI]))


def test_findings() -> None:
    """The page about verdicts has each finding once, with its verdict."""
    rows = _rows(_section("docs/how-to/which-layer-broke.md", "Every finding"))
    assert [tuple(row[:2]) for row in rows] == [
        (code, page.outcome) for code, page in pages().items()
    ]


def test_errors() -> None:
    """The reference has each kind of error once, with its exit code."""
    documented = [(row[0], int(row[1])) for row in _rows(_PAGES["docs/reference/errors.md"])]
    kinds = set(_kinds(errors.HostprobeError)) - {errors.HostError}

    assert sorted(documented) == sorted((kind("").kind, kind.exit_code) for kind in kinds)


@pytest.mark.parametrize(
    ("title", "row"),
    [
        ("connection", NamedConnection),
        ("process", ListedProcess),
        ("kill", KillRow),
        ("trace", TraceRow),
        ("shutdown", ShutdownRow),
        ("cleanup", CleanupRow),
        ("run", RunRow),
        ("match", Match),
        ("flow", NamedFlow),
        ("talker", TalkerRow),
        ("finding", FindingRow),
        ("packet_size", PacketSizeRow),
        ("protocol_total", ProtocolRow),
        ("check", CheckRow),
        ("session", SessionRow),
        ("line", LineRow),
        ("group", Group),
        ("verdict", Verdict),
    ],
)
def test_columns(title: str, row: type) -> None:
    """The reference has each column of each kind of record, and no other."""
    page = "docs/reference/formats.md"
    common = _rows(_section(page, "Columns of every data record"))

    documented = [cells[0] for cells in (*common, *_rows(_section(page, title)))]
    if row is TraceRow:
        documented += [cells[0] for cells in _rows(_section(page, "connection"))]
        documented.remove("community_id")

    assert sorted(documented) == sorted(reports.columns(row))


def test_edge_columns() -> None:
    """The reference has each column of an edge, and no other."""
    documented = [cells[0] for cells in _rows(_section("docs/reference/formats.md", "edge"))]

    assert documented == list(mapping.COLUMNS)


def test_exit_codes() -> None:
    """The README's table has the exit codes there are."""
    documented = {int(row[0]) for row in _rows(_section("README.md", "Exit codes"))}

    verdicts = exit_codes.VERDICTS.values()
    classes = {kind.exit_code for kind in _kinds(errors.HostprobeError)}
    assert documented == {0, exit_codes.SOME_FAILED, exit_codes.LEFT, *verdicts} | classes


def test_environment() -> None:
    """Each variable that the program reads is documented, and no other."""
    sources = "".join(path.read_text("utf-8") for path in (_ROOT / "src").rglob("*.py"))
    documented = _rows(_PAGES["docs/reference/environment.md"])

    read = set(re.findall(r"\bHOSTPROBE_[A-Z_]+", sources))
    assert {row[0] for row in documented if row[0].startswith("HOSTPROBE_")} == read


@pytest.mark.parametrize("page", ["README.md", "docs/how-to/allow-list.md"])
def test_footprint(page: str) -> None:
    """The hash to allow-list is that of the only program that is ever uploaded."""
    assert paexec.SHA256 in _PAGES[page]


def test_local_command_line() -> None:
    """The page's line for a local console is the one that hostprobe prints."""
    parts = snapshot.parts(connections=True, details=False, collector=Collector.AUTO)

    assert snapshot.local_command_line(parts) in _PAGES[_SAVED].splitlines()


@pytest.mark.parametrize("page", sorted(set(_PAGES) - {_CLI}))
def test_links(page: str) -> None:
    """A link leads to a file that is there, and to a heading in it."""
    for link in _LINK.finditer(_CODE.sub("", _PAGES[page])):
        target = (_ROOT / page).parent / link["file"] if link["file"] else _ROOT / page
        assert target.exists(), link["file"]
        if link["part"]:
            assert link["part"] in _anchors(target.read_text("utf-8"))
