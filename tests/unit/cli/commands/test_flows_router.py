"""`hostprobe flows --router`: what is asked, as whom, and what is written of the answer."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from tests.routers.emulated import PASSWORD, USER, Quirks, router
from tests.unit.cli.program import Program

LISTINGS = Path(__file__).parents[3] / "listings"
SHOW = "show ip cache flow"
SEED = (LISTINGS / "classic_2009/listing.txt").read_text("utf-8").partition("\n")[2]
MONITOR = (LISTINGS / "genie_cacherecord/listing.txt").read_text("utf-8")


@pytest.fixture(autouse=True)
def own_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts of both kinds are known; each is for its own."""
    monkeypatch.setenv("HOSTPROBE_ROUTER_USERNAME", USER)
    monkeypatch.setenv("HOSTPROBE_ROUTER_PASSWORD", PASSWORD)
    monkeypatch.setenv("HOSTPROBE_USERNAME", r"CORP\\windows")
    monkeypatch.setenv("HOSTPROBE_PASSWORD", "of-windows")


def test_flows(hostprobe: Program, tmp_path: Path) -> None:
    """The flows of a router are those of its listing; the records name it."""
    with router(Quirks(answers={SHOW: SEED}, name="EDGE-1")) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        ended = hostprobe(f"flows --router 127.0.0.1:{emulated.port} --known-hosts {known} -f json")

    assert ended.code == 0
    flows = ended.records("flow")
    assert len(flows) == 11
    who = f"127.0.0.1:{emulated.port}"
    assert {(row["host"], row["host_name"], row["source"]) for row in flows} == {
        (who, "EDGE-1", None)
    }
    host = ended.hosts[who]
    assert (host["address"], host["rows"], host["encrypted"]) == ("127.0.0.1", 11, True)
    assert "flows in the cache: 64, listed: 11" in ended.stderr
    assert not ended.records("unread")


def test_verbose(hostprobe: Program, tmp_path: Path) -> None:
    """With -v each step is told, and no secret."""
    with router(Quirks(answers={SHOW: SEED})) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        asked = f"flows --router 127.0.0.1:{emulated.port} --known-hosts {known}"
        ended = hostprobe(f"{asked} -v")

    assert f"logged in as {USER}, typing: {SHOW}" in ended.stderr
    assert PASSWORD not in ended.stderr


def test_monitor(hostprobe: Program, tmp_path: Path) -> None:
    """With a monitor, its cache is asked for."""
    command = "show flow monitor MON cache format record"
    with router(Quirks(answers={command: MONITOR})) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        asked = f"flows --router 127.0.0.1:{emulated.port} --known-hosts {known} --monitor MON"
        ended = hostprobe(f"{asked} --top 1 --device-type cisco_xe")

    assert ended.code == 0
    assert "192.168.16.254" in ended.stdout


def test_empty_cache(hostprobe: Program, tmp_path: Path) -> None:
    """A router that prints no flow is one on which nothing matched."""
    header = "SrcIf         SrcIPaddress    DstIf         DstIPaddress    Pr SrcP DstP  Pkts\n"
    with router(Quirks(answers={SHOW: header})) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        ended = hostprobe(f"flows --router 127.0.0.1:{emulated.port} --known-hosts {known}")

    assert (ended.code, ended.stderr) == (1, "")


def test_hostile_router(hostprobe: Program, tmp_path: Path) -> None:
    """A router's name and answer drive no terminal."""
    answer = "Gi0/0 10.0.0.1 Gi\x1b[2J 10.0.0.2 06 0400 01BD 1\nx\x07y\n"
    with router(Quirks(answers={SHOW: answer}, name="R\x1b[31m")) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        asked = f"flows --router 127.0.0.1:{emulated.port} --known-hosts {known}"
        ended = hostprobe(f"{asked} -f jsonl")

    assert not {"\x1b", "\x07"} & set(ended.stdout + ended.stderr)
    assert ended.code in {0, 4}


@pytest.mark.parametrize(
    ("options", "code"),
    [("--router-username other", 5), ("--dialect mls", 4)],
)
def test_refused(hostprobe: Program, tmp_path: Path, options: str, code: int) -> None:
    """A router that refuses account or command is one line, and a code."""
    with router(Quirks(answers={SHOW: SEED})) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        asked = f"flows --router 127.0.0.1:{emulated.port} --known-hosts {known}"
        ended = hostprobe(f"{asked} {options}")

    assert ended.code == code
    assert f"127.0.0.1:{emulated.port}: the router refuses" in ended.complaint


def test_own_password(hostprobe: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password of Windows is never taken for a router; a file goes before the variable."""
    monkeypatch.delenv("HOSTPROBE_ROUTER_PASSWORD")
    ended = hostprobe("flows --router 127.0.0.1:9")
    assert ended.code == 2
    assert "set HOSTPROBE_ROUTER_PASSWORD, or give" in ended.complaint

    monkeypatch.setenv("HOSTPROBE_ROUTER_PASSWORD", "wrong")
    (tmp_path / "password").write_text(PASSWORD, "ascii")
    with router(Quirks(answers={SHOW: SEED})) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        asked = f"flows --router 127.0.0.1:{emulated.port} --known-hosts {known}"
        assert hostprobe(f"{asked} --router-password-file {tmp_path}/password").code == 0


class _Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Whether a person is there."""
        return True


def test_asked_account(hostprobe: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal both name and password of the router are asked for."""
    monkeypatch.delenv("HOSTPROBE_ROUTER_USERNAME")
    monkeypatch.delenv("HOSTPROBE_ROUTER_PASSWORD")
    monkeypatch.setattr(sys, "stdin", _Terminal(f"{USER}\n"))
    monkeypatch.setattr("getpass.getpass", lambda _prompt: PASSWORD)
    with router(Quirks(answers={SHOW: SEED})) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        ended = hostprobe(f"flows --router 127.0.0.1:{emulated.port} --known-hosts {known}")

    assert ended.code == 0
    assert ended.stderr.startswith("User name on the router: ")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--router-agent --router-key x", "one of --router-password-file"),
        ("--router-key nowhere", "--router-key 'nowhere' cannot be read"),
        ("--known-hosts nowhere", "--known-hosts 'nowhere' cannot be read"),
        ("--router-username ''", "no user name on the router"),
        ("--router a:b:c:d::e:f:99999", "names no host"),
        ("--dialect nfdump_csv", "cannot ask for --dialect nfdump_csv"),
        ("--monitor 'A B'", "no name of a flow monitor"),
    ],
)
def test_contradictions(hostprobe: Program, options: str, told: str) -> None:
    """What cannot be asked is a line and code 2, and no router is called."""
    ended = hostprobe(f"flows --router 127.0.0.1:9 {options}")

    assert ended.code == 2
    assert told in ended.complaint


def test_agent(hostprobe: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the agent no password is sent, though one is known."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with router(Quirks(answers={SHOW: SEED})) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        asked = f"flows --router 127.0.0.1:{emulated.port} --known-hosts {known}"
        ended = hostprobe(f"{asked} --router-agent")

    assert (ended.code, emulated.tried) == (4, 0)
    assert "no key in it" in ended.complaint


def test_without_netmiko() -> None:
    """Where netmiko is not installed, one line says how to get it."""
    program = "import sys; sys.modules['netmiko'] = None\nfrom hostprobe.cli import main\nmain()"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, "flows", "--router", "127.0.0.1:9"],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )

    assert done.returncode == 2
    assert "pip install 'hostprobe[network]' (netmiko is not there)" in done.stderr
