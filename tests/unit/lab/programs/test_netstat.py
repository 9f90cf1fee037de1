"""The connections that netstat shows."""

import pytest
from tests.unit.lab.shell.host import SOCKETS, cmd, machine, run

from hostprobe.lab.machine.machine import Language, Windows
from hostprobe.lab.machine.sockets import Socket
from hostprobe.lab.shell.launch import Token
from hostprobe.models import Connection, Endpoint
from hostprobe.probes.connections import PROBE

LANGUAGES = [("en", 437), ("de", 850), ("ja", 932)]


def connection(socket: Socket) -> Connection:
    """A socket as the client knows it."""
    nobody = "::" if ":" in socket.local[0] else "0.0.0.0"  # noqa: S104 - shown, not bound
    remote = Endpoint(*(socket.remote or (nobody, 0)))
    is_tcp = socket.protocol == "TCP"
    return Connection(
        protocol="tcp" if is_tcp else "udp",
        local=Endpoint(*socket.local),
        remote=remote if is_tcp or socket.remote else Endpoint(None, None),
        state=socket.state or None,
        listening=socket.state == "LISTENING",
        pid=socket.pid,
    )


@pytest.mark.parametrize(("language", "page"), LANGUAGES)
def test_the_client_reads_it(language: Language, page: int) -> None:
    """In every language the client reads exactly the host's sockets."""
    host = machine(Windows(language=language, code_page=page))
    parsed = PROBE.parse(run("netstat -ano", on=host).out)
    assert not parsed.unparsed
    assert set(parsed.rows) == {connection(socket) for socket in SOCKETS}
    assert len(parsed.rows) == len(SOCKETS)


@pytest.mark.parametrize(
    ("language", "page", "head", "row"),
    [
        (
            *("en", 437),
            "  Proto  Local Address          Foreign Address        State           PID",
            "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       888",
        ),
        (
            *("de", 850),
            "  Proto  Lokale Adresse         Remoteadresse          Status           PID",
            "  TCP    10.0.0.5:1375          203.0.113.17:443       SCHLIESSEN_WARTEN 1234",
        ),
        (
            *("ja", 932),
            "  プロトコル  ローカル アドレス      外部アドレス           状態           PID",
            "  TCP         0.0.0.0:135            0.0.0.0:0              LISTENING       888",
        ),
    ],
)
def test_layout(language: Language, page: int, head: str, row: str) -> None:
    """Columns are as wide as on Windows."""
    lines = run("netstat -ano", on=machine(Windows(language=language, code_page=page))).out
    assert lines.split("\r\n")[3] == head
    assert row in lines.split("\r\n")


def test_long_addresses_and_udp() -> None:
    """An address too long for its column moves the rest; UDP has no state."""
    lines = run("netstat -a -n -o").out.split("\r\n")
    assert "  UDP    0.0.0.0:123            *:*                                    888" in lines
    long = "  UDP    [fe80::eeab:b9cb:e2c:a565%6]:1900  *:*                                    888"
    assert long in lines


def test_what_is_shown() -> None:
    """Without -a there are open connections only, without -o no PIDs; -p picks a protocol."""
    assert len(PROBE.parse(run("netstat -no").out).rows) == 5
    assert {row.pid for row in PROBE.parse(run("netstat -an").out).rows} == {None}
    assert {row.protocol for row in PROBE.parse(run("netstat -ano -p udp").out).rows} == {"udp"}
    assert len(PROBE.parse(run("netstat -an -p tcpv6").out).rows) == 2


def test_order() -> None:
    """Rows are sorted by protocol, address and port, not by age."""
    rows = PROBE.parse(run("netstat -ano").out).rows
    assert [row.local.port for row in rows] == [135, 1373, 1374, 1375, 9000, 135, 5000, 123, 1900]


def test_names() -> None:
    """Without -n the host's own addresses and some ports have names."""
    out = run("netstat -a").out
    assert "  TCP    0.0.0.0:135            PC7:0                  LISTENING\r\n" in out
    assert "  TCP    10.0.0.5:1375          203.0.113.17:https     CLOSE_WAIT\r\n" in out


def test_owners() -> None:
    """With -b the program that owns a socket stands below it, and its service."""
    out = run("netstat -abno").out
    assert "LISTENING       888\r\n  RpcEptMapper\r\n [svchost.exe]\r\n" in out
    assert "TIME_WAIT       0\r\n Can not obtain ownership information\r\n" in out
    assert len(PROBE.parse(out).rows) == len(SOCKETS)
    limited = run("netstat -abno", token=Token("PC7\\bob", is_elevated=False))
    assert (limited.out, limited.code) == ("The requested operation requires elevation.\r\n", 1)


@pytest.mark.parametrize("arguments", ["-s", "5", "-p ipx", "-p"])
def test_what_it_does_not_know(arguments: str) -> None:
    """Anything else is answered with its usage."""
    ran = run(f"netstat {arguments}")
    assert ran.code == 1
    assert "Displays protocol statistics" in ran.out


def test_an_odd_address() -> None:
    """A socket with an address that is none is shown all the same."""
    host = machine()
    host.sockets.add(Socket("TCP", ("nowhere", 1), ("nobody", 2), "ESTABLISHED", 4))
    assert "nowhere:1" in cmd("netstat -n", on=host).out
