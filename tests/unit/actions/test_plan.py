"""Who is to be killed, and every reason not to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hostprobe.actions import kill
from hostprobe.actions.kill import KillRequest
from hostprobe.errors import GuardError, HostprobeError, NothingMatchedError, UsageError
from hostprobe.models import Connection, Endpoint, Parsed, Process
from hostprobe.snapshot import Snapshot

BOOT = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
SHELL = Process(pid=300, name="explorer.exe", started_at=BOOT)
VICTIM = Process(
    pid=432, name="victim.exe", parent_pid=300, started_at=BOOT + timedelta(minutes=5), services=()
)
TWIN = replace(VICTIM, pid=440)
CHILD = Process(
    pid=500, name="child.exe", parent_pid=432, started_at=BOOT + timedelta(minutes=6), services=()
)
GRANDCHILD = Process(
    pid=501, name="grand.exe", parent_pid=500, started_at=BOOT + timedelta(minutes=7), services=()
)
RECYCLED = Process(pid=510, name="old.exe", parent_pid=432, started_at=BOOT, services=())
LISTENER = Connection(
    protocol="tcp",
    local=Endpoint("127.0.0.1", 5800),
    remote=Endpoint("0.0.0.0", 0),  # noqa: S104  netstat's way to say "from anywhere"
    state="LISTENING",
    listening=True,
    pid=432,
)


def seen(*processes: Process, host_name: str | None = "PC7") -> Snapshot:
    """What a host with a working PowerShell says of itself."""
    return Snapshot(
        host_name=host_name,
        collected_at=BOOT + timedelta(hours=1),
        connections=Parsed((LISTENER, replace(LISTENER, pid=300))),
        processes=Parsed(processes),
        process_source="powershell",
        notes=(),
        raw=b"",
    )


def seen_natively(*processes: Process) -> Snapshot:
    """What a host says without PowerShell: names and PIDs."""
    bare = (Process(pid=p.pid, name=p.name, services=p.services) for p in processes)
    return replace(seen(*bare), process_source="tasklist", notes=("PowerShell answered nothing",))


def refusal(host: Snapshot, request: KillRequest) -> str:
    """The message of the guard that refuses `request`."""
    with pytest.raises(GuardError) as caught:
        kill.draw(host, request)
    assert caught.value.exit_code == 6
    return str(caught.value)


def pids(host: Snapshot, request: KillRequest) -> list[int]:
    """The victims of the plan, in order."""
    return [victim.process.pid for victim in kill.draw(host, request).victims]


def test_a_plan_holds_all_that_dies_with_the_process() -> None:
    """It names host, process, parent and just the process's own connections."""
    plan = kill.draw(seen(SHELL, VICTIM), KillRequest(pid=432))
    (victim,) = plan.victims
    assert (plan.host_name, plan.identity) == ("PC7", "full")
    assert (victim.process, victim.parent) == (VICTIM, SHELL)
    assert victim.connections == (LISTENER,)


def test_a_recycled_parent_is_no_parent() -> None:
    """A process younger than its child did not start it."""
    younger = replace(SHELL, started_at=BOOT + timedelta(minutes=30))
    (victim,) = kill.draw(seen(younger, VICTIM), KillRequest(pid=432)).victims
    assert victim.parent is None


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (KillRequest(pid=0), GuardError),
        (KillRequest(pid=4, allow_critical=True), GuardError),
        (KillRequest(name="LSASS.exe", allow_critical=True), GuardError),
        (KillRequest(), UsageError),
        (KillRequest(pid=432, name="victim.exe"), UsageError),
        (KillRequest(name="vic*"), UsageError),
        (KillRequest(name="victim.ex?"), UsageError),
    ],
)
def test_refused_before_any_host_is_asked(
    request_: KillRequest, error: type[HostprobeError]
) -> None:
    """What is never killed, and what makes no sense, needs no connection to be refused."""
    with pytest.raises(error):
        kill.check(request_)


@pytest.mark.parametrize("request_", [KillRequest(pid=432), KillRequest(name="ghost.exe")])
def test_a_process_that_is_not_there(request_: KillRequest) -> None:
    """The message names what was asked for and the host, and the exit code is 1."""
    with pytest.raises(NothingMatchedError, match=r"no process (432|ghost\.exe) on PC7") as caught:
        kill.draw(seen(SHELL), request_)
    assert caught.value.exit_code == 1


def test_a_name_without_its_extension() -> None:
    """`victim` matches nothing, and the message tells the name in full."""
    with pytest.raises(NothingMatchedError, match=r"there is victim\.exe"):
        kill.draw(seen(VICTIM), KillRequest(name="victim"))


@pytest.mark.parametrize("name", ["vic", "victim.ex", "ictim.exe", "victim.exe "])
def test_a_name_is_no_pattern(name: str) -> None:
    """Only the whole name matches."""
    with pytest.raises(NothingMatchedError):
        kill.draw(seen(VICTIM), KillRequest(name=name))


def test_a_name_in_any_case() -> None:
    """`VICTIM.EXE` is victim.exe, as on Windows."""
    assert pids(seen(SHELL, VICTIM), KillRequest(name="VICTIM.EXE")) == [432]


def test_several_of_one_name() -> None:
    """A person may be asked about all; with --yes that takes --all, and the PIDs are told."""
    host = seen(VICTIM, TWIN)
    assert pids(host, KillRequest(name="victim.exe")) == [432, 440]
    message = refusal(host, KillRequest(name="victim.exe", assume_yes=True))
    assert "432, 440" in message
    assert pids(host, KillRequest(name="victim.exe", assume_yes=True, all_matches=True)) == [
        432,
        440,
    ]


def test_another_image_than_expected() -> None:
    """The refusal says who has that PID."""
    message = refusal(seen(VICTIM), KillRequest(pid=432, expect="lsass.exe"))
    assert "PID 432 is victim.exe, not lsass.exe" in message


def test_the_expected_image_in_any_case() -> None:
    """--expect looks at the name as Windows does."""
    assert pids(seen(VICTIM), KillRequest(pid=432, expect="Victim.EXE")) == [432]


def test_name_only() -> None:
    """Without start times the plan says so, and --yes needs --expect."""
    host = seen_natively(VICTIM)
    assert kill.draw(host, KillRequest(pid=432)).identity == "name only"
    assert "--expect victim.exe" in refusal(host, KillRequest(pid=432, assume_yes=True))
    assert pids(host, KillRequest(pid=432, assume_yes=True, expect="victim.exe")) == [432]


def test_a_hostile_name_without_a_start_time() -> None:
    """A name that cmd.exe could read is refused where the name is all there is."""
    hostile = replace(VICTIM, name="a&calc.exe")
    assert "a&calc.exe" in refusal(seen_natively(hostile), KillRequest(pid=432))
    assert pids(seen(hostile), KillRequest(pid=432)) == [432]


def test_critical_processes() -> None:
    """A critical process needs --allow-critical, and the refusal says so and why."""
    host = seen(replace(VICTIM, name="svchost.exe", services=("RpcSs",)))
    message = refusal(host, KillRequest(pid=432))
    assert "RpcSs" in message
    assert "--allow-critical" in message
    assert pids(host, KillRequest(pid=432, allow_critical=True)) == [432]


def test_never_means_never() -> None:
    """A vital process found under its PID is refused whatever is allowed."""
    host = seen(replace(VICTIM, name="lsass.exe"))
    assert "never" in refusal(host, KillRequest(pid=432, allow_critical=True))


def test_a_tree() -> None:
    """Each descendant is a victim after its parent; one older than its parent is none."""
    host = seen(GRANDCHILD, RECYCLED, CHILD, VICTIM, SHELL)
    assert pids(host, KillRequest(pid=432, tree=True)) == [432, 500, 501]
    assert pids(host, KillRequest(pid=432)) == [432]


def test_a_tree_with_a_critical_branch() -> None:
    """One process that may not be killed spares the whole tree."""
    host = seen(VICTIM, replace(CHILD, name="winlogon.exe"))
    assert "PID 500" in refusal(host, KillRequest(pid=432, tree=True))


def test_a_tree_without_parents() -> None:
    """Where nobody tells parents, --tree is refused and --pid named."""
    assert "--pid" in refusal(seen_natively(VICTIM, CHILD), KillRequest(pid=432, tree=True))


def test_overlapping_trees() -> None:
    """A process that is in two trees is killed once."""
    below = replace(CHILD, name="victim.exe")
    host = seen(VICTIM, below, GRANDCHILD)
    assert pids(host, KillRequest(name="victim.exe", tree=True)) == [432, 500, 501]


def test_our_own_run_is_never_meant_by_name() -> None:
    """--name leaves out what hostprobe's own run started, unless that is allowed."""
    paexec = replace(VICTIM, pid=900, name="PAExec-4711-hp0a1b2c3d.exe")
    ours = replace(VICTIM, pid=901, name="cmd.exe", parent_pid=900)
    theirs = replace(VICTIM, pid=902, name="cmd.exe")
    host = seen(paexec, ours, theirs)
    assert pids(host, KillRequest(name="cmd.exe")) == [902]
    assert pids(host, KillRequest(name="cmd.exe", allow_critical=True)) == [901, 902]
    assert "run of hostprobe" in refusal(host, KillRequest(pid=901))


def test_our_own_programs_without_parents() -> None:
    """Where nobody can tell our cmd.exe from theirs, --name is refused and --pid is not."""
    host = seen_natively(replace(VICTIM, name="cmd.exe"))
    assert "--pid" in refusal(host, KillRequest(name="CMD.EXE"))
    assert pids(host, KillRequest(pid=432)) == [432]


@pytest.mark.parametrize("host_name", [None, "PC&7"])
def test_a_host_that_cannot_be_told_again(host_name: str | None) -> None:
    """Without a name to check, another host under that address would go unnoticed."""
    assert "nothing was killed" in refusal(seen(VICTIM, host_name=host_name), KillRequest(pid=432))


def test_no_listing() -> None:
    """Where the processes could not be listed, the refusal says why."""
    host = replace(seen(), processes=None, process_source=None, notes=("tasklist hung",))
    assert "tasklist hung" in refusal(host, KillRequest(pid=432))


EVIL = r"C:\Users\Public\victim.exe"


@pytest.mark.parametrize("path", [EVIL, EVIL.upper(), "c:/users/public/./VICTIM.exe"])
def test_a_path(path: str) -> None:
    """Only the process whose image lies there is meant, in any case and with either slash."""
    host = seen(SHELL, replace(VICTIM, path=EVIL), replace(TWIN, path=r"C:\Windows\victim.exe"))
    assert pids(host, KillRequest(name="victim.exe", path=path, assume_yes=True)) == [432]


def test_another_path() -> None:
    """Where it lies elsewhere alone, nothing matches, and the message says where it lies."""
    host = seen(replace(VICTIM, path=r"C:\Windows\victim.exe"))
    with pytest.raises(NothingMatchedError, match=r"but at 'C:\\Windows\\victim\.exe'$"):
        kill.draw(host, KillRequest(name="victim.exe", path=EVIL))


def test_many_other_paths() -> None:
    """Of many places where it lies instead, three are named and the others counted."""
    others = [replace(VICTIM, pid=500 + n, path=rf"C:\{n}\victim.exe") for n in range(5)]
    with pytest.raises(NothingMatchedError, match=r"'C:\\2\\victim\.exe' and 2 more$"):
        kill.draw(seen(*others), KillRequest(name="victim.exe", path=EVIL))


def test_an_unknown_path() -> None:
    """A process of unknown path is refused, and left alone where another one is meant for sure."""
    request = KillRequest(name="victim.exe", path=EVIL)
    assert "cannot be checked" in refusal(seen(VICTIM), request)
    assert "cannot be checked" in refusal(seen_natively(VICTIM), request)
    plan = kill.draw(seen(replace(VICTIM, path=EVIL), TWIN), request)
    assert [victim.process.pid for victim in plan.victims] == [432]
    assert "PIDs 440" in plan.notes[0]


def test_several_hosts_need_all() -> None:
    """Nobody looks at each of several hosts, so two of one name need --all there as with --yes."""
    request = KillRequest(name="victim.exe", several_hosts=True)
    assert "--all" in refusal(seen(VICTIM, TWIN), request)
    assert pids(seen(VICTIM, TWIN), replace(request, all_matches=True)) == [432, 440]
