"""What a saved listing of flows looks like, and what becomes of one that is none."""

import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.cli.program import Ended, Program

from hostprobe.cli import reports
from hostprobe.cli.flows.gathering import FLOWS, FlowView
from hostprobe.cli.flows.rankings import interesting, top
from hostprobe.cli.flows.reading import Listings, Wanted
from hostprobe.cli.flows.summaries import PROTOCOLS, SIZES
from hostprobe.cli.flows.writing import MOST_SHOWN
from hostprobe.cli.reports import Origin
from hostprobe.errors import InputFileError

LISTINGS = Path(__file__).parents[3] / "listings"
SEED = LISTINGS / "classic_2009/listing.txt"
TRAPS = LISTINGS / "classic_traps/listing.txt"
VERBOSE = LISTINGS / "verbose/listing.txt"
NFDUMP = LISTINGS / "nfdump_1_7_8_csv/listing.txt"
HEADER = "SrcIf         SrcIPaddress    DstIf         DstIPaddress    Pr SrcP DstP  Pkts\n"
_SAMPLES = os.environ.get("HOSTPROBE_SAMPLES")
_ROW = "Gi0/0  10.0.0.{source}  Gi0/1  10.0.{net}.{host}  06 C000 {port:04X}     1\n"


def _columns(ended: Ended, record: str, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in ended.records(record)]


def _scan(hosts: int) -> str:
    """A listing in which one host asks many on TCP port 445."""
    rows = (_ROW.format(source=5, net=n // 250, host=n % 250 + 1, port=445) for n in range(hosts))
    return HEADER + "".join(rows)


def test_seed(hostprobe: Program) -> None:
    """The listing that the project began from: all flows, ports in decimal, services by name."""
    ended = hostprobe(f"flows {SEED} -f json")

    assert ended.code == 0
    ports = _columns(ended, "flow", "source_port", "destination_port", "service", "packets")
    assert ports == [
        (None, None, None, 20),
        (None, None, None, 20),
        (3338, 2161, None, 467),
        (2595, 445, "microsoft-ds", 1),
        (1162, 2010, None, 1),
        (None, None, None, 20),
        (None, None, None, 20),
        (1162, 1191, None, 1),
        (53, 59915, "domain", 1),
        (80, 1373, "http", 5),
        (80, 1374, "http", 10),
    ]
    notes = [row["note"] for row in ended.records("flow")]
    assert notes.count("ICMP echo reply") == 4
    assert ended.hosts[str(SEED)]["rows"] == 11
    assert not ended.records("unread")


def test_table(hostprobe: Program) -> None:
    """A table has what a person wants first, in a hundred columns, and no column without values."""
    ended = hostprobe(f"flows {SEED}")

    heading, _, *rows = ended.stdout.splitlines()
    words = "no source port destination port proto service pkts note"
    assert heading.split() == words.split()
    assert rows[3].split() == [
        "4",
        "10.ee.12.200",
        "2595",
        "10.bb.ee.140",
        "445",
        "tcp",
        "microsoft-ds",
        "1",
    ]
    assert max(map(len, (heading, *rows))) <= 100
    assert "flows in the cache: 64, listed: 11" in ended.stderr


def test_sizes(hostprobe: Program) -> None:
    """The distribution of sizes is that of the listing, with a bar where there are packets."""
    ended = hostprobe(f"flows {SEED} --sizes -f jsonl")
    rows = _columns(ended, "packet_size", "from_bytes", "to_bytes", "percent", "total_packets")

    assert len(rows) == 26
    assert rows[:3] == [
        (1, 32, 0.0, 116972772),
        (33, 64, 37.5, 116972772),
        (65, 96, 9.0, 116972772),
    ]
    assert rows[19] == (1025, 1536, 37.8, 116972772)
    table = hostprobe(f"flows {SEED} --sizes").stdout.splitlines()
    assert [line.count("#") for line in table[2:5]] == [0, 24, 6]


def test_protocols(hostprobe: Program) -> None:
    """The table of protocols is that of the listing; its total comes last, without a bar."""
    ended = hostprobe(f"flows {SEED} --protocols -f jsonl")
    rows = _columns(ended, "protocol_total", "protocol", "flows", "percent", "packets_per_second")

    assert len(rows) == 15
    assert rows[2] == ("TCP-WWW", 3537205, 81.0, 12.2)
    assert rows[-1] == ("Total", 4367505, 100.0, 27.2)
    table = hostprobe(f"flows {SEED} --protocols").stdout.splitlines()
    assert table[4].split()[-1] == "#" * 24
    assert "#" not in table[-1]


def test_protocols_without_a_total(hostprobe: Program, tmp_path: Path) -> None:
    """Where the router gives no total, a protocol has no share."""
    lines = [line for line in SEED.read_text("utf-8").splitlines() if "Total:" not in line]
    listing = tmp_path / "cut.txt"
    listing.write_text("\n".join(lines), "utf-8")

    ended = hostprobe(f"flows {listing} --protocols -f jsonl")

    assert {row["percent"] for row in ended.records("protocol_total")} == {None}


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ("--top 2", [("10.dd.12.8", "packets", 467, 82.5), ("10.aa.20.254", "packets", 20, 3.5)]),
        ("--top 1 --by flows", [("10.ff.12.150", "flows", 2, 18.2)]),
        ("--top 1 --port 80", [("203.151.20.17", "packets", 15, 100.0)]),
    ],
)
def test_top(hostprobe: Program, options: str, rows: list[tuple[object, ...]]) -> None:
    """The hosts that send most, of what the filters leave, with their share."""
    ended = hostprobe(f"flows {SEED} {options} -f jsonl")

    assert _columns(ended, "talker", "source_address", "counted", "count", "percent") == rows


def test_top_of_nothing(hostprobe: Program) -> None:
    """Where the listing does not say how many bytes there were, nobody has sent most of them."""
    ended = hostprobe(f"flows {SEED} --top 3 --by bytes -f jsonl")

    assert (ended.code, ended.records("talker")) == (1, [])


def test_egress_copies(hostprobe: Program) -> None:
    """An egress copy is marked, told, and not added up."""
    ended = hostprobe(f"flows {TRAPS} --host 10.0.0.5 -f jsonl")
    assert _columns(ended, "flow", "number", "egress_copy", "note") == [
        (1, True, "egress copy"),
        (2, False, None),
    ]
    assert "egress copies: 1 of 2 flows" in ended.stderr

    counted = hostprobe(f"flows {TRAPS} --host 10.0.0.5 --top 1 -f jsonl")
    assert _columns(counted, "talker", "count", "percent") == [(12, 100.0)]


def test_interesting(hostprobe: Program, tmp_path: Path) -> None:
    """What is worth a look is told in words, the most interesting first; each reason can go."""
    listing = tmp_path / "scan.txt"
    listing.write_text(_scan(300) + _ROW.format(source=7, net=9, host=9, port=4444), "ascii")

    ended = hostprobe(f"flows {listing} --interesting -f jsonl")
    assert _columns(ended, "finding", "reason", "source_address", "port", "count") == [
        ("spread", "10.0.0.5", 445, 300),
        ("rare_port", "10.0.0.7", 4444, 1),
    ]
    table = hostprobe(f"flows {listing} --interesting --reasons=-rare_port").stdout
    assert "10.0.0.5 asks 300 hosts on TCP port 445 (microsoft-ds)" in table
    assert "rare_port" not in table
    only = hostprobe(f"flows {listing} --interesting --reasons large_share,dropped")
    assert only.code == 1


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ("--host 203.151.20.17", [10, 11]),
        ("--net 203.151.0.0/16", [10, 11]),
        ("--port 445", [4]),
        ("--protocol udp", [9]),
        ("--protocol 1", [1, 2, 6, 7]),
        ("--interface tu1", [10, 11]),
        ("--interface fa0/0 --protocol tcp --port 1373", [10]),
    ],
)
def test_filters(hostprobe: Program, options: str, numbers: list[int]) -> None:
    """A filter keeps the flows that meet it, with the numbers that they have in the listing."""
    ended = hostprobe(f"flows {SEED} {options} -f jsonl")

    assert [row["number"] for row in ended.records("flow")] == numbers


def test_nothing_matched(hostprobe: Program) -> None:
    """A filter that no flow meets is code 1; where --net cannot tell, that is said."""
    ended = hostprobe(f"flows {SEED} --net 10.0.0.0/8 -f jsonl")

    assert (ended.code, ended.records("flow")) == (1, [])
    assert "flows with an end that is no IP address: 11" in ended.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", "name a FILE"),
        (f"{SEED} --router R1", "name a FILE"),
        ("- -", "stdin"),
        (f"{SEED} --sizes --protocols", "at a time"),
        (f"{SEED} --top 3 --interesting", "at a time"),
        (f"{SEED} --reasons spread", "--interesting"),
        (f"{SEED} --interesting --reasons nonsense", "unknown 'nonsense'; there are dropped"),
        (f"{SEED} --interesting --reasons spread,-dropped", "with a minus each"),
        (f"{SEED} --sizes --port 80", "no filter applies"),
        (f"{SEED} --net 10.1.2.3/99", "'10.1.2.3/99'"),
        (f"{SEED} --protocol tpc", "'tpc'"),
        (f"{SEED} --protocol 256", "'256'"),
        (f"{SEED} --columns nonsense", "unknown column 'nonsense'"),
        (f"{SEED} --columns bar --sizes", "unknown column 'bar'"),
        (f"{SEED} -o {SEED}", "it would be lost"),
        (f"{SEED} --receipt x.json", "--receipt"),
        ("nowhere.txt", "nowhere.txt"),
        (str(LISTINGS), "listings"),
        (f"{SEED} --dialect nfdump_csv", "no line of it is of nfdump_csv"),
        (__file__, "test_flows.py: no listing of flows"),
        (
            str(LISTINGS / "verbose/case.toml"),
            "case.toml: no listing of flows that hostprobe knows",
        ),
        (os.devnull, "is empty"),
    ],
)
def test_contradictions(hostprobe: Program, options: str, told: str) -> None:
    """Options that contradict each other, and files that are no listing, are a line and code 2."""
    ended = hostprobe(f"flows {options}")

    assert ended.code == 2
    assert told in ended.complaint


def test_several_files(hostprobe: Program) -> None:
    """Of several files each is read; one that is no listing is a failed record, and code 3."""
    ended = hostprobe(f"flows {SEED} {__file__} {TRAPS} -f jsonl")

    assert ended.code == 3
    assert [host["rows"] for host in ended.hosts.values()] == [11, 0, 6]
    assert ended.hosts[__file__]["status"] == "failed"
    assert "no listing of flows" in ended.stderr
    assert {row["source"] for row in ended.records("flow")} == {str(SEED), str(TRAPS)}
    assert hostprobe(f"flows {__file__} {os.devnull}").code == 4


def test_several_files_in_a_table(hostprobe: Program) -> None:
    """In a table of several files each row says where it comes from; a sort goes over all."""
    ended = hostprobe(f"flows {SEED} {__file__} {TRAPS} --sort -packets")

    assert ended.code == 3
    heading, _, first, *_ = ended.stdout.splitlines()
    assert heading.startswith("source ")
    assert first.startswith(str(TRAPS))
    assert "50000000" in first
    assert ended.stdout.splitlines()[-1].startswith(f"{__file__}: failed")


def test_unread(hostprobe: Program) -> None:
    """Lines that were not understood are counted, and in the JSON; no row is made of them."""
    ended = hostprobe(f"flows {TRAPS} -f json")

    assert "6 lines were not understood, the first is line 5" in ended.stderr
    (unread,) = ended.records("unread")
    assert (unread["count"], unread["source"]) == (6, str(TRAPS))
    assert not hostprobe(f"flows {TRAPS} -q -f json").stderr


def test_most_unread(hostprobe: Program, tmp_path: Path) -> None:
    """Of very many lines that were not understood some are kept, and all are counted."""
    listing = tmp_path / "noise.txt"
    listing.write_text(_scan(1) + "noise\n" * 5000, "ascii")

    (unread,) = hostprobe(f"flows {listing} -f jsonl").records("unread")

    lines = unread["lines"]
    assert isinstance(lines, list)
    assert (unread["count"], len(lines)) == (5000, 20)


def test_stdin(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is stdin, in whatever encoding a terminal has saved it."""
    data = SEED.read_text("utf-8").encode("utf-16")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    ended = hostprobe("flows - -f jsonl")

    assert ended.code == 0
    assert {row["source"] for row in ended.records("flow")} == {"-"}
    assert len(ended.records("flow")) == 11


def test_hostile_text(hostprobe: Program, tmp_path: Path) -> None:
    """What drives a terminal, or a spreadsheet, does nothing in any format."""
    listing = tmp_path / "evil.txt"
    row = "\x1b]0;x\x07     =cmd|'x'!A1    Gi0/1   \u202e10.0.0.1   06 0400 01BD     1\n"
    listing.write_text(HEADER + row, "utf-8")

    table = hostprobe(f"flows {listing} --columns source_interface,source_address").stdout
    assert r"\x1b]0;x\x07" in table
    for written in ("table", "csv", "json", "jsonl"):
        out = hostprobe(f"flows {listing} -f {written}").stdout
        assert not {"\x1b", "\x07", "\u202e"} & set(out)
    ((_, *_), values) = csv.reader(io.StringIO(hostprobe(f"flows {listing} -f csv").stdout))
    assert "'=cmd|'x'!A1" in values


def test_long_table(hostprobe: Program, tmp_path: Path) -> None:
    """A table has so many rows at most, the first in their order, and says that there are more."""
    listing = tmp_path / "long.txt"
    row = "Gi0/0  10.0.0.5  Gi0/1  10.0.0.6  06 0400 01BD  {}\n"
    listing.write_text(HEADER + "".join(map(row.format, range(MOST_SHOWN + 1))), "ascii")

    ended = hostprobe(f"flows {listing} --sort -packets --columns packets")

    assert ended.stdout.split()[2:4] == [str(MOST_SHOWN), str(MOST_SHOWN - 1)]
    assert len(ended.stdout.split()) == MOST_SHOWN + 2
    assert "10,000 of 10,001 rows are shown" in ended.stderr


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ("-f jsonl", True),
        ("-f csv", True),
        ("--columns community_id", True),
        ("-f jsonl --columns number", False),
        ("", False),
    ],
)
def test_community_id(hostprobe: Program, options: str, *, known: bool) -> None:
    """The Community ID of a flow is written where its column is."""
    ended = hostprobe(f"flows {NFDUMP} {options}")

    assert bool(re.search(r"1:[A-Za-z0-9+/]{27}=", ended.stdout)) is known


@pytest.mark.parametrize("view", [FLOWS, SIZES, PROTOCOLS, top(1, "flows"), interesting(None)])
def test_views(view: FlowView) -> None:
    """What a table shows is a column, or a bar, and so is what has a heading of its own."""
    known = {*reports.columns(view.row), "bar"}

    assert known >= set(view.shown) | set(view.headings)


def test_every_column(hostprobe: Program) -> None:
    """Each field of a row is written, in csv as in jsonl."""
    record = hostprobe(f"flows {VERBOSE} -f jsonl").records("flow")[0]
    heading = hostprobe(f"flows {VERBOSE} -f csv").stdout.partition("\n")[0].split(",")

    names = {field.name for field in fields(FLOWS.row)}
    assert names <= record.keys()
    assert names <= set(heading)
    assert record["tcp_flags"] == "S"
    assert record["note"] == "SYN only"


def test_aliases(hostprobe: Program) -> None:
    """A name of the user's own stands for an address in a filter, and is shown in its place."""
    hostprobe("alias add 203.151.20.17 odd-server")

    table = hostprobe(f"flows {SEED} --host odd-server").stdout
    assert table.count("odd-server") == 2
    assert "203.151.20.17" in hostprobe(f"flows {SEED} --no-alias").stdout
    records = hostprobe(f"flows {SEED} --port 80 -f jsonl").records("flow")
    assert {(row["source_address"], row["source_alias"]) for row in records} == {
        ("203.151.20.17", "odd-server")
    }
    assert {row["destination_alias"] for row in records} == {None}


def _rows(data: bytes) -> list[Mapping[str, object]]:
    """The rows of a listing in bytes; none where it is refused."""
    origin = Origin(host=None, host_name=None, source="x", collected_at=None)
    try:
        return list(Listings(Wanted(view=FLOWS)).report(origin, (data,)).rows)
    except InputFileError:
        return []


@pytest.mark.parametrize("listing", [SEED, VERBOSE, NFDUMP], ids=lambda path: path.parent.name)
def test_cut_listing(listing: Path) -> None:
    """Wherever a listing ends too early, what is shown of it is true."""
    data = listing.read_bytes()
    whole = _rows(data)

    for end in range(0, len(data), 41):
        rows = _rows(data[:end])
        assert all(row in whole for row in rows)


@given(st.binary(max_size=400) | st.text("01AF.:|,# \n\x1b\u202e").map(str.encode))
def test_noise(data: bytes) -> None:
    """Whatever a file holds, it is read or refused."""
    _rows(data)


def _samples() -> Iterator[str]:
    folder = Path(_SAMPLES or "") / "flows"
    found = [*folder.rglob("*.txt"), *folder.rglob("*.raw")] if _SAMPLES else []
    yield from (str(path.relative_to(folder)) for path in sorted(found))


@pytest.mark.parametrize("name", list(_samples()) or ["none"])
def test_sample(hostprobe: Program, name: str) -> None:
    """A real listing gives its flows without an unread line, or is refused in one line."""
    if _SAMPLES is None:
        pytest.skip("HOSTPROBE_SAMPLES is not set: the samples lie outside the project")
    path = Path(_SAMPLES) / "flows" / name

    ended = hostprobe(f"flows {path} -f jsonl")

    if ended.code == 2:
        assert "cache" not in path.read_text("utf-8").lower().partition("monitor")[0]
        assert str(path) in ended.complaint
    else:
        records = [json.loads(line)["record"] for line in ended.stdout.splitlines()]
        assert set(records) <= {"flow", "host"}
        assert ended.code == (0 if "flow" in records else 1)
