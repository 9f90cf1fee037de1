"""A kill on several hosts: one plan, one question, and each host's own fate."""

import json
import pickle
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.cli.killing import TWIN, VICTIM, done, ill, look
from tests.unit.cli.program import Ended, Kill, Program, error
from tests.unit.cli.script import Host, Script, host, host_while

from hostprobe.actions.kill import KillRequest
from hostprobe.cli.killing import Killing
from hostprobe.errors import ConnectionLostError, RefusedError
from hostprobe.snapshot import Collector
from hostprobe.transport.scripted import ScriptedSession

BY_NAME = KillRequest(name="victim.exe", expect="victim.exe", assume_yes=True)
ASK_FIRST = KillRequest(name="victim.exe")


def hosts() -> dict[str, Host]:
    """Two with a victim, one without, one with two of them, and a dead one."""
    return {
        "web01": ill("WEB01"),
        "web02": host(look("WEB02")),
        "web03": host(look("WEB03", VICTIM, TWIN)),
        "web04": RefusedError("web04: refused", step="connect"),
        "web05": ill("WEB05"),
    }


def sent(script: Script) -> dict[str, int]:
    """How many commands were sent to each host that could be asked."""
    return {
        name: len(session.asked)
        for name, session in script.hosts.items()
        if isinstance(session, ScriptedSession)
    }


def events(tmp_path: Path) -> list[tuple[object, object]]:
    """What the audit file tells of which host."""
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    return [(entry["event"], entry["target"]) for entry in map(json.loads, lines)]


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a person be at the terminal, who answers the question with a line."""

    def answer(line: str) -> None:
        class Person:
            def isatty(self) -> bool:
                return True

            def readline(self) -> str:
                return line

        monkeypatch.setattr(sys, "stdin", Person())

    return answer


def test_each_host_has_its_own_fate(kill: Kill, tmp_path: Path) -> None:
    """Where it can be killed it is; the other hosts are told, and none keeps it from the others."""
    script = Script(hosts())
    ended = kill(script, BY_NAME, "json", failed_to=tmp_path / "failed.txt")
    assert ended.code == 6
    assert sent(script) == {"web01": 2, "web02": 1, "web03": 1, "web05": 2}
    rows = [(row["host"], row["host_name"], row["verdict"]) for row in ended.records("kill")]
    assert rows == [("web01", "WEB01", "killed"), ("web05", "WEB05", "killed")]
    assert {name: told["status"] for name, told in ended.hosts.items()} == {
        "web01": "answered",
        "web02": "answered",
        "web03": "failed",
        "web04": "failed",
        "web05": "answered",
    }
    assert error(ended.hosts["web03"])["kind"] == "guard"
    for text in (
        "no such process on 1 host\n",
        "web03: WEB03: 2 processes",
        "--path for one, or --all",
        "hostprobe: web04: refused",
        "killed on 2 of 5 hosts; no such process on 1; left alone on 1; failed on 1",
    ):
        assert text in ended.stderr
    assert (tmp_path / "failed.txt").read_text() == "web04:445\n"
    assert events(tmp_path) == [
        ("refused", "web03"),
        ("intent", "web01"),
        ("outcome", "web01"),
        ("intent", "web05"),
        ("outcome", "web05"),
    ]


@pytest.mark.parametrize("written", ["table", "csv"])
def test_the_plan_of_all_hosts(kill: Kill, type_in: Callable[[str], None], written: str) -> None:
    """Before the question stands each process with its host, once, on stderr, for people."""
    type_in("2\n")
    ended = kill(Script(hosts()), ASK_FIRST, written)
    assert "Kill 2 processes on 2 hosts? Type the number of hosts" in ended.stderr
    plan, _, _ = ended.stderr.partition("Kill 2 processes")
    assert plan.index("WEB01") < plan.index("WEB05")
    assert plan.count("432  victim.exe") == 2
    assert "would be killed" not in plan
    assert ended.stdout.count(",killed,") == (2 if written == "csv" else 0)


@pytest.mark.parametrize("line", ["y\n", "yes\n", "1\n", "5\n", "\n", ""])
def test_another_number(
    kill: Kill, type_in: Callable[[str], None], line: str, tmp_path: Path
) -> None:
    """What is typed must be the number of hosts that would be changed, or none is."""
    type_in(line)
    script = Script(hosts())
    ended = kill(script, ASK_FIRST, "json")
    assert ended.code == 6
    assert set(sent(script).values()) == {1}
    assert error(ended.hosts["web01"])["kind"] == "not_confirmed"
    assert ended.hosts["web02"]["error"] != ended.hosts["web01"]["error"]
    assert ended.stderr.count("nothing was changed") == 1
    assert events(tmp_path) == [("refused", "web03"), ("refused", "2 hosts")]


def test_one_host_is_left(kill: Kill, type_in: Callable[[str], None]) -> None:
    """Where one host alone would be changed, the question names it, and a yes will do."""
    type_in("y\n")
    ended = kill(Script({"web01": ill("WEB01"), "web02": host(look("WEB02"))}), ASK_FIRST)
    assert "Kill victim.exe (PID 432) on WEB01? [y/N]" in ended.stderr
    assert ended.code == 0


def test_nobody_to_ask_about_many(kill: Kill, tmp_path: Path) -> None:
    """Without a terminal and without --yes no host is asked, and that is said and written once."""
    script = Script(hosts())
    ended = kill(script, ASK_FIRST, "json")
    assert ended.code == 6
    assert set(sent(script).values()) == {0}
    assert ended.stderr.count("--yes answers yes") == 1
    assert len(ended.hosts) == 5
    assert events(tmp_path) == [("refused", "5 hosts")]


@pytest.mark.parametrize("written", ["table", "csv"])
def test_a_dry_run_of_many(kill: Kill, written: str, tmp_path: Path) -> None:
    """--dry-run writes each process that would be killed; the audit file stays as it is."""
    script = Script(hosts())
    ended = kill(script, BY_NAME, written, dry_run=True)
    assert ended.code == 6
    assert set(sent(script).values()) == {1}
    assert [text in ended.stdout for text in ("WEB01", "WEB05", "WEB02")] == [True, True, False]
    assert "would be killed on 2 of 5 hosts" in ended.stderr
    assert not (tmp_path / "audit.jsonl").exists()


def test_nothing_anywhere(kill: Kill) -> None:
    """Where no host runs such a process, nobody is asked anything: code 1."""
    ended = kill(Script({"web01": host(look("WEB01")), "web02": host(look("WEB02"))}), BY_NAME)
    assert ended.code == 1
    assert ended.stdout == ""
    assert "no such process on 2 hosts" in ended.stderr


def test_a_few_failed(kill: Kill) -> None:
    """A dead host beside one that was changed is code 3; what could not be killed is none."""
    dead = RefusedError("web02: refused", step="connect")
    assert kill(Script({"web01": ill("WEB01"), "web02": dead}), BY_NAME).code == 3
    alive = host(look("WEB02", VICTIM), done("WEB02", "1", VICTIM))
    ended = kill(Script({"web01": ill("WEB01"), "web02": alive}), BY_NAME)
    assert ended.code == 3
    assert "access_denied" in ended.stdout


def test_another_host_answers_later(kill: Kill) -> None:
    """A host that states another name when its plan is carried out is left alone, and told."""
    other = (
        b"==hostprobe:other-host==\r\n==hostprobe:watched==\r\nActive code page: 65001\r\n"
        b"==hostprobe:chcp:0==\r\n==hostprobe:host:WEB99==\r\n"
        b'"a.exe","8","Services","0","9 K"\r\n==hostprobe:tasklist:0==\r\n'
    )
    moved = host(look("WEB02", VICTIM), other, left=("service PAExec-1-hp0",))
    ended = kill(Script({"web01": ill("WEB01"), "web02": moved}), BY_NAME, "json")
    assert ended.code == 7
    assert "WEB99 answers under its address now" in ended.stderr
    assert error(ended.hosts["web02"])["kind"] == "guard"
    assert [row["host"] for row in ended.records("kill")] == ["web01"]


def test_a_line_that_breaks(kill: Kill) -> None:
    """A host that is lost before its command has failed; it is told, and not tried again."""
    lost = ConnectionLostError("web02: lost", step="start the service", left_behind=("a file",))
    script = Script({"web01": ill("WEB01"), "web02": host(look("WEB02", VICTIM), lost)})
    ended = kill(script, BY_NAME, "json")
    assert ended.code == 7
    assert sent(script)["web02"] == 2
    assert ended.hosts["web02"]["left_behind"] == ["a file"]
    assert "web02: left behind: a file" in ended.stderr
    assert "hostprobe: web02: lost" in ended.stderr


def test_two_names_of_one_host(kill: Kill, type_in: Callable[[str], None]) -> None:
    """Hosts that call themselves the same are told before the question, which counts them all."""
    type_in("n\n")
    twins: dict[str, Host] = {"web01": ill("WEB01"), "10.0.0.5": ill("web01"), "b": ill("B")}
    before, _, _ = kill(Script(twins), ASK_FIRST).stderr.partition("Kill 3 processes")
    assert "web01, 10.0.0.5: all call themselves WEB01; is that one host?" in before
    assert "themselves B" not in before


def test_one_was_gone_by_then(kill: Kill) -> None:
    """A process that ends by itself before its turn takes nothing from those that were killed."""
    gone = host(look("WEB02", VICTIM), done("WEB02", "128"))
    ended = kill(Script({"web01": ill("WEB01"), "web02": gone}), BY_NAME, "json")
    assert [row["verdict"] for row in ended.records("kill")] == ["killed", "gone"]
    assert ended.code == 0


def test_all_were_gone_by_then(kill: Kill) -> None:
    """Where nothing was left to kill anywhere, nothing matched."""
    hosts = {f"web{n}": host(look(f"WEB{n}", VICTIM), done(f"WEB{n}", "128")) for n in (1, 2)}
    assert kill(Script(hosts), BY_NAME, "json").code == 1


def test_ctrl_c_while_looking(kill: Kill) -> None:
    """Ctrl-C during the looks kills nothing anywhere: code 130."""
    first = host_while(lambda: signal.raise_signal(signal.SIGINT), look("WEB01", VICTIM))
    script = Script({"web01": first, "web02": ill("WEB02")})
    ended = kill(script, BY_NAME, "json")
    assert ended.code == 130
    assert sent(script) == {"web01": 1, "web02": 0}
    assert "stopped; nothing was killed" in ended.stderr
    assert error(ended.hosts["web01"])["kind"] == "stopped"


def test_ctrl_c_while_killing(kill: Kill) -> None:
    """Ctrl-C during the kills lets the one under way end, and starts no other: code 130."""
    signals = iter((None, signal.SIGINT))

    def happens() -> None:
        if number := next(signals):
            signal.raise_signal(number)

    first = host_while(happens, look("WEB01", VICTIM), done("WEB01"))
    script = Script({"web01": first, "web02": ill("WEB02")})
    ended = kill(script, BY_NAME, "json")
    assert ended.code == 130
    assert sent(script) == {"web01": 2, "web02": 1}
    assert [row["verdict"] for row in ended.records("kill")] == ["killed"]
    assert ended.hosts["web02"]["status"] == "not_asked"


def test_no_audit_file_for_many(kill: Kill, tmp_path: Path) -> None:
    """Where the audit file cannot be written nothing is killed, and no refusal is hidden by it."""
    (tmp_path / "audit.jsonl").mkdir()
    script = Script(hosts())
    ended = kill(script, BY_NAME, "json")
    assert ended.code == 6
    assert set(sent(script).values()) == {1}
    assert {error(ended.hosts[name])["kind"] for name in ("web01", "web03")} == {"journal"}
    assert "HOSTPROBE_AUDIT_LOG" in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_no_output_for_many(kill: Kill) -> None:
    """What was confirmed is done on every host, and told, where the records cannot be written."""
    script = Script({"web01": ill("WEB01"), "web02": ill("WEB02")})
    ended = kill(script, BY_NAME, "jsonl", output=Path("/dev/full"))
    assert ended.code == 2
    assert set(sent(script).values()) == {2}
    assert ended.stderr.count("it has ended") == 2


def test_more_than_fit_on_a_screen(kill: Kill, type_in: Callable[[str], None]) -> None:
    """The plans of fifty hosts are shown, and it is said how many more there are."""
    type_in("n\n")
    ended = kill(Script({f"web{n}": ill(f"WEB{n}") for n in range(100, 153)}), ASK_FIRST)
    assert "WEB149" in ended.stderr
    assert "WEB150" not in ended.stderr
    assert "and 3 more hosts, which --dry-run shows" in ended.stderr


def test_a_crowd_that_fails(kill: Kill) -> None:
    """Of very many hosts that failed, a hundred are told one by one."""
    dead: dict[str, Host] = {f"web{n}": RefusedError(f"web{n}: refused") for n in range(103)}
    ended = kill(Script(dead), BY_NAME)
    assert ended.code == 4
    assert ended.stderr.count(": refused") == 100
    assert "and 3 more lines" in ended.stderr


def test_it_can_be_sent_to_another_process() -> None:
    """The looks of many hosts are shared among processes, so what is asked for can be pickled."""
    act = Killing(BY_NAME, Collector.AUTO)
    assert pickle.loads(pickle.dumps(act)) == act  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("kill", "TARGET"),
        ("kill web01 web02 --pid 8", "--name"),
        (r"kill web01 --name a.exe --path Public\\a.exe", "full path"),
        ("kill 10.0.0.0/16 --name a.exe --yes", "65,534 hosts: plan so many first"),
    ],
)
def test_what_cannot_be_asked_for(hostprobe: Program, line: str, told: str) -> None:
    """A kill that makes no sense is code 2 and one line, before anybody logs in."""
    ended: Ended = hostprobe(f"{line} -u ops")
    assert ended.code == 2
    assert told in ended.complaint
