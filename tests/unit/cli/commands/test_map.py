"""`hostprobe map`."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.unit.cli.program import Ask, Ended, Program
from tests.unit.cli.script import Host, host, said

from hostprobe.errors import RefusedError

_PROXY = (
    "  TCP    0.0.0.0:3128           0.0.0.0:0              LISTENING       912\r\n"
    "  TCP    10.0.0.1:3128          10.0.0.5:50000         ESTABLISHED     912\r\n"
)
_CALLER = (
    "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       400\r\n"
    "  TCP    10.0.0.5:50000         10.0.0.1:3128          ESTABLISHED     432\r\n"
    "  TCP    10.0.0.5:50001         203.0.113.9:443        TIME_WAIT       0\r\n"
    "  TCP    10.0.0.5:50002         10.0.0.7:445           SYN_SENT        432\r\n"
)


def _hosts() -> dict[str, Host]:
    refused = RefusedError("files: refused", step="connect")
    refused.address = "10.0.0.7"
    return {
        "proxy": host(
            said(_PROXY, '"squid.exe","912","N/A"\r\n', name="PROXY"), address="10.0.0.1"
        ),
        "pc5": host(said(_CALLER, '"chrome.exe","432","N/A"\r\n', name="PC5"), address="10.0.0.5"),
        "files": refused,
    }


@pytest.fixture
def swept(ask: Ask, tmp_path: Path) -> Path:
    """What a sweep over three hosts wrote."""
    path = tmp_path / "found.jsonl"
    path.write_text(ask(_hosts()).stdout)
    return path


def _edges(ended: Ended) -> list[tuple[object, ...]]:
    return [
        (row["client"], row["client_process"], row["server"], row["server_process"], row["port"])
        for row in ended.records("edge")
    ]


def test_edges_of_a_sweep(hostprobe: Program, swept: Path) -> None:
    """Each connection is an edge, its ends named as the hosts were; each host is told of."""
    ended = hostprobe(f"map --from {swept} -f jsonl")
    assert ended.code == 3
    assert sorted(_edges(ended), key=str) == [
        ("pc5", "chrome.exe", "files", None, 445),
        ("pc5", "chrome.exe", "proxy", "squid.exe", 3128),
        ("pc5", None, "203.0.113.9", None, 443),
    ]
    assert list(ended.hosts) == ["proxy", "pc5", "files"]
    assert ended.stderr == "hostprobe: 3 edges, 3 connections\n"


def test_in_a_table(hostprobe: Program, swept: Path) -> None:
    """A person sees who calls whom, and why a process is not known."""
    ended = hostprobe(f"map --from {swept} --port 445")
    assert "server did not answer" in ended.stdout
    assert ended.stdout.endswith("files: failed: refused\n")


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ("--by process", 3),
        ("--by host", 3),
        ("--host proxy", 1),
        ("--net 203.0.113.0/24", 1),
        ("--process squid", 1),
        ("--rare 1 --outside none", 1),
        ("--outside one --port 443", 1),
        ("--internal", 3),
    ],
)
def test_options(hostprobe: Program, swept: Path, options: str, number: int) -> None:
    """Each of them chooses."""
    ended = hostprobe(f"map --from {swept} -f json -q {options}")
    assert (len(_edges(ended)), ended.stderr) == (number, "")


def test_nothing_matches(hostprobe: Program, ask: Ask, tmp_path: Path) -> None:
    """Where all answered and there is no edge, the code is 1, however many listeners there are."""
    hosts = {"proxy": host(said(_PROXY, name="PROXY"))}
    (tmp_path / "found").write_text(ask(hosts).stdout)
    ended = hostprobe(f"map --from {tmp_path / 'found'} --port 1")
    assert (ended.code, ended.stderr) == (1, "hostprobe: 0 edges, 0 connections\n")


def test_many_edges_on_a_screen(hostprobe: Program, ask: Ask, tmp_path: Path) -> None:
    """A table shows the first ones and says what to do; a file, and a sorted table, have all."""
    rows = "".join(
        f"  TCP    10.0.0.5:{50000 + n}    203.0.{n // 250}.{n % 250}:443    ESTABLISHED   432\r\n"
        for n in range(1, 302)
    )
    (tmp_path / "found").write_text(ask({"pc5": host(said(rows))}).stdout)
    shown = hostprobe(f"map --from {tmp_path / 'found'}")
    assert shown.stdout.count("203.0.") == 200
    assert "301 edges, 301 connections" in shown.stderr
    assert "only 200 edges are shown" in shown.stderr
    hostprobe(f"map --from {tmp_path / 'found'} -o {tmp_path / 'table'}")
    assert (tmp_path / "table").read_text().count("203.0.") == 301
    assert hostprobe(f"map --from {tmp_path / 'found'} --sort server").stdout.count("203.0.") == 301


def test_names_instead_of_numbers(hostprobe: Program, tmp_path: Path) -> None:
    """A netstat without -n has names for ends: what is not on the map is told."""
    (tmp_path / "netstat").write_text(
        "  Proto  Local Address          Foreign Address        State           PID\n"
        "  TCP    10.0.0.5:50000         web01:https            ESTABLISHED     432\n"
        "  TCP    10.0.0.5:50001         10.0.0.1:443           ESTABLISHED     432\n"
    )
    ended = hostprobe(f"map --from {tmp_path / 'netstat'} -f jsonl")
    assert [edge[0] for edge in _edges(ended)] == [str(tmp_path / "netstat")]
    assert "1 connection printed with names instead of numbers: not on the map" in ended.stderr


def test_a_twin(hostprobe: Program, swept: Path) -> None:
    """A second name of a host that was not asked again is no host of its own."""
    record = json.loads(swept.read_text().splitlines()[-1]) | {"target": "10.0.0.1"}
    record |= {"status": "not_asked", "address": None}
    record["error"] = {"kind": "twin", "message": "same address as proxy", "step": None}
    swept.write_text(f"{swept.read_text()}{json.dumps(record)}\n")
    ended = hostprobe(f"map --from {swept} -f jsonl --svg {swept}.svg")
    assert ("pc5", "chrome.exe", "proxy", "squid.exe", 3128) in _edges(ended)
    assert "2 hosts answered, 1 did not; " in Path(f"{swept}.svg").read_text()


class TestPictures:
    """--svg, --html and --dot."""

    def test_beside_the_rows(self, hostprobe: Program, swept: Path) -> None:
        """Each has a file of its own, and the rows are written as ever."""
        files = {name: swept.with_name(f"map.{name}") for name in ("svg", "html", "dot")}
        options = " ".join(f"--{name} {path}" for name, path in files.items())
        ended = hostprobe(f"map --from {swept} -f csv {options}")
        assert ended.stdout.startswith("client,client_name,")
        assert ET.parse(files["svg"]).getroot().tag.endswith("svg")  # noqa: S314 - our own
        assert "squid.exe :3128" in files["html"].read_text()
        assert files["dot"].read_text().startswith("digraph")

    def test_what_is_left_out(self, hostprobe: Program, swept: Path) -> None:
        """A picture that is passed on says what it shows only, and of which hosts."""
        ended = hostprobe(f"map --from {swept} --rare 2 --internal --process chrome --svg -")
        assert "Only what has: --process chrome --rare 2 --internal" in ended.stdout
        assert "2 hosts answered, 1 did not" in ended.stdout

    def test_names_of_ones_own(self, hostprobe: Program, swept: Path) -> None:
        """What nobody asked has the name that the user gave it, in table and pictures."""
        inventory = swept.with_name("inventory.toml")
        inventory.write_text(
            '[groups.all]\nhosts = ["pc5"]\n[aliases]\n"203.0.113.9" = "updates"\n'
        )
        table = hostprobe(f"map --from {swept} --port 443 --inventory {inventory}")
        drawn = hostprobe(f"map --from {swept} --port 443 --svg - --inventory {inventory}")
        assert "203.0.113.9, not asked" in drawn.stdout
        assert ">updates<" in drawn.stdout
        assert "updates" in table.stdout
        found = hostprobe(f"map --from {swept} --host updates -f json --inventory {inventory}")
        assert [edge[2] for edge in _edges(found)] == ["203.0.113.9"]
        plain = hostprobe(f"map --from {swept} --no-alias --svg - --inventory {inventory}")
        assert "updates" not in plain.stdout

    def test_of_nothing(self, hostprobe: Program, ask: Ask, tmp_path: Path) -> None:
        """Where no host answered, the picture has none, and says so."""
        refused = RefusedError("files: refused", step="connect")
        (tmp_path / "found").write_text(ask({"files": refused}).stdout)
        ended = hostprobe(f"map --from {tmp_path / 'found'} -f jsonl --html {tmp_path / 'html'}")
        assert ended.code == 4
        assert "0 hosts answered, 1 did not<" in (tmp_path / "html").read_text()

    def test_on_the_page(self, hostprobe: Program) -> None:
        """The picture of the documentation is what is drawn of the example."""
        root = Path(__file__).parents[4]
        ended = hostprobe(f"map --from {root / 'examples/recorded/sweep.jsonl'} --svg -")
        assert ended.stdout == (root / "docs/how-to/map.svg").read_text("utf-8")

    def test_in_place_of_the_rows(self, hostprobe: Program, swept: Path) -> None:
        """With - stdout has the picture and nothing else."""
        ended = hostprobe(f"map --from {swept} --dot -")
        assert ended.stdout.startswith("digraph")
        assert ended.stdout.endswith("}\n")

    def test_beside_rows_in_a_file(self, hostprobe: Program, swept: Path) -> None:
        """With - and -o there are both."""
        rows = swept.with_name("rows")
        assert hostprobe(f"map --from {swept} --svg - -o {rows}").stdout.startswith("<?xml")
        assert "squid.exe" in rows.read_text()

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ("--svg {0}/a --html {0}/a", "two things are to be written to"),
            ("--svg - --dot -", "two things are to be written to '-'"),
            ("--svg {0}/a -o {0}/a", "two things are to be written to"),
            ("--svg {0}/found.jsonl", "is what --from reads: it would be lost"),
            ("--svg {0}/no/folder", "cannot write"),
            ("--html {0}", "cannot write"),
            ("--net 10.0.0.0/99", "write an address or a network"),
        ],
    )
    def test_refused(self, hostprobe: Program, swept: Path, options: str, message: str) -> None:
        """Nothing is lost by a slip, and it is told before anything is read or asked."""
        before = swept.read_text()
        ended = hostprobe(f"map --from {swept} {options.format(swept.parent)}")
        assert ended.code == 2
        assert message in ended.complaint
        assert swept.read_text() == before

    def test_a_full_disk(self, hostprobe: Program, swept: Path) -> None:
        """A picture that cannot be written is told in one line."""
        if not Path("/dev/full").exists():
            pytest.skip("there is no /dev/full")
        ended = hostprobe(f"map --from {swept} -f jsonl --svg /dev/full")
        assert (ended.code, ended.stderr) == (
            2,
            "hostprobe: cannot write '/dev/full': No space left on device\n",
        )

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
    def test_a_pipe(self, hostprobe: Program, swept: Path) -> None:
        """Who reads a named pipe gets the whole picture."""
        pipe = swept.with_name("pipe")
        os.mkfifo(pipe)
        with ThreadPoolExecutor() as readers:
            read = readers.submit(pipe.read_text)
            hostprobe(f"map --from {swept} -f jsonl --dot {pipe}")
            assert read.result(timeout=60).endswith("}\n")

    def test_only_a_list_of_hosts(self, hostprobe: Program, tmp_path: Path) -> None:
        """--dry-run draws nothing."""
        ended = hostprobe(f"map web01 web02 -u ops --dry-run --svg {tmp_path / 'map.svg'}")
        assert (ended.code, ended.stdout) == (0, "web01\nweb02\n")
        assert not (tmp_path / "map.svg").exists()


def test_resume(hostprobe: Program, swept: Path) -> None:
    """A map is no run to go on with; the way to one is told."""
    ended = hostprobe(f"map web01 --resume {swept}")
    assert ended.code == 2
    assert "then map --from it" in ended.complaint
