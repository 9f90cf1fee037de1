"""Shut a host down: the plan, what has to be typed, the act, and what is said of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.actions._shutdown.said import BEN, HEADER, THIS_HOST, looked
from tests.unit.cli import program
from tests.unit.cli.commands.test_kill import type_in
from tests.unit.cli.program import Ended, Program, Said, error
from tests.unit.cli.script import Script, host

from hostprobe import cli
from hostprobe.actions.shutdown import ShutdownRequest, Verb
from hostprobe.cli.acting import act_on
from hostprobe.cli.options import ActOptions
from hostprobe.cli.shutting_down import ShuttingDown
from hostprobe.errors import ConnectionLostError, HostError, RefusedError, StoppedError
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import CommandResult
from hostprobe.transport.scripted import ScriptedSession

Order = Callable[..., Ended]


@pytest.fixture
def order(said: Said) -> Order:
    """`shutdown` on scripted hosts."""

    def run(
        script: Script,
        verb: Verb = Verb.SHUT_DOWN,
        written: str = "json",
        *,
        yes: bool = True,
        dry_run: bool = False,
        output: Path | None = None,
    ) -> Ended:
        options = (
            program.host_options(),
            ActOptions(jobs=1, yes=yes, dry_run=dry_run, ticket="INC-42"),
            replace(program.output_options(written), output=output),
        )
        targets = [Target(name) for name in script.hosts]
        act = ShuttingDown(ShutdownRequest(verb=verb), is_followed=True)
        return said(
            cli._ended(
                lambda: act_on(act, targets, options, opener=script, search=lambda _options: None)
            )
        )

    return run


def pc7(
    *answers: bytes | HostError, look: bytes | None = None, left: tuple[str, ...] = ()
) -> ScriptedSession:
    """A host that is looked at and then told what to do."""
    return host(look or looked(), *(answers or (THIS_HOST,)), left=left)


def coded(code: int) -> ScriptedSession:
    """A host whose shutdown.exe ends with a code."""
    return ScriptedSession(
        [CommandResult(looked(), b"", 0), CommandResult(THIS_HOST, b"", code)], address="10.0.0.5"
    )


def sent(script: Script) -> dict[str, int]:
    """How many commands were sent to each host."""
    return {
        name: len(found.asked)
        for name, found in script.hosts.items()
        if isinstance(found, ScriptedSession)
    }


def row(ended: Ended) -> dict[str, object]:
    """The one host that a run tells of."""
    (found,) = ended.records("shutdown")
    return found


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    """The audit file."""
    return tmp_path / "audit.jsonl"


def entries(audit: Path) -> list[dict[str, object]]:
    """What the audit file tells."""
    return [json.loads(line) for line in audit.read_text().splitlines()]


def test_at_once(order: Order, audit: Path) -> None:
    """With --yes the host is told; the row has what came of it and what the plan knew."""
    ended = order(Script({"pc7": pc7()}))
    assert ended.code == 0
    found = row(ended)
    assert (found["verb"], found["verdict"], found["code"]) == ("shutdown", "accepted", 0)
    assert (found["host"], found["host_name"], found["delay_s"]) == ("pc7", "PC7", 20)
    assert found["users"] == ["anna", "ben"]
    assert (found["role"], found["uptime_s"]) == ("no domain controller", 90000)
    assert str(found["booted_at"]).startswith("2024-01-30T11:00:00")
    intent, outcome = entries(audit)
    assert (intent["event"], outcome["event"]) == ("intent", "outcome")
    assert (intent["action"], intent["ticket"]) == ("shutdown", "INC-42")


def test_the_name_is_typed(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who types the host's name, in any case, means it; nothing of ours is there meanwhile."""
    script = Script({"pc7": pc7()})
    type_in(monkeypatch, "PC7\n", script.diary)
    ended = order(script, yes=False)
    assert ended.code == 0
    assert "Shut down PC7? Type the host's name," in ended.stderr
    assert script.diary == ["in", "out", "asked", "in", "out"]
    assert "telling the host, then watching whether it goes down" in ended.stderr


@pytest.mark.parametrize("line", ["y\n", "yes\n", "pc8\n", "1\n", "\n", ""])
def test_another_word(
    order: Order, monkeypatch: pytest.MonkeyPatch, audit: Path, line: str
) -> None:
    """A yes is not enough: code 6, nothing is done, and the refusal is in the audit file."""
    script = Script({"pc7": pc7()})
    type_in(monkeypatch, line, script.diary)
    ended = order(script, yes=False)
    assert ended.code == 6
    assert sent(script) == {"pc7": 1}
    assert error(ended.hosts["pc7"])["kind"] == "not_confirmed"
    assert [entry["event"] for entry in entries(audit)] == ["refused"]


def test_nobody_to_ask(order: Order) -> None:
    """Without a terminal and without --yes not even a look is taken."""
    script = Script({"pc7": pc7()})
    assert order(script, yes=False).code == 6
    assert sent(script) == {"pc7": 0}


def test_the_number_is_typed(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several hosts the number of those that will go down is typed."""
    dead = RefusedError("c: refused")
    script = Script({"a": pc7(), "b": pc7(look=looked(ntds="0")), "c": dead})
    type_in(monkeypatch, "2\n", script.diary)
    ended = order(script, yes=False)
    assert ended.code == 3
    assert (
        "Shut down 2 hosts (DOMAIN CONTROLLERS among them: PC7; users are logged on to 2)?"
        in ended.stderr
    )
    assert [found["verdict"] for found in ended.records("shutdown")] == ["accepted", "accepted"]
    assert "hostprobe: told to shut down on 2 of 3 hosts; failed on 1" in ended.stderr


@pytest.mark.parametrize("line", ["3\n", "y\n", "PC7\n"])
def test_another_number(order: Order, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """Any other word leaves all of them alone."""
    script = Script({"a": pc7(), "b": pc7(), "c": RefusedError("c: refused")})
    type_in(monkeypatch, line, script.diary)
    assert order(script, yes=False).code == 6
    assert sent(script) == {"a": 1, "b": 1}


def test_many_domain_controllers(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many domain controllers some are named."""
    quiet = "No User exists for *\r\n"
    script = Script(
        {f"dc{n}": pc7(look=looked(name=f"DC{n}", ntds="0", users=quiet)) for n in range(6)}
    )
    type_in(monkeypatch, "\n", script.diary)
    assert "among them: DC0, DC1, DC2, DC3, DC4, ...)?" in order(script, yes=False).stderr


def test_a_domain_controller(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """A domain controller is named as such in the plan and in the question."""
    script = Script({"pc7": pc7(look=looked(ntds="0"))})
    type_in(monkeypatch, "\n", script.diary)
    ended = order(script, yes=False)
    assert "WARNING     a DOMAIN CONTROLLER" in ended.stderr
    assert "Shut down PC7, a DOMAIN CONTROLLER? Type" in ended.stderr


def test_dry_run(order: Order, audit: Path) -> None:
    """--dry-run shows the plan, of several hosts in a table, and tells nobody."""
    script = Script({"a": pc7(), "b": pc7(look=looked(users="", users_code="none"))})
    ended = order(script, written="table", yes=False, dry_run=True)
    assert ended.code == 0
    assert sent(script) == {"a": 1, "b": 1}
    assert "anna (session 1, console, Active)" in ended.stdout
    assert "unknown" in ended.stdout
    assert not audit.exists()


@pytest.mark.parametrize(
    ("verb", "code", "exit_code", "words"),
    [
        (Verb.REBOOT, 1190, 4, "scheduled already"),
        (Verb.ABORT, 1116, 1, "none to abort"),
        (Verb.ABORT, 0, 0, "taken back"),
    ],
)
def test_codes(order: Order, verb: Verb, code: int, exit_code: int, words: str) -> None:
    """What shutdown.exe says becomes words, and a code of ours."""
    ended = order(Script({"pc7": coded(code)}), verb)
    assert (ended.code, row(ended)["code"]) == (exit_code, code)
    assert words in str(row(ended)["detail"])


def test_a_lock_asks_for_no_role(order: Order) -> None:
    """What is done to sessions says nothing of the host's role or delay."""
    locked = THIS_HOST + b"==hostprobe:session:1:0==\r\n"
    ended = order(Script({"pc7": pc7(looked(), locked)}), Verb.LOCK)
    assert (row(ended)["verdict"], row(ended)["delay_s"], row(ended)["role"]) == (
        "done",
        None,
        None,
    )


def test_nobody_to_lock(order: Order) -> None:
    """Where nobody is connected nothing is done: code 1."""
    look = looked(users=HEADER + BEN)
    ended = order(Script({"a": pc7(look=look), "b": pc7(look=look)}), Verb.LOCK)
    assert ended.code == 1
    assert "nobody to be locked on 2 hosts" in ended.stderr


def test_a_cut_answer(order: Order) -> None:
    """Where the line was lost in the middle it is unknown whether the host was told."""
    lost = ConnectionLostError("pc7: lost", step="run the command")
    ended = order(Script({"pc7": pc7(lost)}))
    assert (ended.code, row(ended)["verdict"]) == (4, "unknown")
    assert "pc7: lost" in ended.stderr


def test_a_stop_in_the_middle(order: Order) -> None:
    """Who stops it in the middle is told how to take it back."""
    stop = StoppedError("pc7: stopped", step="run the command")
    ended = order(Script({"pc7": pc7(stop)}), written="table")
    assert ended.code == 130
    assert "`hostprobe shutdown --abort` takes it back in time" in ended.stderr


def test_something_is_left_behind(order: Order) -> None:
    """What of ours is still on a host that goes down is named: code 7."""
    assert order(Script({"pc7": pc7(left=("service x",))})).code == 7


def test_the_table(order: Order) -> None:
    """A table tells host, verb, verdict and detail."""
    ended = order(Script({"pc7": pc7()}), written="table")
    assert "it goes down in 20 s" in ended.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_output_that_cannot_be_written(order: Order) -> None:
    """Where the table cannot be written, what was done is said all the same."""
    ended = order(Script({"pc7": pc7()}), output=Path("/dev/full"))
    assert ended.code == 2
    assert "PC7: it goes down in 20 s" in ended.stderr


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "shutdown what? name a TARGET"),
        ("pc7 --reboot --lock", "--reboot and --lock are two things"),
        ("pc7 --in 5m --at 23:30", "--in and --at are two times"),
        ("pc7 --lock --in 5m", "--lock, which is done at once"),
        ("pc7 --in soon", "'soon' is no length of time"),
        ("pc7 --limit x", "'x' is no length of time"),
        ("pc7 --at 25:00", "no time of day"),
        ("pc7 --reason x", "is no p:MAJOR:MINOR"),
        ("pc7 --wait", "it goes with --reboot"),
        ("pc7 --reboot --recheck x.exe", "--reboot --wait"),
        ("pc7 --reboot --wait --limit 0", "--wait needs a --limit"),
        ("pc7 --abort -m hello", "--message does not go with --abort"),
        ("pc7 --session 0 --lock", "number of a session"),
    ],
)
def test_what_does_not_go_together(hostprobe: Program, line: str, why: str) -> None:
    """A mistake is told in one line, before any host is asked."""
    ended = hostprobe(f"shutdown {line}")
    assert ended.code == 2
    assert why in ended.complaint


def test_an_abort_needs_nobody(hostprobe: Program) -> None:
    """--abort asks nobody: who is in a hurry is not held up, and nothing is lost by it."""
    ended = hostprobe("shutdown 127.0.0.1 --smb-port 9 --abort -u ops")
    assert ended.code == 4
    assert "nobody to ask" not in ended.stderr
