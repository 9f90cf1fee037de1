"""Names for addresses in what is written, in targets and in filters."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.cli.program import CONNECTIONS, Ask, Program
from tests.unit.cli.script import NETSTAT, host, said

from hostprobe.cli import aliases
from hostprobe.inventory.aliases import NO_ALIASES, aliases_of
from hostprobe.inventory.targets import Target

KNOWN = aliases_of(
    [("203.0.113.9", "relay"), ("10.0.0.5", "web01"), ("127.0.0.1", "lab"), ("fd00::3", "dc01")]
)
SHOWN = ("local_address", "local_port", "remote_address")
QUESTION = replace(CONNECTIONS, shown=SHOWN, aliases=KNOWN)


def test_a_table_shows_the_name(ask: Ask) -> None:
    """In place of the address, on either side."""
    text = ask({"web09": host()}, "table", question=QUESTION).stdout
    assert "relay" in text
    assert "web01" in text
    assert "203.0.113.9" not in text
    assert "0.0.0.0" in text  # noqa: S104 - nobody listens there


@pytest.mark.parametrize("written", ["json", "jsonl"])
def test_data_stays_data(ask: Ask, written: str) -> None:
    """Addresses are as they came, and columns of their own have the names; null is none."""
    listening, established = ask({"web09": host()}, written, question=QUESTION).records(
        "connection"
    )
    assert (established["remote_address"], established["remote_alias"]) == ("203.0.113.9", "relay")
    assert (established["local_address"], established["local_alias"]) == ("10.0.0.5", "web01")
    assert (listening["local_alias"], listening["remote_alias"]) == (None, None)


def test_csv_has_the_names_too(ask: Ask) -> None:
    """In the two columns behind the others."""
    head, _, row, *_ = ask({"web09": host()}, "csv", question=QUESTION).stdout.splitlines()
    assert head.endswith("local_alias,remote_alias,record,error_kind,error_message")
    assert "203.0.113.9" in row
    assert row.endswith("web01,relay,connection,,")


def test_loopback_of_a_host_is_not_ours(ask: Ask) -> None:
    """127.0.0.1 in the answer of a host is that host, whatever it is called here."""
    netstat = NETSTAT + "  TCP    127.0.0.1:80    127.0.0.1:50000    ESTABLISHED    432\r\n"
    row = ask({"web09": host(said(netstat))}, "json", question=QUESTION).records("connection")[-1]
    assert (row["local_alias"], row["remote_alias"]) == (None, None)


def test_names_that_netstat_printed_have_none(ask: Ask) -> None:
    """A host's own word for an address is no address."""
    netstat = NETSTAT + "  TCP    relay:80    web01:50000    ESTABLISHED    432\r\n"
    row = ask({"web09": host(said(netstat))}, "json", question=QUESTION).records("connection")[-1]
    assert (row["local_alias"], row["remote_alias"]) == (None, None)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("10.0.0.5", "web01"),
        ("10.0.0.5:4450", "web01:4450"),
        ("[fd00::3]:4450", "dc01:4450"),
        ("fd00::3", "dc01"),
        ("10.0.0.6", None),
        ("web01", None),
    ],
)
def test_a_target_has_its_name(target: str, name: str | None) -> None:
    """In the column of targets, with its port."""
    assert aliases.target_name(KNOWN, target) == name


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A listing, an alias of the user, and an inventory with another one."""
    (tmp_path / "aliases").write_text("203.0.113.9 relay\n10.0.0.5 mine\n")
    (tmp_path / "hosts.toml").write_text(
        '[groups.a]\nhosts = ["mine", "theirs"]\n[aliases]\n"10.0.0.5" = "theirs"\n'
    )
    (tmp_path / "netstat.txt").write_text(NETSTAT)
    return tmp_path


def test_a_filter_takes_a_name(hostprobe: Program, saved: Path) -> None:
    """--remote is an address, a network, or what the user calls them."""
    line = f"connections --from {saved}/netstat.txt --columns remote_port"
    ended = hostprobe(f"{line} --remote RELAY")
    assert (ended.code, ended.stdout.split()[-1]) == (0, "443")
    ended = hostprobe(f"{line} --remote nobody")
    assert ended.code == 2
    assert "or an alias" in ended.complaint


def test_names_are_shown_unless_the_user_does_not_want_them(
    hostprobe: Program, saved: Path
) -> None:
    """--no-alias shows addresses; a table with the column of a name shows the address beside it."""
    line = f"connections --from {saved}/netstat.txt --remote relay"
    assert "relay" in hostprobe(line).stdout
    assert "relay" not in hostprobe(f"{line} --no-alias").stdout
    assert '"remote_alias": null' in hostprobe(f"{line} --no-alias -f jsonl").stdout
    both = hostprobe(f"{line} --columns remote_address,remote_alias").stdout
    assert both.split()[-2:] == ["203.0.113.9", "relay"]
    counted = hostprobe(f"{line} --count-by remote_address").stdout
    assert "relay" in counted


def test_the_inventory_goes_before_the_users_own(hostprobe: Program, saved: Path) -> None:
    """An address that both name has the inventory's name; each name is understood."""
    line = f"connections --from {saved}/netstat.txt --inventory {saved}/hosts.toml"
    assert "theirs" in hostprobe(f"{line} --state established").stdout
    assert "relay" in hostprobe(f"{line} --remote relay").stdout


def test_a_name_is_a_target(hostprobe: Program, saved: Path) -> None:
    """An alias stands for its address, on the command line, in a group and to leave out."""
    asked = hostprobe("connections mine Mine 10.0.0.5 other --dry-run -u a")
    assert (asked.code, asked.stdout) == (0, "mine\nother\n")
    inventory = f"--inventory {saved}/hosts.toml"
    assert hostprobe(f"connections group:a --dry-run -u a {inventory}").stdout == "mine\n"
    left = hostprobe("connections mine other --exclude 10.0.0.5 --dry-run -u a")
    assert left.stdout == "other\n"


def test_whom_a_name_means_is_said(hostprobe: Program, tmp_path: Path) -> None:
    """Before anybody logs in, the address is told; with -q it is in the data alone."""
    (tmp_path / "aliases").write_text("127.0.0.1 here\n127.0.0.2 there\n")
    ended = hostprobe("connections here --smb-port 9 -u a -f json")
    assert "hostprobe: here is 127.0.0.1 (alias)\n" in ended.stderr
    assert ended.hosts["here:9"]["address"] == "127.0.0.1"
    ended = hostprobe("connections here there --smb-port 9 -u a -f json")
    assert "2 hosts are named by an alias" in ended.stderr
    assert "alias" not in hostprobe("connections here --smb-port 9 -u a -q").stderr


def test_a_kill_says_whom_a_name_means(hostprobe: Program, tmp_path: Path) -> None:
    """A host that is to be changed is told by its address too."""
    (tmp_path / "aliases").write_text("127.0.0.1 here\n")
    ended = hostprobe("kill here --smb-port 9 -u a --pid 4321 --dry-run")
    assert "hostprobe: here is 127.0.0.1 (alias)\n" in ended.stderr


def test_earlier_outputs_are_named_anew(hostprobe: Program, saved: Path, ask: Ask) -> None:
    """What was written without names, or with others, is shown with those of now."""
    (saved / "old.jsonl").write_text(ask({"web09": host()}).stdout)
    ended = hostprobe(f"connections --from {saved}/old.jsonl --remote relay -f json")
    assert [row["remote_alias"] for row in ended.records("connection")] == ["relay"]


def test_failed_hosts_are_listed_by_their_addresses(hostprobe: Program, tmp_path: Path) -> None:
    """The list can be read where nobody knows the name."""
    (tmp_path / "aliases").write_text("127.0.0.1 here\n")
    hostprobe(f"connections here --smb-port 9 -u a --failed-to {tmp_path}/failed")
    assert (tmp_path / "failed").read_text() == "127.0.0.1:9\n"


def test_nothing_is_said_of_hosts_without_a_name() -> None:
    """A target that was typed by its address needs no remark."""
    assert aliases.remark([Target("10.0.0.5")]) is None
    assert aliases.name_of(NO_ALIASES, "10.0.0.5") is None


def test_a_report_for_others_has_no_alias(hostprobe: Program, tmp_path: Path) -> None:
    """What the user calls a host is one of the names that doctor's report leaves out."""
    (tmp_path / "aliases").write_text("127.0.0.1 crown-jewels.corp\n")
    line = f"doctor crown-jewels.corp --smb-port 9 -u a --report {tmp_path}/report.zip"
    assert "crown-jewels" in hostprobe(line).stderr
    with zipfile.ZipFile(tmp_path / "report.zip") as report:
        for name in report.namelist():
            assert b"crown-jewels" not in report.read(name)
