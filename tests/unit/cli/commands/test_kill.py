"""End a process: the plan, the question, the act, and what is said of it."""

import json
import signal
import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import USER, Ended, Kill, Program, error
from tests.unit.cli.script import NETSTAT, Script, host, host_while, said

from hostprobe.actions.kill import KillRequest
from hostprobe.errors import CommandTimeoutError, RefusedError, StoppedError
from hostprobe.transport.scripted import ScriptedSession

LISTED = '"svchost.exe","912","Services","0","9 K"\r\n"tasklist.exe","700","Services","0","9 K"\r\n'
VICTIM = '"victim.exe","432","Console","1","8,144 K"\r\n'
REBORN = '"victim.exe","440","Console","1","8,144 K"\r\n'
POWERLESS = b"==hostprobe:powershell:0==\r\n"
LOOK = said(hosted=LISTED + VICTIM) + POWERLESS
TWO = said(hosted=LISTED + VICTIM + REBORN) + POWERLESS
PAGE = "Active code page: 65001\r\n"
AT_ONCE = KillRequest(pid=432, expect="victim.exe", assume_yes=True)
ASK_FIRST = KillRequest(pid=432)
LEFT = ("service PAExec-1-hp0",)


def done(words: str = "==hostprobe:kill:432:0==\r\n", after: str = LISTED) -> bytes:
    """The answer to the command that kills."""
    watch = (
        f"{PAGE}==hostprobe:chcp:0==\r\n==hostprobe:host:WEB01==\r\n"
        f"{after}==hostprobe:tasklist:0==\r\n{after}==hostprobe:services:0==\r\n"
    )
    killing = f"{PAGE}{LISTED}{VICTIM}==hostprobe:before==\r\n{words}{after}==hostprobe:after==\r\n"
    return f"{killing}==hostprobe:watched==\r\n{watch}".encode()


def web01(*answers: bytes, left: tuple[str, ...] = ()) -> Script:
    """The one host; without answers, one that can be killed on."""
    return Script({"web01": host(*(answers or (LOOK, done())), left=left)})


def sent(script: Script) -> int:
    """How many commands were sent to the host."""
    session = script.hosts["web01"]
    assert isinstance(session, ScriptedSession)
    return len(session.asked)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at the terminal who says yes."""
    type_in(monkeypatch, "y\n", [])


def type_in(monkeypatch: pytest.MonkeyPatch, line: str, diary: list[str]) -> None:
    """Let a person be at the terminal, who answers a question with `line`."""

    class Person:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            diary.append("asked")
            return line

    monkeypatch.setattr(sys, "stdin", Person())


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    """The audit file."""
    return tmp_path / "audit.jsonl"


def entries(audit: Path) -> list[dict[str, object]]:
    """What the audit file tells."""
    return [json.loads(line) for line in audit.read_text().splitlines()]


def row(ended: Ended) -> dict[str, object]:
    """The one process that a run tells of."""
    (found,) = ended.records("kill")
    return found


def test_at_once(kill: Kill, audit: Path) -> None:
    """With --yes and --expect the process is killed, told, and in the audit file with its plan."""
    script = web01()
    ended = kill(script, AT_ONCE, "json", ticket="INC-42")
    assert ended.code == 0
    assert (row(ended)["pid"], row(ended)["process"]) == (432, "victim.exe")
    assert (row(ended)["verdict"], row(ended)["identity"]) == ("killed", "name only")
    assert (row(ended)["host"], row(ended)["host_name"]) == ("web01", "WEB01")
    told = ended.hosts["web01"]
    assert (told["rows"], told["encrypted"]) == (1, True)
    assert told["address"]
    intent, outcome = entries(audit)
    assert (intent["event"], outcome["event"]) == ("intent", "outcome")
    assert intent["id"] == outcome["id"]
    assert (intent["ticket"], intent["account"], intent["target"]) == ("INC-42", USER, "web01")
    assert "203.0.113.9" in str(intent["plan"])
    assert "killed" in str(outcome["outcome"])


def test_the_plan(kill: Kill) -> None:
    """The plan is on stderr: host, process, connections, and how sure it is."""
    ended = kill(web01(), AT_ONCE)
    for text in ("WEB01", "432 victim.exe", "name only", "203.0.113.9:443", "ten seconds"):
        assert text in ended.stderr
    assert "203.0.113.9" not in ended.stdout
    assert "killed" in ended.stdout


def test_nothing_of_ours_is_there_while_it_asks(
    kill: Kill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session of the plan is over before the question, and that of the kill begins after it."""
    script = web01()
    type_in(monkeypatch, "y\n", script.diary)
    assert kill(script, ASK_FIRST).code == 0
    assert script.diary == ["in", "out", "asked", "in", "out"]


@pytest.mark.parametrize("line", ["n\n", "\n", ""])
def test_a_no(kill: Kill, monkeypatch: pytest.MonkeyPatch, audit: Path, line: str) -> None:
    """No, nothing and Ctrl-D leave the process alone: code 6, and in the audit file."""
    script = web01()
    type_in(monkeypatch, line, script.diary)
    ended = kill(script, ASK_FIRST, "json")
    assert ended.code == 6
    assert script.diary == ["in", "out", "asked"]
    assert sent(script) == 1
    assert "Kill victim.exe (PID 432) on WEB01? [y/N]: " in ended.stderr
    assert error(ended.hosts["web01"])["kind"] == "not_confirmed"
    (refused,) = entries(audit)
    assert refused["event"] == "refused"


def test_nobody_to_ask(kill: Kill, audit: Path) -> None:
    """Without a terminal and without --yes the host is not even asked."""
    script = web01()
    ended = kill(script, ASK_FIRST)
    assert ended.code == 6
    assert "--yes" in ended.stderr
    assert sent(script) == 0
    assert [entry["event"] for entry in entries(audit)] == ["refused"]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (KillRequest(pid=432, expect="lsass.exe", assume_yes=True), "not lsass.exe"),
        (KillRequest(pid=432, assume_yes=True), "--expect victim.exe"),
        (KillRequest(pid=912, assume_yes=True, expect="svchost.exe"), "--allow-critical"),
        (KillRequest(pid=4, assume_yes=True, allow_critical=True), "never killed"),
        (KillRequest(name="lsass.exe", assume_yes=True, allow_critical=True), "never killed"),
        (KillRequest(pid=432, expect="victim.exe", tree=True, assume_yes=True), "--tree"),
    ],
)
def test_refusals(kill: Kill, audit: Path, wanted: KillRequest, told: str) -> None:
    """What a guard refuses is code 6, a record in JSON, in the audit file, and not sent."""
    script = web01()
    ended = kill(script, wanted, "jsonl")
    assert ended.code == 6
    assert told in ended.stderr
    assert told in str(error(ended.hosts["web01"])["message"])
    assert sent(script) <= 1
    (refused,) = entries(audit)
    assert told in str(refused["reason"])


def test_no_such_process(kill: Kill) -> None:
    """A process that is not there is code 1, and the host has answered."""
    ended = kill(web01(), KillRequest(pid=5, assume_yes=True), "json")
    assert ended.code == 1
    assert "no process 5 on WEB01" in ended.stderr
    assert ended.hosts["web01"]["status"] == "answered"
    assert ended.records("kill") == []


def test_one_of_two(kill: Kill, audit: Path) -> None:
    """--name with two matches is refused with --yes, unless all are meant."""
    twins = KillRequest(name="VICTIM.EXE", expect="victim.exe", assume_yes=True)
    ended = kill(web01(TWO), twins)
    assert ended.code == 6
    assert "432, 440" in ended.stderr
    assert "--all" in ended.stderr
    every = KillRequest(name="VICTIM.EXE", expect="victim.exe", assume_yes=True, all_matches=True)
    words = "==hostprobe:kill:432:0==\r\n==hostprobe:kill:440:0==\r\n"
    ended = kill(web01(TWO, done(words)), every, "json")
    assert ended.code == 0
    assert [found["pid"] for found in ended.records("kill")] == [432, 440]
    assert [entry["event"] for entry in entries(audit)] == ["refused", "intent", "outcome"]


@pytest.mark.usefixtures("answer")
def test_how_many(kill: Kill) -> None:
    """The question tells how many more processes are meant."""
    words = "==hostprobe:kill:432:0==\r\n==hostprobe:kill:440:0==\r\n"
    ended = kill(web01(TWO, done(words)), KillRequest(name="victim.exe"))
    assert "Kill victim.exe (PID 432) and 1 more on WEB01?" in ended.stderr


@pytest.mark.parametrize("written", ["table", "json"])
def test_dry_run(kill: Kill, audit: Path, written: str) -> None:
    """--dry-run stops after the plan: nobody is asked, nothing is sent, nothing is written down."""
    script = web01()
    ended = kill(script, ASK_FIRST, written, dry_run=True)
    assert ended.code == 0
    assert "would be killed" in ended.stdout
    assert sent(script) == 1
    assert not audit.exists()


def test_no_audit_no_kill(kill: Kill, audit: Path) -> None:
    """Where the audit file cannot be written, nothing is sent after the plan."""
    audit.mkdir()
    script = web01()
    ended = kill(script, AT_ONCE)
    assert ended.code == 6
    assert "HOSTPROBE_AUDIT_LOG" in ended.stderr
    assert sent(script) == 1


def test_a_respawn(kill: Kill) -> None:
    """A process that comes back is told, and in the record of the one that was killed."""
    ended = kill(web01(LOOK, done(after=LISTED + REBORN)), AT_ONCE, "json")
    assert ended.code == 0
    assert row(ended)["respawned"] == [440]
    assert "victim.exe came back as PID 440" in ended.stderr


@pytest.mark.parametrize(
    ("word", "code", "verdict"),
    [("0", 0, "killed"), ("128", 4, "still_running"), ("1", 4, "access_denied")],
)
def test_verdicts(kill: Kill, word: str, code: int, verdict: str) -> None:
    """What became of the process decides the code."""
    after = LISTED if verdict == "killed" else LISTED + VICTIM
    ended = kill(web01(LOOK, done(f"==hostprobe:kill:432:{word}==\r\n", after)), AT_ONCE, "json")
    assert ended.code == code
    assert row(ended)["verdict"] == verdict


def test_left_behind_by_the_kill(kill: Kill) -> None:
    """What stays on the host is told once, is in its record, and is code 7."""
    ended = kill(web01(left=LEFT), AT_ONCE, "json")
    assert ended.code == 7
    assert row(ended)["verdict"] == "killed"
    assert LEFT[0] in ended.hosts["web01"]["left_behind"]  # type: ignore[operator] # a list
    assert ended.stderr.count("left behind: ") == 1


@pytest.mark.parametrize(
    "wanted",
    [
        KillRequest(pid=5, assume_yes=True),
        KillRequest(pid=912, assume_yes=True, expect="svchost.exe"),
        KillRequest(pid=432, assume_yes=True, expect="lsass.exe"),
    ],
)
def test_left_behind_by_the_plan(kill: Kill, wanted: KillRequest) -> None:
    """What a look leaves on the host is code 7 too, also where nothing was killed after it."""
    ended = kill(web01(left=LEFT), wanted, "json")
    assert ended.code == 7
    assert f"web01: left behind: {LEFT[0]}" in ended.stderr
    assert ended.hosts["web01"]["left_behind"] == [*LEFT]


def test_ctrl_c_while_planning(kill: Kill, audit: Path) -> None:
    """Ctrl-C during the look kills nothing, even where the look came to its end: code 130."""
    session = host_while(lambda: signal.raise_signal(signal.SIGINT), LOOK, done())
    ended = kill(Script({"web01": session}), AT_ONCE)
    assert ended.code == 130
    assert len(session.asked) == 1
    assert not audit.exists()


def test_a_host_that_refuses(kill: Kill) -> None:
    """A host that cannot be asked has its class's code and, in JSON, its record."""
    ended = kill(Script({"web01": RefusedError("web01: refused", step="connect")}), AT_ONCE, "json")
    assert ended.code == 4
    assert error(ended.hosts["web01"])["kind"] == "refused"
    assert "web01: refused" in ended.stderr


def test_a_cut_answer(kill: Kill) -> None:
    """Where the host's answer was cut, what it told before counts, and the cut is told."""
    cut = CommandTimeoutError("web01: no end", partial=done().partition(b"==hostprobe:watched")[0])
    ended = kill(Script({"web01": host(LOOK, cut)}), AT_ONCE, "json")
    assert row(ended)["verdict"] == "killed"
    assert "web01: no end" in ended.stderr


def test_ctrl_c_right_after_yes(kill: Kill, audit: Path) -> None:
    """A kill that was stopped before it answered may have been carried out: that is told."""
    stopped = StoppedError("web01: stopped by you", step="run the command")
    ended = kill(Script({"web01": host(LOOK, stopped)}), AT_ONCE, "json")
    assert ended.code == 130
    assert row(ended)["verdict"] == "unknown"
    assert "whether it was killed" in ended.stderr
    assert [entry["event"] for entry in entries(audit)] == ["intent", "outcome"]


def test_ctrl_c_before_the_command(kill: Kill) -> None:
    """A kill that was stopped before PAExec was told to start it was not carried out."""
    stopped = StoppedError("web01: stopped by you", step="start the service")
    ended = kill(Script({"web01": host(LOOK, stopped)}), AT_ONCE)
    assert ended.code == 130
    assert "whether it was killed" not in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_output_that_cannot_be_written(kill: Kill) -> None:
    """What was done is told on stderr where its record cannot be written."""
    ended = kill(web01(), AT_ONCE, output=Path("/dev/full"))
    assert ended.code == 2
    assert "it has ended" in ended.stderr


def test_quiet(kill: Kill) -> None:
    """-q leaves out what is going on, not the plan of what is to be killed."""
    ended = kill(web01(), AT_ONCE, quiet=True)
    assert "ten seconds" not in ended.stderr
    assert "victim.exe" in ended.stderr


@pytest.mark.usefixtures("answer")
@pytest.mark.parametrize("name", ["\x1b[2Jvictim", "\u202eexe", "=cmd|calc", "v" * 30_000])
@pytest.mark.parametrize("written", ["table", "csv", "json"])
def test_hostile_names(kill: Kill, name: str, written: str) -> None:
    """Whatever a process is called, plan, question, refusal and rows are harmless and bounded."""
    hosted = LISTED + VICTIM.replace("victim.exe", name)
    request = KillRequest(pid=432, expect="victim.exe")
    for asked in (request, KillRequest(pid=432)):
        script = web01(said(NETSTAT, hosted) + POWERLESS, done())
        ended = kill(script, asked, written, dry_run=asked.expect is None)
        assert ended.code in {0, 6}
        assert all(line.isprintable() for line in (ended.stdout + ended.stderr).split("\n"))
        assert max(map(len, ended.stderr.splitlines())) < 10_000
        if written == "csv":
            assert "\n=" not in ended.stdout
            assert ",=" not in ended.stdout


@pytest.mark.parametrize("options", ["", "--pid 8 --name victim.exe"])
def test_which_process(hostprobe: Program, options: str, audit: Path) -> None:
    """A kill needs one of --pid and --name; without, nothing is asked of anybody."""
    ended = hostprobe(f"kill web01 -u ops -f json {options}")
    assert ended.code == 2
    assert "--pid and --name" in ended.complaint
    assert not audit.exists()


@pytest.mark.parametrize("options", ["--dry-run", "--yes"])
def test_what_is_never_killed(hostprobe: Program, options: str) -> None:
    """PID 4 is refused without a user name, a password or a host."""
    ended = hostprobe(f"kill no-such-host.invalid --pid 4 {options}")
    assert ended.code == 6
    assert "never killed" in ended.complaint


def test_one_target(hostprobe: Program) -> None:
    """A kill takes one host, and no list of them."""
    for targets in ("web01 web02", "@hosts.txt", "web01:0"):
        assert hostprobe(f"kill {targets} --pid 8").code == 2
