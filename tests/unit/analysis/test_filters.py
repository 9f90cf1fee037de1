"""Which rows the filters keep."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from hostprobe.analysis.filters import ConnectionFilter, ProcessFilter, is_named
from hostprobe.analysis.owners import OwnedConnection
from hostprobe.models import Process

ROW = OwnedConnection(
    protocol="tcp",
    local_address="10.0.0.5",
    local_port=50123,
    local_service=None,
    remote_address="93.184.216.34",
    remote_port=443,
    remote_service=None,
    state="TIME_WAIT",
    listening=False,
    pid=412,
    process="Chrome.exe",
)


@pytest.mark.parametrize(
    "kept",
    [
        ConnectionFilter(),
        ConnectionFilter(state="time-wait"),
        ConnectionFilter(protocol="tcp", port=443, pid=412),
        ConnectionFilter(port=50123, local_port=50123, remote_port=443),
        ConnectionFilter(remote=ip_network("93.184.216.0/24"), external=True),
        ConnectionFilter(process="chrome"),
    ],
)
def test_a_row_that_meets_every_condition_is_kept(kept: ConnectionFilter) -> None:
    """A row matches where all that is set is met, and where nothing is set."""
    assert kept.matches(ROW)


@pytest.mark.parametrize(
    "dropped",
    [
        ConnectionFilter(state="ESTABLISHED"),
        ConnectionFilter(listening=True),
        ConnectionFilter(protocol="udp"),
        ConnectionFilter(port=80),
        ConnectionFilter(local_port=443),
        ConnectionFilter(remote_port=50123),
        ConnectionFilter(remote=ip_network("10.0.0.0/8")),
        ConnectionFilter(remote=ip_network("::/0")),
        ConnectionFilter(process="chrom"),
        ConnectionFilter(pid=0),
        ConnectionFilter(port=443, pid=413),
    ],
)
def test_a_row_that_fails_one_condition_is_dropped(dropped: ConnectionFilter) -> None:
    """One unmet condition is enough to drop a row."""
    assert not dropped.matches(ROW)


@pytest.mark.parametrize(
    ("address", "external"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::7", True),
        ("::ffff:93.184.216.34", True),
        ("::ffff:192.168.1.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - what netstat prints for "anywhere"
        ("203.0.113.17", True),
        ("2001:db8::7", True),
        ("fe80::1%4", False),
        ("224.0.1.1", False),
        ("ff0e::1", False),
        ("www.example.com", False),
        (None, False),
    ],
)
def test_external_is_global_unicast(address: str | None, external: bool) -> None:  # noqa: FBT001
    """Only global unicast addresses are external, and those of examples; a name is no address."""
    row = replace(ROW, remote_address=address)
    assert ConnectionFilter(external=True).matches(row) == external


def test_mapped_and_scoped_addresses_are_found() -> None:
    """IPv4-mapped IPv6 is found by its IPv4 network, and a zone does not hide an address."""
    mapped = replace(ROW, remote_address="::ffff:10.1.2.3")
    scoped = replace(ROW, remote_address="fe80::1%4")
    assert ConnectionFilter(remote=ip_network("10.0.0.0/8")).matches(mapped)
    assert ConnectionFilter(remote=ip_network("fe80::/10")).matches(scoped)


def test_an_unknown_process_has_no_name_to_match() -> None:
    """A connection whose process is unknown is not found by a process's name."""
    assert not ConnectionFilter(process="*").matches(replace(ROW, process=None))


@pytest.mark.parametrize(
    ("image", "wanted", "found"),
    [
        ("svchost.exe", "SVCHOST", True),
        ("svchost", "svchost.EXE", True),
        ("svchost.exe", "svc", False),
        ("svchost.exe", "svc*", True),
        ("svchost.exe", "*host.exe", True),
        ("a[1].exe", "a[1].exe", True),
        ("axexe", "a.exe", False),
        ("x\ny.exe", "x*y", True),
    ],
)
def test_a_name_is_whole_unless_it_has_a_star(image: str, wanted: str, found: bool) -> None:  # noqa: FBT001
    """Names are compared whole and case-blind, `.exe` is optional, and only `*` is special."""
    assert is_named(image, wanted) == found


def test_processes_are_found_by_name_and_pid() -> None:
    """A process filter needs both of what is set."""
    process = Process(pid=7, name="lsass.exe")
    assert ProcessFilter(name="lsass", pid=7).matches(process)
    assert not ProcessFilter(name="lsass", pid=8).matches(process)
    assert not ProcessFilter(name="lsas", pid=7).matches(process)
