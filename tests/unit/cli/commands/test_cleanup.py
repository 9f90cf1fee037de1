"""Remove leftovers: what is shown, asked, said and written, and the exit codes."""

import json
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.cli import program
from tests.unit.cli.program import USER, Ended, Program, Said, error
from tests.unit.cli.script import Host, Script
from tests.unit.littered import STRANGERS, Littered, leftover, littered

from hostprobe import cli
from hostprobe.actions.cleanup import CleanupRequest
from hostprobe.cli.acting import act_on
from hostprobe.cli.commands.cleanup import Cleaning
from hostprobe.cli.options import ActOptions
from hostprobe.errors import RefusedError
from hostprobe.inventory.targets import Target
from hostprobe.transport.psexec import journal
from hostprobe.transport.psexec.names import Names

Clean = Callable[..., Ended]


@pytest.fixture
def clean(said: Said) -> Clean:
    """`cleanup` on scripted hosts."""

    def run(
        hosts: dict[str, Host], written: str = "table", *, yes: bool = True, lists: bool = False
    ) -> Ended:
        options = (
            program.host_options(),
            ActOptions(jobs=1, yes=yes, dry_run=lists, ticket="INC-7"),
            program.output_options(written),
        )
        act = Cleaning(CleanupRequest(lists=lists))
        targets = [Target(name) for name in hosts]
        script = Script(hosts)
        return said(
            cli._ended(
                lambda: act_on(act, targets, options, opener=script, search=lambda _options: None)
            )
        )

    return run


def type_in(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """Let a person answer the question."""

    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return line

    monkeypatch.setattr(sys, "stdin", Terminal())


def test_each_thing_is_a_row_with_what_became_of_it(clean: Clean) -> None:
    """Services, processes and files, what the journal knows, and what is not ours."""
    host = littered(leftover(1, state="running", pid=4711, journal="abandoned"), leftover(2))
    host.others = STRANGERS
    ended = clean({"web01": host}, "json")
    assert ended.code == 0
    rows = ended.records("cleanup")
    assert [(row["kind"], row["name"], row["state"], row["known"]) for row in rows] == [
        ("service", "PAExec-1-hp00000001", "running", "journal"),
        ("process", "PAExec-1-hp00000001.exe", "PID 4711", "journal"),
        ("file", "PAExec-1-hp00000001.exe", "224,560 bytes", "journal"),
        ("service", "PAExec-2-hp00000002", "stopped", "host"),
        ("file", "PAExec-2-hp00000002.exe", "224,560 bytes", "host"),
        ("service", "PAExec", "", "host"),
        ("file", "PAExec-4711-OPSPC.exe", "", "host"),
    ]
    assert [row["verdict"] for row in rows] == ["removed"] * 5 + ["not_ours"] * 2
    assert rows[2]["since"] == rows[2]["modified"] == "2026-01-31T10:00:00Z"


def test_a_list_changes_nothing(clean: Clean, tmp_path: Path) -> None:
    """Neither the host nor the audit file; all that is there is told."""
    forgotten = leftover(3, state=None, files=(), age_s=None, journal="abandoned")
    host = littered(leftover(1), leftover(2, state="running"), forgotten)
    ended = clean({"web01": host}, "json", lists=True)
    assert (ended.code, host.removed) == (0, [])
    rows = ended.records("cleanup")
    verdicts = [(row["kind"], row["verdict"]) for row in rows]
    assert verdicts == [
        ("service", "planned"),
        ("file", "planned"),
        ("journal", "planned"),
        ("service", "in_use"),
        ("file", "in_use"),
    ]
    assert not (tmp_path / "audit.jsonl").exists()


def test_what_is_left_is_told_thing_by_thing(clean: Clean) -> None:
    """The service that stays is left, its file is removed, and the exit code is 7."""
    host = littered(leftover())
    host.stays = frozenset([leftover().run])
    ended = clean({"web01": host}, "json")
    assert ended.code == 7
    verdicts = [(row["kind"], row["verdict"]) for row in ended.records("cleanup")]
    assert verdicts == [("service", "left"), ("file", "removed")]
    assert ended.hosts["web01"]["left_behind"] == [f"service {leftover().run}"]


@pytest.mark.parametrize(("line", "code"), [("y\n", 0), ("n\n", 6)])
def test_it_asks_first(clean: Clean, monkeypatch: pytest.MonkeyPatch, line: str, code: int) -> None:
    """The plan, the question, and nothing without a yes."""
    host = littered(leftover())
    type_in(monkeypatch, line)
    ended = clean({"web01": host}, yes=False)
    assert ended.code == code
    assert bool(host.removed) == (code == 0)
    assert "remove      PAExec-1-hp00000001: service stopped" in ended.stderr
    assert "Remove what 1 run left on 10.0.0.5? [y/N]" in ended.stderr


def test_forgetting_is_asked_for_as_such(clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is there to remove, the question says so."""
    gone = leftover(state=None, files=(), age_s=None, journal="abandoned")
    type_in(monkeypatch, "y\n")
    ended = clean({"web01": littered(gone)}, yes=False)
    assert "Forget 1 run on 10.0.0.5?" in ended.stderr
    assert ended.code == 0


def test_many_hosts(clean: Clean, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One question with their number; each its own fate; what may be in use is told by host."""
    hosts: dict[str, Host] = {
        "web01": littered(leftover(1)),
        "web02": littered(),
        "web03": littered(leftover(2, state="running")),
        "web04": RefusedError("web04: refused", step="connect"),
        "web05": littered(leftover(1), leftover(2)),
    }
    type_in(monkeypatch, "2\n")
    ended = clean(hosts, "json", yes=False)
    assert ended.code == 6
    assert "Remove what 3 runs left on 2 hosts? Type the number of hosts" in ended.stderr
    assert "nothing of hostprobe's on 1 host" in ended.stderr
    assert "web03: 10.0.0.5: left alone: PAExec-2-hp00000002: it runs" in ended.stderr
    assert "removed on 2 of 5 hosts" in ended.stderr
    assert error(ended.hosts["web03"])["kind"] == "guard"
    removed = [host.removed for host in hosts.values() if isinstance(host, Littered)]
    assert [len(each) for each in removed] == [1, 0, 0, 2]
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    told = [(each["event"], each["target"], each["ticket"]) for each in lines]
    assert ("intent", "web05", "INC-7") in told
    assert ("refused", "web03", "INC-7") in told


def test_nobody_to_ask(clean: Clean) -> None:
    """Without a terminal --yes is needed."""
    host = littered(leftover())
    assert clean({"web01": host}, yes=False).code == 6
    assert host.removed == []


def test_a_stop_says_where_to_look() -> None:
    """The list tells what is left."""
    assert "cleanup --list" in Cleaning(CleanupRequest()).look_with()


def test_it_can_be_sent_to_another_process() -> None:
    """Plans of many hosts are made in several processes."""
    act = Cleaning(CleanupRequest(running=True))
    assert pickle.loads(pickle.dumps(act)) == act  # noqa: S301 - our own


def test_a_journal_without_entries(hostprobe: Program) -> None:
    """Nothing to do is success, and is said."""
    ended = hostprobe("cleanup")
    assert (ended.code, ended.stdout) == (0, "")
    assert "the journal names no run that was cut short" in ended.stderr


def abandon(host: str, number: int, account: str = USER) -> None:
    """A run on a host that nobody can reach was cut short."""
    journal.write(host, "192.0.2.1", 1, account, Names(number, "hp01234567")).release()


def test_the_journal_names_the_hosts_and_the_accounts(hostprobe: Program) -> None:
    """Each host once, as the user of then; what is excluded is not asked."""
    abandon("127.0.0.1:1", 1)
    abandon("127.0.0.1:1", 2)
    abandon("127.0.0.9:1", 3)
    ended = hostprobe("cleanup --yes --exclude 127.0.0.9 -f json")
    assert "as the journal says, on 127.0.0.1:1\n" in ended.stderr
    assert ended.code == 4
    assert [*ended.hosts] == ["127.0.0.1:1"]
    assert error(ended.hosts["127.0.0.1:1"])["kind"] == "refused"


@pytest.mark.parametrize("text", ["127.0.0.0/29", "127.0.0.1-9", "@hosts.txt", "-", "", "a b"])
def test_the_journal_names_single_hosts_alone(hostprobe: Program, text: str) -> None:
    """An entry that another has changed leads to no network and no list, and hides no other."""
    abandon(text, 1)
    abandon("127.0.0.1:1", 2)
    ended = hostprobe("cleanup --yes -f json")
    assert [*ended.hosts] == ["127.0.0.1:1"]
    assert "names no host" in ended.stderr
    assert "; left out\n" in ended.stderr


def test_a_long_journal_is_cut(hostprobe: Program) -> None:
    """Twenty names are enough; -u is for all."""
    for number in range(1, 24):
        abandon(f"127.0.0.{number}:1", number, account=f"user{number}")
    ended = hostprobe(f"cleanup --list -u {USER} -j 1".replace("\\", "\\\\"))
    assert " and 3 more\n" in ended.stderr
    assert "23 hosts as CORP\\ops, 1 at a time; nothing is uploaded for a look" in ended.stderr


def test_a_host_that_fails_is_not_clean(hostprobe: Program) -> None:
    """A clean host is success, one that does not answer keeps its code."""
    ended = hostprobe("cleanup 127.0.0.1:1 -u ana --yes")
    assert ended.code == 4
    assert "refused" in ended.stderr


def test_a_wide_network_is_only_looked_at(hostprobe: Program) -> None:
    """No yes is one to a slip of the pen; a look at so many harms nobody."""
    ended = hostprobe("cleanup 10.0.0.0/16 -u ana --yes")
    assert ended.code == 2
    assert "10.0.0.0/16 has 65,534 hosts: --list looks at so many" in ended.stderr
