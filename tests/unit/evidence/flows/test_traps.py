"""What the dialects' listings have that misleads."""

from pathlib import Path

import pytest

from hostprobe.evidence.flows import Flow, Item, PacketSizes, is_address, read
from hostprobe.evidence.lines import split_lines
from hostprobe.evidence.unread import Unread

_VERBOSE = [
    "Et0/0  10.0.0.5  Et1/0  192.0.2.9  06 00  02  3",
    "C350 /24 65001  01BD /24 65002 10.0.0.1  52  0.4",
]


def _read(dialect: str, *lines: str) -> list[Item]:
    return list(read(lines, source="x", dialect=dialect)[1])


def _flows(items: list[Item]) -> list[Flow]:
    return [item for item in items if isinstance(item, Flow)]


def _names(items: list[Item]) -> list[str]:
    return [type(item).__name__ for item in items]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("10.0.0.1", True), ("2001:db8::1", True), ("10.gg.20.254", False), (None, False)],
)
def test_an_address(text: str | None, is_one: bool) -> None:  # noqa: FBT001  # a case
    """An address that was made anonymous is told from an address."""
    assert is_address(text) == is_one


def test_hardware_rows_of_two_lines() -> None:
    """The hardware's part of a verbose listing is unread, until the software's begins again."""
    title = "Displaying {}-switched flow entries in the PFC (Active) Module 5:"
    items = _read(
        "verbose", title.format("hardware"), *_VERBOSE, title.format("software"), *_VERBOSE
    )

    assert _names(items) == ["Unread", "Unread", "Flow"]


def test_a_second_line_without_a_first() -> None:
    """Half a flow is unread, whichever half it is."""
    assert _names(_read("verbose", _VERBOSE[1])) == ["Unread"]
    assert _names(_read("verbose", _VERBOSE[0], *_VERBOSE)) == ["Unread", "Flow"]
    assert _names(_read("verbose", _VERBOSE[0])) == ["Unread"]


def test_a_header_turns_packets_into_bytes() -> None:
    """A header in the middle says anew what the last column counts."""
    row = "Fa0/0 192.0.2.1 Local 192.0.2.2 06 0401 07d0 8"
    head = "SrcIf SrcIPaddress DstIf DstIPaddress Pr SrcP DstP {}"
    flows = [
        item
        for item in _read("classic", row, head.format("Bytes"), row, head.format("Pkts"), row)
        if isinstance(item, Flow)
    ]

    assert [(flow.packets, flow.bytes) for flow in flows] == [(8, None), (None, 8), (8, None)]


def test_the_command_tells_what_is_counted() -> None:
    """After `| include` the command says what the last column counts, unless it is top-talkers."""
    row = "Fa0/0 192.0.2.1 Local 192.0.2.2 06 0401 07d0 8"
    log = ["R1#sh ip flow top-talkers | i Fa", row, "R1#show ip cache flow | i Fa", row, "R1#"]
    dialect, items = read(log, source="x")
    flows = [item for item in items if isinstance(item, Flow)]

    assert dialect == "top_talkers"
    assert [(flow.packets, flow.bytes) for flow in flows] == [(None, None), (8, None)]


def test_packet_sizes_without_end() -> None:
    """A listing that repeats its sizes for ever does not fill the memory."""
    sizes = "   1-32   64   96  128  160  192"
    shares = "   .000 .206 .793 .000 .000 1.00"
    title = "IP packet size distribution (5 total packets):"
    items = _read("classic", title, *[sizes, shares] * 1000)

    (found,) = (item for item in items if isinstance(item, PacketSizes))
    assert len(found.shares) < 100


def test_shares_without_sizes() -> None:
    """Shares that stand for no sizes, or for fewer, are unread."""
    title = "IP packet size distribution (5 total packets):"
    items = _read("classic", title, "   1-32   64   96  128  160  192", ".1 .2 .3 .1 .2 .1 .0")

    assert _names(items) == ["Unread"]


def test_a_record_that_was_cut() -> None:
    """A record with fewer keys than the one before it is unread, line by line."""
    keys = ["IPV4 SOURCE ADDRESS: 10.0.0.5", "IP PROTOCOL: 6", "counter packets: 27"]
    items = _read("monitor_record", *keys, "", *keys[:2])

    assert _names(items) == ["Flow", "Unread", "Unread"]
    assert [item.number for item in items if isinstance(item, Unread)] == [5, 6]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
@pytest.mark.parametrize("folder", ["genie_3", "genie_4", "genie_cache", "genie_cache_3"])
def test_a_table_that_a_terminal_has_wrapped(folder: str, width: int) -> None:
    """Pieces of rows are no rows, also where they have as many cells as the header's piece."""
    path = Path(__file__).parents[3] / "listings" / folder / "listing.txt"
    lines = path.read_text("utf-8").splitlines()
    whole = set(_flows(_read("monitor_table", *lines)))
    pieces = [line[at : at + width] for line in lines for at in range(0, len(line), width)]

    assert set(_flows(_read("monitor_table", *pieces))) <= whole


def test_an_end_that_is_no_address() -> None:
    """What stands in the place of an address and is none makes no row."""
    keys = ["IPV4 SOURCE ADDRESS: 113.1", "IPV4 DESTINATION ADDRESS: 224.0.0.5"]
    assert _names(_read("monitor_record", *keys)) == ["Unread", "Unread"]

    cells = ("pr,sa,da,sp,dp", "6,10.0.0.5,......S.,1,2", "6,10.0.0.5,10.gg.0.1,1,2")
    assert _names(_read("nfdump_csv", *cells)) == ["Unread", "Flow"]


def test_records_without_blank_lines() -> None:
    """A key that a record has already begins the next one."""
    keys = ["IPV4 SOURCE ADDRESS: 10.0.0.5", "counter packets: 27"]

    assert _names(_read("monitor_record", *keys, *keys)) == ["Flow", "Flow"]


@pytest.mark.parametrize(
    "line",
    ["IP PROTOCOL: 256", "TRNS SOURCE PORT: 0x50", "IPV4 DESTINATION ADDRESS: a b", "ip tos: 0"],
)
def test_a_value_that_is_none(line: str) -> None:
    """A record with one value that cannot be is no flow; so is one without a key field."""
    key = "IPV4 SOURCE ADDRESS: 10.0.0.5" if line[:2] == line[:2].upper() else "counter bytes: 5"

    assert _names(_read("monitor_record", key, line)) == ["Unread", "Unread"]


def test_icmp_of_a_monitor() -> None:
    """A type of its own counts; a port of 0 is taken for unknown, not for an echo reply."""
    keys = ["IPV4 SOURCE ADDRESS: 10.0.0.5", "IP PROTOCOL: 1", "TRNS DESTINATION PORT: 0"]
    items = _read("monitor_record", *keys, "", *keys, "ICMP IPV4 TYPE: 3", "ICMP IPV4 CODE: 1")

    assert [(item.icmp_type, item.icmp_code) for item in items if isinstance(item, Flow)] == [
        (None, None),
        (3, 1),
    ]


@pytest.mark.parametrize(
    "port", ["8.0.1", "8.", "300.0", "8.300", "70000"], ids=lambda port: f"port {port}"
)
def test_icmp_of_nfdump(port: str) -> None:
    """What is no type and code in nfdump's port column is no flow."""
    assert _names(_read("nfdump_csv", "pr,sa,da,dp", f"ICMP,10.0.0.1,10.0.0.2,{port}")) == [
        "Unread"
    ]


def test_nfdump_without_a_protocol() -> None:
    """Columns that a user chose need not have the protocol: it is unknown then."""
    (flow,) = _read("nfdump_csv", "ts,sa,da,dp", "x,10.0.0.1,10.0.0.2,53")

    assert isinstance(flow, Flow)
    assert (flow.protocol, flow.destination_port) == (None, 53)


@pytest.mark.parametrize(
    ("status", "fate"),
    [(0, ""), (64, ""), (17, "dropped"), (129, ""), (140, "dropped"), (195, "local")],
)
def test_forwarding_status(status: int, fate: str) -> None:
    """A number of nfdump's or of the standard counts where the other has no such number."""
    (flow,) = _read("nfdump_csv", "fwd,sa,da,dp", f"{status},10.0.0.1,10.0.0.2,53")

    assert isinstance(flow, Flow)
    assert (flow.dropped, flow.local) == (fate == "dropped", fate == "local")


@pytest.mark.parametrize(
    "line",
    [
        '{"src4_addr": "10.0.0.1", "dst4_addr": ["10.0.0.2"]}',
        '{"src4_addr": "10.0.0.1", "dst4_addr": "10.0.0.2", "proto": 6.0}',
        '{"src4_addr": "10.0.0.1", "dst4_addr": "10.0.0.2", "proto": true}',
        '{"src4_addr": "10.0.0.1", "dst4_addr": "10.0.0.2", "proto": 1e400}',
        '{"src4_addr": "10.0.0.1", "dst4_addr": "10.0.0.2", "in_packets": ' + "9" * 5000 + "}",
        '{"src4_addr": "10.0.0.1", "dst6_addr": "::1"}',
        '{"a": ' + "[" * 9000 + "}",
        "{]}",
        "[1]}",
    ],
    ids=lambda line: line[-24:],
)
def test_broken_json(line: str) -> None:
    """An object that is none, or has a value of another type, is unread."""
    assert _names(_read("nfdump_json", line)) == ["Unread"]


def test_json_that_never_ends() -> None:
    """The lines of an object without an end are unread one by one, and the next one is read."""
    good = '{"src4_addr": "10.0.0.1", "dst4_addr": "10.0.0.2"}'
    items = _read("nfdump_json", "[", "{", '"type" : "FLOW",', good, "]")

    assert _names(items) == ["Unread", "Unread", "Flow"]


def test_prompt_after_the_flows() -> None:
    """The prompt at the end of a session is decoration, though it is shorter than the rows."""
    row = "Gi0/0  10.0.0.1  Gi0/1  10.0.0.2  06 0400 01BD  1\n"
    items = list(read(split_lines([row * 5 + "EDGE-1#"]), source="x", dialect="classic")[1])

    assert _names(items) == ["Flow"] * 5
