"""The commands below `alias`, as a user types them."""

import io
import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import Program


def test_add_list_and_remove(hostprobe: Program, tmp_path: Path) -> None:
    """What is added is listed, and what is removed is listed no more."""
    added = hostprobe("alias add 10.1.2.3 exch01 mail")
    assert (added.code, added.stdout) == (0, "")
    assert "10.1.2.3 is exch01; as a target that name goes before DNS now" in added.complaint
    assert hostprobe("alias add fd00::3 dc01").code == 0
    listed = hostprobe("alias list")
    assert listed.code == 0
    assert listed.stdout == "10.1.2.3  exch01\n10.1.2.3  mail\nfd00::3   dc01\n"
    gone = hostprobe("alias remove EXCH01 fd00::3")
    assert (gone.code, gone.stdout) == (0, "")
    assert gone.stderr == (
        "hostprobe: 10.1.2.3 is exch01 no more\nhostprobe: fd00::3 is dc01 no more\n"
    )
    assert hostprobe("alias list").stdout == "10.1.2.3  mail\n"
    assert (tmp_path / "aliases").read_text() == "10.1.2.3        mail\n"


def test_an_empty_list_has_its_code(hostprobe: Program) -> None:
    """Nothing to list is nothing that matched, and how to change that is said."""
    ended = hostprobe("alias list")
    assert (ended.code, ended.stdout) == (1, "")
    assert "`hostprobe alias add" in ended.complaint


def test_what_is_not_there_is_named(hostprobe: Program) -> None:
    """One word that names nothing keeps no other one from being removed."""
    hostprobe("alias add 10.1.2.3 exch01")
    ended = hostprobe("alias remove nobody exch01")
    assert ended.code == 1
    assert "no alias 'nobody'" in ended.stderr
    assert "10.1.2.3 is exch01 no more" in ended.stderr


def test_another_meaning_needs_a_word(hostprobe: Program) -> None:
    """A name that moves to another host does so only when it is told to."""
    hostprobe("alias add 10.1.2.3 exch01")
    refused = hostprobe("alias add 10.1.2.9 exch01")
    assert refused.code == 2
    assert "10.1.2.3 is exch01 already; --replace gives that up" in refused.complaint
    assert hostprobe("alias add 10.1.2.9 exch01 --replace").code == 0
    assert hostprobe("alias list").stdout == "10.1.2.9  exch01\n"


@pytest.mark.parametrize(
    "words", ["", "add", "add 10.1.2.3", "add exch01 10.1.2.3", "move", "remove", "import"]
)
def test_what_is_not_whole_is_refused(hostprobe: Program, words: str) -> None:
    """One line, and the code of a usage error."""
    ended = hostprobe(f"alias {words}")
    assert ended.code == 2
    assert ended.complaint


def test_a_missing_word_is_told_with_all_there_are(hostprobe: Program) -> None:
    """Who types the command alone is shown the way."""
    assert "one word more: add, list, remove, import" in hostprobe("alias").complaint


def test_a_file_is_imported_as_a_whole(hostprobe: Program, tmp_path: Path) -> None:
    """Of a file that says otherwise of one address nothing is taken, but with --replace."""
    file = tmp_path / "hosts"
    file.write_text("127.0.0.1 localhost\n10.1.2.3 exch01\n10.1.2.4 exch02\n")
    hostprobe("alias add 10.1.2.3 old")
    assert hostprobe(f"alias import {file}").code == 2
    assert hostprobe("alias list").stdout == "10.1.2.3  old\n"
    ended = hostprobe(f"alias import {file} --replace")
    assert ended.code == 0
    assert "2 addresses have the names of" in ended.stderr
    assert "1 line left out" in ended.stderr
    assert hostprobe("alias list").stdout == "10.1.2.3  exch01\n10.1.2.4  exch02\n"


def test_stdin_is_imported(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of aliases can be read as it was written, and as a table."""
    for text in (b"10.1.2.3  exch01\n", b"address,name\n10.1.2.4,exch02\n"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        assert hostprobe("alias import -").code == 0
    assert hostprobe("alias list").stdout == "10.1.2.3  exch01\n10.1.2.4  exch02\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert "nothing to read" in hostprobe("alias import -").complaint


def test_a_file_that_is_spoilt_is_told(hostprobe: Program, tmp_path: Path) -> None:
    """Each command that needs the file names the line, and asks no host."""
    (tmp_path / "aliases").write_text("10.1.2.3 exch01\nexch02\n")
    for line in ("alias list", "alias add 10.1.2.9 dc01", "connections exch01 -u a"):
        ended = hostprobe(line)
        assert ended.code == 2
        assert "aliases', line 2: " in ended.complaint
