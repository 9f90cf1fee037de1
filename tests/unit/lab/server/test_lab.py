"""A lab: which hosts it has, how they are reached, and that they are gone after it."""

import re
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hostprobe.errors import InputFileError, UsageError
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.server import Event, Lab, LabHost


def _threads() -> set[threading.Thread]:
    """The threads of labs: other tests may have one that lasts."""
    return {thread for thread in threading.enumerate() if thread.name == "lab"}


def connected(host: LabHost) -> socket.socket:
    """A TCP connection to a host."""
    return socket.create_connection((host.address, host.port), timeout=10)


def refuses(host: LabHost) -> bool:
    """Whether nobody listens there."""
    try:
        connected(host).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        return False  # it was about to be let in when the door was shut
    return False


def is_over(sock: socket.socket) -> bool:
    """Whether the other side ends the connection."""
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True


def table(machine: Machine) -> list[tuple[object, ...]]:
    """What the seed draws of a host."""
    processes = [(p.pid, p.name, p.memory_bytes, p.handles) for p in machine.processes]
    return [*processes, *((s.local, s.remote, s.pid) for s in machine.sockets)]


def test_one_host() -> None:
    """Without arguments there is one infected host on loopback, and only within the block."""
    lab = Lab()
    with lab:
        (host,) = lab.hosts
        assert (host.address, host.scenario, host.username) == (
            "127.0.0.1",
            "infected",
            "Administrator",
        )
        assert host.target == f"127.0.0.1:{host.port}"
        assert host.machine.processes.named("ctfmon.exe")
        connected(host).close()
    assert lab.hosts == ()
    assert refuses(host)


def test_clients_are_cut() -> None:
    """Who is connected when the lab ends loses the connection; no thread stays."""
    before = _threads()
    with Lab() as lab:
        sock = connected(lab.hosts[0])
    with sock:
        assert is_over(sock)
    assert _threads() == before


def test_hosts_take_scenarios_in_turn() -> None:
    """Several hosts take the scenarios in turn, each with an address and a name of its own."""
    with Lab(("german", "uac"), hosts=5) as lab:
        assert [host.scenario for host in lab.hosts] == ["german", "uac"] * 2 + ["german"]
        assert len({host.target for host in lab.hosts}) == 5
        assert len({host.machine.name for host in lab.hosts}) == 5
        assert len({host.machine.address for host in lab.hosts}) == 5
        assert [host.username for host in lab.hosts[:2]] == ["Administrator", "ops"]


def test_names_count_up() -> None:
    """More hosts of one scenario have the next numbers in their names."""
    with Lab(("infected",), hosts=3) as lab:
        assert [host.machine.name for host in lab.hosts] == ["WS081", "WS082", "WS083"]
    with Lab(("infected", "persistent"), hosts=4) as lab:
        assert [host.machine.name for host in lab.hosts] == ["WS081", "WS082", "WS083", "WS084"]


@pytest.mark.parametrize(("name", "names"), [("HOST", {"HOST", "HOST2"}), ("A-9", {"A-9", "A-10"})])
def test_names_without_a_number(tmp_path: Path, name: str, names: set[str]) -> None:
    """A name without a number, or with one that gets longer, is counted up as well."""
    path = tmp_path / "mine.toml"
    path.write_text(f'summary = "mine"\n[host]\nname = "{name}"\n')
    with Lab((str(path),), hosts=2) as lab:
        assert {host.machine.name for host in lab.hosts} == names


def test_passwords() -> None:
    """Each lab has a new password, the given one where there is one, and shows none in a repr."""
    with Lab(hosts=2) as first, Lab() as second, Lab(password="mine") as third:
        one, two, three = (lab.hosts[0].password for lab in (first, second, third))
        assert first.hosts[1].password == one != two
        assert re.fullmatch("[A-Za-z0-9]{16}", one)
        assert three == "mine"
        account = third.hosts[0].machine.accounts.get("administrator")
        assert account is not None
        assert account.password == "mine"
        assert one not in f"{first.hosts!r} {first!r}"


def test_environment() -> None:
    """A host tells the variables with which the program logs in to it."""
    with Lab(password="mine") as lab:
        assert lab.hosts[0].environment() == {
            "HOSTPROBE_USERNAME": "Administrator",
            "HOSTPROBE_PASSWORD": "mine",
            "HOSTPROBE_SMB_PORT": str(lab.hosts[0].port),
        }


def test_seed() -> None:
    """The same seed gives the same host again, no seed another one."""
    found = []
    for seed in (5, 5, None, None):
        with Lab(seed=seed) as lab:
            found.append(table(lab.hosts[0].machine))
    assert found[0] == found[1]
    assert found[2] != found[3]


def test_call() -> None:
    """`call` runs in the one thread that touches machines, from there too; errors come back."""
    with Lab() as lab:
        threads = [lab.call(threading.current_thread), lab.call(lambda: lab.call(_thread))]
        assert {thread.name for thread in threads} == {"lab"}
        with pytest.raises(ZeroDivisionError):
            lab.call(lambda: 1 // 0)
    with pytest.raises(RuntimeError, match="does not run"):
        lab.call(_thread)


def _thread() -> threading.Thread:
    return threading.current_thread()


def test_events() -> None:
    """What clients do is told, with the host's name."""
    told: list[Event] = []
    came = threading.Event()

    def on_event(event: Event) -> None:
        told.append(event)
        came.set()

    with Lab(("german",), on_event=on_event) as lab:
        with connected(lab.hosts[0]):
            came.wait()
        name = lab.hosts[0].machine.name
    assert (told[0].host, told[0].what) == (name, "connected")
    assert told[0].detail.startswith("127.0.0.1:")


def test_going_down_and_up() -> None:
    """A host that goes down ends its connections and refuses others until it is up again."""
    with Lab(hosts=2) as lab:
        host, other = lab.hosts
        with connected(host) as sock, connected(other) as safe:
            lab.call(host.machine.go_down)
            assert is_over(sock)
            _until(lambda: refuses(host))
            lab.call(host.machine.boot)
            _until(lambda: not refuses(host))
            safe.settimeout(0)
            with pytest.raises(BlockingIOError):
                safe.recv(1)


def _until(holds: Callable[[], bool]) -> None:
    """Ask again and again; the test's own time limit is the end."""
    while not holds():
        pass


@pytest.mark.parametrize(
    ("scenarios", "hosts", "said"),
    [
        (("nowhere",), 1, "nowhere"),
        ((), 1, "a scenario and a host"),
        (("infected",), 0, "a scenario and a host"),
    ],
)
def test_no_such_lab(scenarios: tuple[str, ...], hosts: int, said: str) -> None:
    """An unknown scenario, and a lab of nothing, are refused in words."""
    with pytest.raises(UsageError, match=said), Lab(scenarios, hosts=hosts):
        pass


def test_a_broken_file(tmp_path: Path) -> None:
    """A scenario file with a mistake is told by its name."""
    path = tmp_path / "mine.toml"
    path.write_text("[host]\ncolour = 1\n")
    with pytest.raises(InputFileError, match=r"mine\.toml"), Lab((str(path),)):
        pass


def test_a_port_that_is_taken() -> None:
    """A lab whose port is taken does not start, and leaves no thread and no listener."""
    with Lab() as lab:
        before = _threads()
        port = lab.hosts[0].port
        with pytest.raises(UsageError, match=f"port {port}"), Lab(hosts=2, port=port):
            pass
        assert _threads() == before
        with Lab(port=port, address="127.0.0.2") as second:
            assert second.hosts[0].target == f"127.0.0.2:{port}"


def test_not_on_loopback() -> None:
    """A lab that is told another address does not start."""
    with pytest.raises(UsageError, match="loopback"), Lab(address="0.0.0.0"):  # noqa: S104 - refused
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no signal can be sent to a thread there")
def test_interrupted_while_it_starts() -> None:
    """Ctrl-C while the hosts are made leaves no thread, and nobody who listens."""
    before = _threads()
    lab = Lab(hosts=100)

    def interrupt() -> None:
        while not lab._doors:
            pass
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    helper = threading.Thread(target=interrupt)
    helper.start()
    with pytest.raises(KeyboardInterrupt), lab:
        threading.Event().wait(10)
    helper.join()
    assert not lab._doors
    assert _threads() == before
