"""Go on with a sweep that was ended."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.cli.program import CONNECTIONS, Ask, Program
from tests.unit.cli.script import Host, host, said

from hostprobe.cli.answers import Found
from hostprobe.cli.options import ViewOptions
from hostprobe.errors import RefusedError
from hostprobe.transport.psexec import journal
from hostprobe.transport.psexec.names import Names


def hosts(*names: str, without: str = "") -> dict[str, Host]:
    """Hosts that answer, but for one that refuses."""
    refused = RefusedError(f"{without}: refused", step="connect")
    return {
        name: refused if name == without else host(said(name=name.upper()), address="10.0.0.5")
        for name in names
    }


@pytest.fixture
def found(ask: Ask, tmp_path: Path) -> Path:
    """The output of a run over two hosts that answered and one that did not."""
    path = tmp_path / "found.jsonl"
    path.write_text(ask(hosts("web01", "web02", "web03", without="web02")).stdout)
    return path


def statuses(path: Path) -> dict[object, object]:
    """What the file says of each host; each is told of once."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    told = [record for record in records if record["record"] == "host"]
    became = {record["target"]: record["status"] for record in told}
    assert len(became) == len(told)
    return became


def test_who_answered_is_not_asked_again(ask: Ask, found: Path) -> None:
    """The file keeps their rows, and gets those of the others; the summary is of all."""
    before = found.read_text().splitlines()
    again = hosts("web01", "web02", "web03")
    ended = ask(again, "table", resume=found)
    assert (ended.code, ended.stdout) == (0, "")
    assert "2 of 3 hosts had answered before" in ended.stderr
    assert [len(getattr(each, "asked", ())) for each in again.values()] == [0, 1, 0]
    assert statuses(found) == dict.fromkeys(("web01", "web03", "web02"), "answered")
    kept = found.read_text().splitlines()
    assert [line for line in before if '"web02"' not in line] == kept[: len(before) - 1]


def test_a_file_that_was_cut(ask: Ask, found: Path) -> None:
    """A host whose record is not whole is asked again, and its rows are not there twice."""
    whole = found.read_text()
    found.write_text(whole[: whole.rindex('"web03"') + 4])
    ended = ask(hosts("web01", "web02", "web03"), resume=found)
    assert ended.code == 0
    rows = [line for line in found.read_text().splitlines() if '"connection"' in line]
    assert len(rows) == len(set(rows)) == 3 * whole.count('"record": "connection"') // 2
    assert statuses(found) == dict.fromkeys(("web01", "web02", "web03"), "answered")


def test_nobody_is_left_to_ask(ask: Ask, found: Path) -> None:
    """The file stays as it is, and the code is that of its rows."""
    ask(hosts("web01", "web02", "web03"), resume=found)
    whole = found.read_bytes()
    assert ask(hosts("web01", "web02", "web03"), resume=found).code == 0
    assert found.read_bytes() == whole


def test_the_code_is_of_all_hosts(ask: Ask, found: Path) -> None:
    """Where the one that is left fails again, some have failed, and not all."""
    assert ask(hosts("web01", "web02", "web03", without="web02"), resume=found).code == 3
    assert statuses(found)["web02"] == "failed"


def test_a_host_that_the_journal_marks_is_asked_again(ask: Ask, found: Path) -> None:
    """It answered, but something may be left there: so it is visited once more."""
    journal.write("web03", "192.0.2.3", 445, "ana", Names(77, "hp01234567")).release()
    ended = ask(hosts("web01", "web02", "web03"), resume=found)
    assert "1 of 3 hosts had answered before" in ended.stderr
    assert statuses(found)["web03"] == "answered"


def test_a_host_with_something_left_is_asked_again(ask: Ask, tmp_path: Path) -> None:
    """A host on which, as its record says, something was left is asked again."""
    found = tmp_path / "found.jsonl"
    found.write_text(ask({"web01": host(left=("service PAExec-1-hp0",))}).stdout)
    again = hosts("web01")
    assert ask(again, resume=found).code == 0
    assert len(getattr(again["web01"], "asked", ())) == 1


def test_a_dry_run_changes_no_file(ask: Ask, found: Path) -> None:
    """Who is left is listed, and the file is as it was."""
    whole = found.read_bytes()
    ended = ask(hosts("web01", "web02", "web03"), resume=found, dry_run=True)
    assert ended.stdout == "web02\n"
    assert found.read_bytes() == whole


@pytest.mark.parametrize(
    "question",
    [
        replace(CONNECTIONS, view=ViewOptions(count_by="pid")),
        replace(CONNECTIONS, view=ViewOptions(only_hosts=True)),
    ],
)
def test_only_rows_can_be_gone_on_with(ask: Ask, found: Path, question: object) -> None:
    """A count of half the hosts is none."""
    assert isinstance(question, type(CONNECTIONS))
    ended = ask(hosts("web01"), resume=found, question=question, quiet=True)
    assert ended.code == 2
    assert "count afterwards with --from" in ended.complaint


def test_another_question(ask: Ask, found: Path) -> None:
    """Rows of two kinds are not put together."""
    other = replace(CONNECTIONS, record="process", read=lambda _seen: Found(()))
    ended = ask(hosts("web01"), resume=found, question=other, quiet=True)
    assert ended.code == 2
    assert "line 1: another question's" in ended.complaint


@pytest.mark.parametrize("words", ["-o other.jsonl", "-f csv", "--sort pid", "--columns pid"])
def test_another_output(hostprobe: Program, found: Path, words: str) -> None:
    """What goes on with a file has its form, its columns and its name."""
    ended = hostprobe(f"connections web01 -u ops --resume {found} {words}")
    assert ended.code == 2
    assert ended.complaint


def test_no_file_to_go_on_with(hostprobe: Program, tmp_path: Path) -> None:
    """A file that is not there is an error: a typo must not start all over again."""
    ended = hostprobe(f"connections web01 -u ops --resume {tmp_path / 'none.jsonl'}")
    assert ended.code == 2
    assert "No such file" in ended.complaint


def test_a_host_that_is_there_twice(ask: Ask, found: Path) -> None:
    """Of two records of a host, as of two outputs put together, the one that answered stays."""
    again = ask(hosts("web02")).stdout
    found.write_text(found.read_text() + again)
    asked = hosts("web01", "web02", "web03")
    assert ask(asked, resume=found).code == 0
    assert statuses(found) == dict.fromkeys(("web01", "web02", "web03"), "answered")
    assert again in found.read_text()


def test_a_link_to_the_file(ask: Ask, found: Path, tmp_path: Path) -> None:
    """What is linked to is gone on with, and the link stays."""
    link = tmp_path / "link.jsonl"
    link.symlink_to(found)
    ask(hosts("web01", "web02", "web03"), resume=link)
    assert link.is_symlink()
    assert statuses(found)["web02"] == "answered"
    assert sorted(each.name for each in tmp_path.glob("*l")) == ["found.jsonl", "link.jsonl"]


@pytest.mark.parametrize("words", ["--failed-to {0}", "--from {0}"])
def test_a_file_for_two_ends(hostprobe: Program, found: Path, words: str) -> None:
    """A file is read, gone on with, or a list of who failed: one of these."""
    whole = found.read_bytes()
    ended = hostprobe(f"connections -u ops --resume {found} {words.format(found)} web02")
    assert ended.code == 2
    assert ended.complaint
    assert found.read_bytes() == whole
