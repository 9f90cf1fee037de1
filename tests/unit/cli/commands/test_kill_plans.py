"""Plans that one person makes and another carries out."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.cli import program
from tests.unit.cli.killing import VICTIM, done, ill, look
from tests.unit.cli.program import Ended, Program, error
from tests.unit.cli.script import Host, Script, host

from hostprobe import cli
from hostprobe.actions import plan_files
from hostprobe.actions._sealed import digest
from hostprobe.actions.kill import KillPlan, KillRequest, Victim
from hostprobe.cli.acting import Planned, Spared, act_on, act_on_plans
from hostprobe.cli.acting._plan_file import storable
from hostprobe.cli.killing import Killing
from hostprobe.cli.options import ActOptions
from hostprobe.errors import BadCredentialsError, RefusedError
from hostprobe.inventory.targets import Target
from hostprobe.models import Process
from hostprobe.snapshot import Collector
from hostprobe.sweep import Failed
from hostprobe.transport.scripted import ScriptedSession

BY_NAME = KillRequest(name="victim.exe", several_hosts=True)
Carry = Callable[..., Ended]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the plans."""
    return tmp_path / "plan.json"


@pytest.fixture
def plan_out(said: program.Said, path: Path) -> Carry:
    """`kill --name victim.exe --plan-out plan.json` on scripted hosts."""

    def run(hosts: dict[str, Host], *, written: str = "table") -> Ended:
        acting = ActOptions(jobs=1, plan_out=path, ticket="INC-42")
        options = (program.host_options(), acting, program.output_options(written))
        act, targets = Killing(BY_NAME, Collector.AUTO), [Target(name) for name in hosts]
        return said(
            cli._ended(lambda: act_on(act, targets, options, opener=Script(hosts), search=_nobody))
        )

    return run


@pytest.fixture
def carry_out(said: program.Said, path: Path) -> Carry:
    """`kill --plan plan.json` on scripted hosts."""

    def run(
        hosts: dict[str, Host],
        *,
        yes: bool = True,
        written: str = "json",
        dry_run: bool = False,
        max_age: int = 3600,
        ticket: str | None = None,
    ) -> Ended:
        acting = ActOptions(
            jobs=1, plan=path, yes=yes, dry_run=dry_run, max_age=max_age, ticket=ticket
        )
        options = (program.host_options(), acting, program.output_options(written))
        act = Killing(BY_NAME, Collector.AUTO)

        def begin() -> int:
            file = plan_files.load(path, "kill", KillPlan)
            return act_on_plans(act, file, path, options, opener=Script(hosts), search=_nobody)

        return said(cli._ended(begin))

    return run


def _nobody(_options: object) -> None:
    """No search for hosts."""


def infected() -> dict[str, Host]:
    """Two hosts with a victim, one without, and a dead one; they can be looked at."""
    return {
        "web01": host(look("WEB01", VICTIM)),
        "web02": host(look("WEB02")),
        "web03": RefusedError("web03: refused", step="connect"),
        "web04": host(look("WEB04", VICTIM)),
    }


def killable() -> dict[str, Host]:
    """The hosts of the plan, ready for it, and one more that is not in it."""
    return {"web01": host(done("WEB01")), "web04": host(done("WEB04")), "web05": ill("WEB05")}


def sent(hosts: dict[str, Host]) -> dict[str, int]:
    """How many commands were sent to each."""
    return {
        name: len(session.asked)
        for name, session in hosts.items()
        if isinstance(session, ScriptedSession)
    }


def aged(path: Path, ages: Sequence[timedelta]) -> None:
    """Let the hosts have been asked so long ago."""
    content = json.loads(path.read_text())
    for each, age in zip(content["hosts"], ages, strict=True):
        each["plan"]["collected_at"] = (datetime.now(UTC) - age).isoformat()
    content["sha256"] = digest(content)
    path.write_text(json.dumps(content))


def audited(path: Path) -> Iterator[dict[str, object]]:
    """The lines of the audit file."""
    file = path.with_name("audit.jsonl")
    yield from map(json.loads, file.read_text().splitlines() if file.exists() else ())


def test_a_plan_changes_nothing(plan_out: Carry, path: Path) -> None:
    """--plan-out writes who would be killed where, and why nothing is planned elsewhere."""
    hosts = infected()
    ended = plan_out(hosts)
    assert ended.code == 3
    assert sent(hosts) == {"web01": 1, "web02": 1, "web04": 1}
    assert "would be killed on 2 of 4 hosts" in ended.stderr
    assert "hostprobe kill --plan" in ended.stderr
    assert ended.stdout.count("victim.exe") == 2
    assert not list(audited(path))
    file = plan_files.load(path, "kill", KillPlan)
    assert [str(each.target) for each in file.plans] == ["web01", "web04"]
    assert [(each.target, each.kind) for each in file.unplanned] == [
        ("web02", "nothing_matched"),
        ("web03", "refused"),
    ]
    assert (file.header.ticket, file.header.account) == ("INC-42", program.USER)
    assert file.sha256 in ended.stderr


def test_only_what_is_in_it(plan_out: Carry, carry_out: Carry, path: Path) -> None:
    """--plan kills what is in the file, on its hosts, in one visit each, and says whose it is."""
    plan_out(infected())
    hosts = killable()
    ended = carry_out(hosts)
    assert ended.code == 0
    assert sent(hosts) == {"web01": 1, "web04": 1, "web05": 0}
    assert [row["host"] for row in ended.records("kill")] == ["web01", "web04"]
    assert "made by" in ended.stderr
    file = plan_files.load(path, "kill", KillPlan)
    lines = list(audited(path))
    assert [line["event"] for line in lines] == ["intent", "outcome"] * 2
    assert {line["plan_sha256"] for line in lines} == {file.sha256}
    assert {line["ticket"] for line in lines} == {"INC-42"}


def test_the_plan_of_one_host_is_shown(plan_out: Carry, carry_out: Carry) -> None:
    """The second person reads of one host what the first one did, and no host is asked."""
    plan_out({"web01": host(look("WEB01", VICTIM))})
    hosts: dict[str, Host] = {"web01": ill("WEB01")}
    ended = carry_out(hosts, dry_run=True)
    assert ended.code == 0
    assert sent(hosts) == {"web01": 0}
    for line in ("  host        WEB01, asked", "  process     432 victim.exe", "  identity "):
        assert line in ended.stderr


def test_a_second_time(plan_out: Carry, carry_out: Carry) -> None:
    """What was begun on a host is not begun there again from the same plan; the others go on."""
    plan_out(infected())
    assert carry_out(killable() | {"web04": RefusedError("web04: refused")}).code == 3
    hosts = killable()
    ended = carry_out(hosts)
    assert ended.code == 6
    assert sent(hosts) == {"web01": 0, "web04": 1, "web05": 0}
    assert "web01: WEB01: this plan was carried out there on 20" in ended.stderr
    assert "plan anew" in ended.stderr
    assert carry_out(killable(), dry_run=True).code == 6


def test_who_made_it_hides_no_hash(plan_out: Carry, carry_out: Carry, path: Path) -> None:
    """No text of the file stands where the SHA-256 does, or pushes it away."""
    plan_out(infected())
    content = json.loads(path.read_text())
    content["ticket"] = f"INC-42; SHA-256 {64 * '0'}{9000 * ' '}"
    content["sha256"] = digest(content)
    path.write_text(json.dumps(content))
    ended = carry_out(killable(), dry_run=True)
    assert f"{path}: SHA-256 {content['sha256']}, " in ended.stderr.splitlines()[0]
    assert len(ended.stderr.splitlines()[0]) < 1000


def test_a_ticket_of_ones_own(plan_out: Carry, carry_out: Carry, path: Path) -> None:
    """Who carries a plan out may have a ticket of his own."""
    plan_out(infected())
    carry_out(killable(), ticket="CHG-7")
    assert {line["ticket"] for line in audited(path)} == {"CHG-7"}


def test_it_asks(plan_out: Carry, carry_out: Carry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --yes the plans are shown, and the number of hosts must be typed."""
    plan_out(infected())

    class Person:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return "2\n"

    assert "nobody to ask" in carry_out(killable(), yes=False).stderr
    monkeypatch.setattr(sys, "stdin", Person())
    hosts = killable()
    ended = carry_out(hosts, yes=False)
    assert ended.code == 0
    assert "WEB01" in ended.stderr.partition("Kill 2 processes on 2 hosts?")[0]


@pytest.mark.parametrize("written", ["table", "json"])
def test_it_is_shown(plan_out: Carry, carry_out: Carry, written: str) -> None:
    """--plan with --dry-run shows the plan, however old it is, and asks no host."""
    plan_out(infected())
    hosts = killable()
    ended = carry_out(hosts, dry_run=True, written=written, max_age=0)
    assert ended.code == 0
    assert set(sent(hosts).values()) == {0}
    assert ended.stdout.count("victim.exe") == 2


def test_the_plan_of_one_host(plan_out: Carry, carry_out: Carry) -> None:
    """That of one host alone is shown with all that dies with the process."""
    plan_out({"web01": host(look("WEB01", VICTIM))})
    ended = carry_out({"web01": host(done("WEB01"))})
    assert "203.0.113.9:443" in ended.stderr
    assert ended.code == 0


def test_where_the_plan_of_one_host_goes(plan_out: Carry, carry_out: Carry, path: Path) -> None:
    """Where it would log in, and as whom, is told: the host's name is only what the file says."""
    plan_out({"web01": host(look("WEB01", VICTIM))})
    content = json.loads(path.read_text())
    content["hosts"][0] |= {"target": "203.0.113.66", "username": r"CORP\admin"}
    content["sha256"] = digest(content)
    path.write_text(json.dumps(content))
    ended = carry_out({}, dry_run=True)
    assert r"; logs in to 203.0.113.66 as 'CORP\admin'" in ended.stderr


def test_an_old_plan(plan_out: Carry, carry_out: Carry, path: Path) -> None:
    """A plan is refused when its oldest look is too old, unless its age is allowed."""
    plan_out(infected())
    aged(path, [timedelta(), timedelta(hours=3, minutes=5)])
    hosts = killable()
    ended = carry_out(hosts)
    assert ended.code == 6
    assert "3 h 5 min ago" in ended.stderr
    assert "--max-age" in ended.stderr
    assert set(sent(hosts).values()) == {0}
    assert [line["event"] for line in audited(path)] == ["refused"]
    assert carry_out(hosts, max_age=4 * 3600).code == 0


def test_a_plan_of_the_future(plan_out: Carry, carry_out: Carry, path: Path) -> None:
    """A plan that would stay young for ever is refused."""
    plan_out(infected())
    aged(path, [timedelta(days=-1), timedelta(days=-1)])
    ended = carry_out(killable())
    assert ended.code == 6
    assert "clock" in ended.stderr


def test_another_process_has_the_pid(plan_out: Carry, carry_out: Carry) -> None:
    """A process that is no longer that of the plan is left alone: code 6; the others go on."""
    plan_out(infected())
    replaced = done("WEB01", "kept").replace(b"victim.exe", b"other.exe")
    ended = carry_out(killable() | {"web01": host(replaced)})
    assert ended.code == 6
    verdicts = {row["host"]: row["verdict"] for row in ended.records("kill")}
    assert verdicts == {"web01": "other_process", "web04": "killed"}


def test_a_host_of_another_name(plan_out: Carry, carry_out: Carry) -> None:
    """A host that states another name than the plan's is left alone."""
    plan_out(infected())
    other = b"==hostprobe:other-host==\r\n==hostprobe:watched==\r\n"
    ended = carry_out(killable() | {"web01": host(other)})
    assert ended.code == 6
    assert "another host answers under its address now" in ended.stderr
    assert error(ended.hosts["web01"])["kind"] == "guard"


def test_a_critical_process_in_a_plan(plan_out: Carry, carry_out: Carry, path: Path) -> None:
    """A guard looks at a plan again: what it refuses stays, on its host alone."""
    plan_out(infected())
    content = json.loads(path.read_text())
    content["hosts"][0]["plan"]["victims"][0]["process"]["name"] = "winlogon.exe"
    content["sha256"] = digest(content)
    path.write_text(json.dumps(content))
    hosts = killable()
    ended = carry_out(hosts)
    assert ended.code == 6
    assert sent(hosts) == {"web01": 0, "web04": 1, "web05": 0}
    assert "--allow-critical" in ended.stderr


def test_a_host_that_is_dead_by_then(plan_out: Carry, carry_out: Carry) -> None:
    """A host of the plan that does not answer any more has failed, and the other is done."""
    plan_out(infected())
    ended = carry_out(killable() | {"web04": RefusedError("web04: refused", step="connect")})
    assert ended.code == 3
    assert "web04: refused" in ended.stderr


def test_nothing_to_plan(plan_out: Carry, path: Path) -> None:
    """Where nothing would be killed there is no file."""
    assert plan_out({"web01": host(look("WEB01")), "web02": host(look("WEB02"))}).code == 1
    assert not path.exists()


def test_a_file_that_is_there(plan_out: Carry, path: Path) -> None:
    """A plan is not overwritten, and that is told before any host is asked."""
    path.write_text("approved")
    hosts = infected()
    assert plan_out(hosts).code == 2
    assert set(sent(hosts).values()) == {0}


def test_a_name_that_no_file_has() -> None:
    """A host that makes up a name keeps only itself out of the file: nobody could read it back."""
    process = Process(pid=432, name="a:b.exe", started_at=datetime(2026, 1, 2, tzinfo=UTC))
    plan = KillPlan(
        request=BY_NAME,
        host_name="WEB01",
        collected_at=datetime.now(UTC),
        process_source="powershell",
        identity="full",
        victims=(Victim(process=process, parent=None, connections=()),),
        notes=(),
    )
    act, planned = Killing(BY_NAME, Collector.AUTO), Planned(Target("web01"), plan)
    spared = storable(act, planned)
    assert isinstance(spared, Spared)
    assert isinstance(spared.outcome, Failed)
    assert "WEB01: no plan for a file" in str(spared.outcome.error)


def test_who_was_not_asked(plan_out: Carry, path: Path) -> None:
    """A host that was not asked, to protect the account, is in the file with that reason."""
    wrong = BadCredentialsError("web02: cannot log in")
    wrong.logged_in = False
    plan_out({"web01": infected()["web01"], "web02": wrong, "web03": wrong, "web04": wrong})
    file = plan_files.load(path, "kill", KillPlan)
    assert [each.kind for each in file.unplanned] == [
        "bad_credentials",
        "bad_credentials",
        "not_asked",
    ]


def test_the_command_line(plan_out: Carry, hostprobe: Program, path: Path) -> None:
    """The whole program shows a plan without a user name, a password or a host."""
    plan_out(infected())
    ended = hostprobe(f"kill --plan {path} --dry-run -f json")
    assert ended.code == 0
    assert [row["verdict"] for row in ended.records("kill")] == ["planned", "planned"]


@pytest.mark.parametrize(
    "options",
    ["web01", "--pid 8", "--name a.exe", "--tree", "--all", "--expect a.exe", "--plan-out b.json"],
)
def test_a_plan_and_something_else(hostprobe: Program, options: str) -> None:
    """--plan takes hosts and processes from its file alone."""
    ended = hostprobe(f"kill --plan plan.json {options}")
    assert ended.code == 2
    assert "--plan" in ended.complaint


@pytest.mark.parametrize("age", ["", "soon", "0", "5x", "-1h"])
def test_an_age_that_is_none(hostprobe: Program, age: str) -> None:
    """--max-age is a length of time."""
    ended = hostprobe(f"kill --plan plan.json --max-age '{age}'")
    assert ended.code == 2
    assert "--max-age" in ended.complaint


def test_no_such_file(hostprobe: Program) -> None:
    """A file that is not there is one line that names it."""
    ended = hostprobe("kill --plan nowhere.json")
    assert ended.code == 2
    assert "'nowhere.json'" in ended.complaint
