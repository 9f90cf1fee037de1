"""What may be killed at all."""

import pytest

from hostprobe.actions import _guards as guards
from hostprobe.models import Process

PAEXEC = Process(pid=900, name="PAExec-4711-hp0a1b2c3d.exe", parent_pid=600)


def by_pid(*processes: Process) -> dict[int, Process]:
    """Processes as a host's listing has them."""
    return {process.pid: process for process in processes}


@pytest.mark.parametrize("pid", [0, 4])
def test_the_kernel_is_never_killed(pid: int) -> None:
    """PID 0 and 4 are refused whatever their name."""
    assert guards.never(pid, "harmless.exe")


@pytest.mark.parametrize(
    "name", ["lsass.exe", "LSASS.EXE", "csrss.exe", "smss.exe", "wininit.exe", "services.exe"]
)
def test_vital_names_are_never_killed(name: str) -> None:
    """What Windows does not live without is refused by name, in any case."""
    assert guards.never(500, name)


@pytest.mark.parametrize("name", ["lsass", "CSRSS", "wininit"])
def test_vital_names_without_their_extension(name: str) -> None:
    """What kills a process knows its name without `.exe`, so such a name is as vital."""
    assert guards.never(500, name)


@pytest.mark.parametrize("name", ["lsass2.exe", "lsass.ex", "system.exe", "svchost.exe", None])
def test_other_names_may_be_killed(name: str | None) -> None:
    """A name that only resembles a vital one is no vital one."""
    assert guards.never(500, name) is None


@pytest.mark.parametrize("service", ["RpcSs", "DcomLaunch", "LSM", "LanmanServer", "rpcss"])
def test_a_vital_service_makes_svchost_critical(service: str) -> None:
    """A svchost.exe with a vital service is critical, and the reason names the service."""
    host = Process(pid=700, name="svchost.exe", services=("EventLog", service))
    reason = guards.critical(host, by_pid(host))
    assert reason is not None
    assert service in reason
    assert "EventLog" not in reason


@pytest.mark.parametrize("services", [(), ("Spooler",)])
def test_other_services_do_not(services: tuple[str, ...]) -> None:
    """A svchost.exe with other services, or with none at all, is an ordinary process."""
    host = Process(pid=700, name="svchost.exe", services=services)
    assert guards.critical(host, by_pid(host)) is None


def test_unknown_services_make_svchost_critical() -> None:
    """A svchost.exe whose services nobody knows may host a vital one."""
    host = Process(pid=700, name="SVCHOST.EXE", services=None)
    assert guards.critical(host, by_pid(host))


@pytest.mark.parametrize("name", ["winlogon.exe", "WinLogon"])
def test_winlogon_is_critical(name: str) -> None:
    """Killing winlogon.exe needs a word of its own."""
    winlogon = Process(pid=620, name=name)
    assert guards.critical(winlogon, by_pid(winlogon))


def test_all_below_our_paexec_is_ours() -> None:
    """The PAExec of a run, its child and its grandchild are ours; its parent is not."""
    parent = Process(pid=600, name="agent.exe")
    child = Process(pid=901, name="cmd.exe", parent_pid=900)
    grandchild = Process(pid=902, name="conhost.exe", parent_pid=901)
    processes = by_pid(parent, PAEXEC, child, grandchild)
    assert [guards.is_ours(process, processes) for process in processes.values()] == [
        False,
        True,
        True,
        True,
    ]
    assert guards.critical(child, processes)


@pytest.mark.parametrize("name", ["PAExec-4711-host.exe", "PAExec.exe", "xPAExec-1-hp00000000.exe"])
def test_another_tools_paexec_is_not_ours(name: str) -> None:
    """Only the names that hostprobe gives its PAExec are its own."""
    process = Process(pid=900, name=name)
    assert not guards.is_ours(process, by_pid(process))


def test_parents_in_a_circle() -> None:
    """Two processes that claim to be each other's parent do not hang the search."""
    left = Process(pid=10, name="a.exe", parent_pid=11)
    right = Process(pid=11, name="b.exe", parent_pid=10)
    assert not guards.is_ours(left, by_pid(left, right))
