"""A host is what its scenario says; what that leaves open is drawn, and drawn again the same."""

import dataclasses

import pytest

from hostprobe.lab import scenarios
from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.services import ServiceState

INFECTED = scenarios.load("infected")


def build(scenario: str, *, name: str | None = None, seed: int = 1) -> Machine:
    """A host of that scenario."""
    return scenarios.build(
        scenarios.load(scenario), name=name, address="127.0.0.9", password="secret", seed=seed
    )


def drawn(machine: Machine) -> tuple[object, ...]:
    """All that is left to chance."""
    return (
        machine.guid,
        [(process.pid, process.memory_bytes, process.handles) for process in machine.processes],
        [(socket.local, socket.remote, socket.pid) for socket in machine.sockets],
    )


def test_the_same_seed_and_name_give_the_same_host() -> None:
    """PIDs, ports and sizes come out again."""
    assert drawn(build("infected")) == drawn(build("infected"))


@pytest.mark.parametrize(("name", "seed"), [("WS082", 1), (None, 2)])
def test_another_name_or_seed_gives_another_host(name: str | None, seed: int) -> None:
    """Two hosts of one scenario are told apart."""
    for one, other in zip(
        drawn(build("infected")), drawn(build("infected", name=name, seed=seed)), strict=True
    ):
        assert one != other


@pytest.mark.parametrize("scenario", scenarios.names())
def test_a_host_is_consistent(scenario: str) -> None:
    """Every process has a parent older than it, every socket and running service its process."""
    machine = build(scenario)
    now = machine.now()
    pids = {process.pid for process in machine.processes}
    assert len(pids) == len(list(machine.processes))
    for process in machine.processes:
        parent = machine.processes.get(process.parent_pid)
        assert parent is not None
        assert machine.booted_at <= parent.started_at <= process.started_at <= now
        assert process.pid % 4 == 0
    for socket in machine.sockets:
        assert socket.pid in pids
        assert socket.created_at <= now
        assert (socket.state == "") == (socket.protocol == "UDP")
    for service in machine.services:
        hosted = machine.processes.get(service.pid)
        assert not service.pid or (hosted is not None and service.name in hosted.services)


def test_every_scenario_has_a_summary_and_a_name_of_its_own() -> None:
    """The list of scenarios tells them apart."""
    loaded = [scenarios.load(name) for name in scenarios.names()]
    assert all(scenario.summary for scenario in loaded)
    assert len({scenario.summary for scenario in loaded}) == len(loaded)
    assert len({scenario.host.name for scenario in loaded}) == len(loaded)


def test_the_infected_host_tells_the_story_of_the_flow() -> None:
    """A ctfmon.exe in a user's profile talks to the odd address from port 1373, and listens."""
    machine = build("infected")
    real, odd = machine.processes.named("ctfmon.exe")
    assert real.path == r"C:\Windows\System32\ctfmon.exe"
    assert odd.path == r"C:\Users\k.berg\AppData\Roaming\Microsoft\ctfmon.exe"
    assert odd.user == r"WS081\k.berg"
    assert [
        (socket.local, socket.remote, socket.state) for socket in machine.sockets.of(odd.pid)
    ] == [
        (("127.0.0.9", 1373), ("203.0.113.17", 80), "ESTABLISHED"),
        (("0.0.0.0", 8085), None, "LISTENING"),  # noqa: S104 - what the row says
    ]
    (closed,) = [s for s in machine.sockets if s.local[1] == 1374]
    assert (closed.state, closed.pid) == ("TIME_WAIT", 0)
    machine.processes.kill(odd.pid)
    assert [s.state for s in machine.sockets if s.remote == ("203.0.113.17", 80)] == ["TIME_WAIT"]


def test_a_host_gets_the_name_and_address_it_is_given() -> None:
    """Name, address, user names and password are the lab's."""
    machine = build("infected", name="WS200")
    account = machine.accounts.get("administrator")
    assert account is not None
    assert (account.password, account.is_admin) == ("secret", True)
    assert (machine.name, machine.dns_name, machine.address) == ("WS200", "ws200", "127.0.0.9")
    assert {p.user for p in machine.processes.named("explorer.exe")} == {r"WS200\k.berg"}


def test_a_domain_host_says_so() -> None:
    """Domain and DNS suffix are those of the scenario."""
    host = dataclasses.replace(INFECTED.host, domain="CORP", dns_suffix="corp.example")
    machine = scenarios.build(
        dataclasses.replace(INFECTED, host=host),
        name=None,
        address="127.0.0.1",
        password="",
        seed=1,
    )
    assert (machine.domain, machine.dns_name) == ("CORP", "ws081.corp.example")


def test_services_run_where_the_scenario_says() -> None:
    """A service with a process runs and takes a stop; one without is stopped; a driver runs."""
    machine = build("workstation")
    spooler, update, driver = (
        machine.services.get(name) for name in ("Spooler", "wuauserv", "Tcpip")
    )
    assert spooler is not None
    assert update is not None
    assert driver is not None
    assert (spooler.state, spooler.accepts, bool(spooler.pid)) == (ServiceState.RUNNING, 5, True)
    assert (update.state, update.accepts, update.pid) == (ServiceState.STOPPED, 0, 0)
    assert (driver.state, driver.accepts, driver.pid) == (ServiceState.RUNNING, 0, 0)
    assert driver.path == r"\SystemRoot\System32\drivers\Tcpip.sys"


def test_a_restarted_host_is_fresh() -> None:
    """New processes and sockets, the services where they were, and a boot a moment ago."""
    machine = build("workstation")
    service_names = [service.name for service in machine.services]
    names = [process.name for process in machine.processes]
    pids = {process.pid for process in machine.processes}
    machine.go_down()
    machine.boot()
    assert [process.name for process in machine.processes] == names
    assert {process.pid for process in machine.processes} != pids
    assert [service.name for service in machine.services] == service_names
    assert machine.now() - machine.booted_at < 60
    assert all(process.started_at <= machine.now() for process in machine.processes)
    running = machine.services.get("Dnscache")
    assert running is not None
    assert running.pid in machine.processes


@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        ("locked-account", NtStatus.ACCOUNT_LOCKED_OUT),
        ("expired-password", NtStatus.PASSWORD_EXPIRED),
        ("infected", NtStatus.SUCCESS),
    ],
)
def test_an_account_may_be_refused(scenario: str, status: NtStatus) -> None:
    """The log-in ends as the scenario says."""
    account = build(scenario).accounts.get("Administrator")
    assert account is not None
    assert account.status == status


def test_a_filtered_administrator_is_none_over_the_network() -> None:
    """UAC leaves the account without its rights."""
    account = build("uac").accounts.get("ops")
    assert account is not None
    assert not account.is_admin


def test_a_host_without_powershell_has_no_powershell() -> None:
    """Neither the version nor the file is there."""
    machine = build("no-powershell")
    path = r"Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
    assert machine.windows.powershell is None
    assert machine.files.find(path) is None
    assert build("infected").files.find(path) is not None


def test_windows_7_cannot_encrypt() -> None:
    """It speaks SMB 2 only."""
    machine = build("windows7")
    assert (machine.smb.dialects, machine.smb.ciphers) == ((0x0210, 0x0202), ())


def test_admin_is_shared_unless_it_is_not() -> None:
    """One scenario takes the share away."""
    assert "admin$" not in build("no-admin-share").shares
    share = build("infected").shares["admin$"]
    assert (share.name, share.folder, share.admin_only) == ("ADMIN$", "Windows", True)


def test_texts_of_a_language_fit_its_code_page() -> None:
    """Users, names and paths of the German and the Japanese host can be printed there."""
    for scenario in ("german", "japanese"):
        machine = build(scenario)
        code_page = f"cp{machine.windows.code_page}"
        texts = {text for p in machine.processes for text in (p.name, p.user, p.path)}
        assert all(text.encode(code_page).decode(code_page) == text for text in texts)
        assert any(not text.isascii() for text in texts)


def test_a_domain_controller() -> None:
    """It has the service of the directory, which other hosts lack."""
    machine = build("domain-controller")
    ntds = machine.services.get("NTDS")
    assert ntds is not None
    assert (ntds.state, machine.domain) == (ServiceState.RUNNING, "CORP")
    assert build("workstation").services.get("NTDS") is None


def test_windows_home() -> None:
    """It lacks the programs for sessions on its disk."""
    assert build("home").files.find(r"Windows\System32\quser.exe") is None
    assert build("workstation").files.find(r"Windows\System32\quser.exe") is not None
