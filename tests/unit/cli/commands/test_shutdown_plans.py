"""Shutdowns that one person plans and another carries out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.actions._shutdown.said import THIS_HOST, looked
from tests.unit.cli import program
from tests.unit.cli.program import Ended, Program
from tests.unit.cli.script import Host, Script, host

from hostprobe import cli
from hostprobe.actions import plan_files
from hostprobe.actions.shutdown import Reason, ShutdownPlan, ShutdownRequest, Verb
from hostprobe.cli.acting import act_on, act_on_plans
from hostprobe.cli.options import ActOptions
from hostprobe.cli.shutting_down import ShuttingDown
from hostprobe.errors import RefusedError
from hostprobe.inventory.targets import Target
from hostprobe.transport.scripted import ScriptedSession

Carry = Callable[..., Ended]
REQUEST = ShutdownRequest(
    verb=Verb.REBOOT, at="23:30", message='"bye" & 100%', reason=Reason("u", 4, 5), force=True
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the plans."""
    return tmp_path / "plan.json"


@pytest.fixture
def plan_out(said: program.Said, path: Path) -> Carry:
    """`shutdown --plan-out plan.json` on scripted hosts."""

    def run(hosts: dict[str, Host], request: ShutdownRequest = REQUEST) -> Ended:
        options = (
            program.host_options(),
            ActOptions(jobs=1, plan_out=path),
            program.output_options("table"),
        )
        act, targets = ShuttingDown(request), [Target(name) for name in hosts]
        return said(
            cli._ended(
                lambda: act_on(act, targets, options, opener=Script(hosts), search=lambda _: None)
            )
        )

    return run


@pytest.fixture
def carry_out(said: program.Said, path: Path) -> Carry:
    """`shutdown --plan plan.json --yes` on scripted hosts."""

    def run(hosts: dict[str, Host]) -> Ended:
        acting = ActOptions(jobs=1, plan=path, yes=True)
        options = (program.host_options(), acting, program.output_options("json"))

        def begin() -> int:
            file = plan_files.load(path, "shutdown", ShutdownPlan)
            act = ShuttingDown(file.plans[0].plan.request)
            return act_on_plans(
                act, file, path, options, opener=Script(hosts), search=lambda _: None
            )

        return said(cli._ended(begin))

    return run


def sent(session: Host) -> list[str]:
    """The command lines that were sent to a host."""
    assert isinstance(session, ScriptedSession)
    return [command.arguments for command in session.asked]


def test_a_second_person(plan_out: Carry, carry_out: Carry) -> None:
    """The plan changes nothing; carried out, each host in it is told just what it says."""
    looks: dict[str, Host] = {
        "a": host(looked(ntds="0")),
        "b": host(looked(name="PC8", users="", users_code="none", boot="")),
        "c": RefusedError("c: refused"),
    }
    assert plan_out(looks).code == 3
    assert [len(sent(looks[name])) for name in "ab"] == [1, 1]
    hosts: dict[str, Host] = {"a": host(THIS_HOST), "b": host(THIS_HOST), "c": host(THIS_HOST)}
    ended = carry_out(hosts)
    assert ended.code == 0
    rows = ended.records("shutdown")
    assert [(row["host_name"], row["verdict"]) for row in rows] == [
        ("PC7", "accepted"),
        ("PC8", "accepted"),
    ]
    assert [row["role"] for row in rows] == ["domain controller", "no domain controller"]
    assert [row["users"] for row in rows] == [["anna", "ben"], None]
    (line,) = sent(hosts["a"])
    assert '"%COMPUTERNAME%"=="PC7"' in line
    assert " /r /t " in line
    assert " /d u:4:5 /f /c " in line
    assert sent(hosts["c"]) == []


def test_another_host(plan_out: Carry, carry_out: Carry) -> None:
    """A host that calls itself something else by now is left alone."""
    plan_out({"a": host(looked())})
    assert carry_out({"a": host(b"==hostprobe:other-host==\r\n")}).code == 6


def test_a_plan_for_sessions(plan_out: Carry, carry_out: Carry) -> None:
    """Sessions are those of the plan, and checked again."""
    plan_out({"a": host(looked())}, ShutdownRequest(verb=Verb.LOG_OFF, sessions=(1,)))
    off = host(looked(), THIS_HOST + b"==hostprobe:session:1:0==\r\n")
    assert carry_out({"a": off}).code == 0
    assert r"\logoff.exe 1 " in sent(off)[1]


def test_a_file_that_was_changed(plan_out: Carry, hostprobe: Program, path: Path) -> None:
    """A slip of the keyboard is told, and nothing is done."""
    plan_out({"a": host(looked())})
    path.write_text(path.read_text().replace("23:30", "22:30"))
    ended = hostprobe(f"shutdown --plan {path} --yes -u ops")
    assert ended.code == 2
    assert "plan.json" in ended.complaint


def test_the_plan_is_shown(plan_out: Carry, hostprobe: Program, path: Path) -> None:
    """--plan --dry-run shows what is in the file, and asks no host."""
    plan_out({"a": host(looked()), "b": host(looked(name="PC8"))})
    ended = hostprobe(f"shutdown --plan {path} --dry-run -f jsonl")
    assert ended.code == 0
    assert [row["verdict"] for row in ended.records("shutdown")] == ["planned", "planned"]
    assert json.loads(path.read_text())["request"]["verb"] == "reboot"


@pytest.mark.parametrize("more", ["pc9", "--lock", "--in 5", "-m hello", "--session 1", "--force"])
def test_nothing_else_beside_a_plan(hostprobe: Program, path: Path, more: str) -> None:
    """What is done is in the file alone."""
    ended = hostprobe(f"shutdown --plan {path} {more}")
    assert ended.code == 2
    assert "from the file alone" in ended.complaint


def test_a_wait_for_a_plan(plan_out: Carry, hostprobe: Program, path: Path) -> None:
    """How long somebody waits is no part of the plan, and has to fit it."""
    plan_out({"a": host(looked())}, ShutdownRequest())
    ended = hostprobe(f"shutdown --plan {path} --wait")
    assert "goes with --reboot" in ended.complaint


def test_a_plan_for_a_kill(hostprobe: Program, plan_out: Carry, path: Path) -> None:
    """A plan for another command is refused."""
    plan_out({"a": host(looked())})
    ended = hostprobe(f"kill --plan {path}")
    assert (ended.code, "another command" in ended.complaint) == (2, True)
