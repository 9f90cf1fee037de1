"""The documentation against the program: what a page shows is what the program does."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostprobe import Collector, errors, registry, snapshot
from hostprobe.analysis.owners import OwnedConnection
from hostprobe.cli import commands, exit_codes, reports
from hostprobe.cli.commands.kill import KillRow
from hostprobe.cli.commands.processes import ListedProcess
from hostprobe.transport.psexec import paexec

_ROOT = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent
_PAGES = {
    str(path.relative_to(_ROOT)): path.read_text("utf-8")
    for path in (*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md"))
}
_CLI = "docs/reference/cli.md"
_TIME = re.compile(r"20\d\d-\d\d-\d\d(?P<mark>[T ])\d\d:\d\d:\d\d(?:\.\d+)?")
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)(?P<file>[^)#]*)(?:#(?P<part>[^)]*))?\)")


def _shown() -> Iterator[tuple[str, str, str]]:
    """Page, command and output of each command in a ```console block."""
    for page, text in _PAGES.items():
        if page == _CLI:
            continue
        for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield page, command, output


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
@pytest.mark.parametrize(("page", "command", "output"), tuple(_shown()))
def test_shown_command(page: str, command: str, output: str) -> None:
    """A command prints what the page shows; only the time of a file differs."""
    done = subprocess.run(  # noqa: S603 - what our own pages say
        ["sh", "-c", command],  # noqa: S607 - whichever sh the reader has
        cwd=_ROOT,
        env=os.environ | {"PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        encoding="utf-8",
    )

    then = r"2026-01-31\g<mark>10:00:00"
    assert _TIME.sub(then, done.stdout) == _TIME.sub(then, output), page


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
    used = re.findall(r"hostprobe (?:connections|processes|kill) .*", _PAGES[page])

    options = set(re.findall(r"(?<=[ `])--[a-z][a-z-]+", " ".join(used)))
    assert options <= set(re.findall(r"--[a-z][a-z-]+", _PAGES[_CLI]))


def test_errors() -> None:
    """The reference has each kind of error once, with its exit code."""
    documented = [(row[0], int(row[1])) for row in _rows(_PAGES["docs/reference/errors.md"])]
    kinds = set(_kinds(errors.HostprobeError)) - {errors.HostError}

    assert sorted(documented) == sorted((kind("").kind, kind.exit_code) for kind in kinds)


@pytest.mark.parametrize(
    ("title", "row"),
    [("connection", OwnedConnection), ("process", ListedProcess), ("kill", KillRow)],
)
def test_columns(title: str, row: type) -> None:
    """The reference has each column of each kind of record, and no other."""
    page = "docs/reference/formats.md"
    common = _rows(_section(page, "Columns of every data record"))

    documented = [cells[0] for cells in (*common, *_rows(_section(page, title)))]

    assert sorted(documented) == sorted(reports.columns(row))


def test_exit_codes() -> None:
    """The README's table has the exit codes there are."""
    documented = {int(row[0]) for row in _rows(_section("README.md", "Exit codes"))}

    classes = {kind.exit_code for kind in _kinds(errors.HostprobeError)}
    assert documented == {0, exit_codes.SOME_FAILED, exit_codes.LEFT} | classes


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
    """The README's line for a local console is the one that hostprobe prints."""
    parts = snapshot.parts(connections=True, details=False, collector=Collector.AUTO)

    assert snapshot.local_command_line(parts) in _PAGES["README.md"].splitlines()


@pytest.mark.parametrize("page", sorted(set(_PAGES) - {_CLI}))
def test_links(page: str) -> None:
    """A link leads to a file that is there, and to a heading in it."""
    for link in _LINK.finditer(_CODE.sub("", _PAGES[page])):
        target = (_ROOT / page).parent / link["file"] if link["file"] else _ROOT / page
        assert target.exists(), link["file"]
        if link["part"]:
            assert link["part"] in _anchors(target.read_text("utf-8"))
