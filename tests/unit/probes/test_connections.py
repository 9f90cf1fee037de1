"""netstat's lines to connections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import UnknownOutputError
from hostprobe.models import Connection, Endpoint
from hostprobe.probes.connections import parse

_ROW = "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       852"
_PORTS = st.integers(0, 0xFFFF)
_PIDS = st.none() | st.integers(0, 0xFFFFFFFF)
_WORDS = st.text(st.characters(categories=["L"]), min_size=1, max_size=12)
_HOSTS = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(lambda ip: f"[{ip}%7]")


def _only(line: str) -> Connection:
    parsed = parse(line)
    assert not parsed.unparsed
    (row,) = parsed.rows
    return row


@pytest.mark.parametrize(
    ("token", "endpoint"),
    [
        ("10.0.0.1:443", Endpoint("10.0.0.1", 443)),
        ("[::1]:80", Endpoint("::1", 80)),
        ("[fe80::1%12]:546", Endpoint("fe80::1%12", 546)),
        ("a2-18-177-95:https", Endpoint("a2-18-177-95", None, service="https")),
        ("10.xx.50.81:1221", Endpoint("10.xx.50.81", 1221)),
        ("*:*", Endpoint(None, None)),
    ],
)
def test_endpoint(token: str, endpoint: Endpoint) -> None:
    """Addresses, zones, host names, service names and `*` are read as netstat prints them."""
    assert _only(f"  UDP    0.0.0.0:1    {token}    608").remote == endpoint


@pytest.mark.parametrize(
    ("printed", "state", "listening"),
    [
        ("LISTENING", "LISTENING", True),
        ("ABHÖREN", "LISTENING", True),
        ("ABH™REN", "ABH™REN", True),
        ("IN ASCOLTO", "IN ASCOLTO", True),
        ("BOUND", "BOUND", False),
        ("SCHLIESSEN_WARTEN", "CLOSE_WAIT", False),
        ("", None, True),
    ],
)
def test_state(printed: str, state: str | None, listening: bool) -> None:  # noqa: FBT001  # a case
    """Known states are English, others are kept, and listening is seen by the shape."""
    row = _only(f"  TCP    0.0.0.0:25    0.0.0.0:0    {printed}    4552")

    assert (row.state, row.listening, row.pid) == (state, listening, 4552)


def test_a_peer_is_no_listener() -> None:
    """A row that says LISTENING and has a peer is not listening."""
    assert not _only("TCP 10.0.0.1:25 10.0.0.2:4000 LISTENING 8").listening


@pytest.mark.parametrize(
    ("tail", "pid"),
    [("", None), ("0", 0), ("852   61250", 852), ("1948   RpcSs [svchost.exe]", 1948)],
)
def test_pid(tail: str, pid: int | None) -> None:
    """The PID is the first number after the endpoints, None where there is none."""
    assert _only(f"> TCP    10.0.0.1:1    10.0.0.2:2    ESTABLISHED    {tail}").pid == pid


@pytest.mark.parametrize(
    "line",
    [
        "  TCP    0.0.0.0:135",
        "  TCP    0.0.0.0:135    0.0.0.0:70000    LISTENING    4",
        "  TCP    0.0.0.0:135    0.0.0.0:0    LISTENING    4294967296",
        "  TCP    0.0.0.0:135    0.0.0.0:0    LISTENING    " + "9" * 5000,
        "  TCP    0.0.0.0:135    0.0.0.0:0    " + "WAIT " * 20,
        "  TCP    fe80::1:135    0.0.0.0:0    LISTENING    4",
        "  TCP    [fe80::1:135   0.0.0.0:0    LISTENING    4",
        "  UDP    0.0.0.0:135    *:*    LISTENING    4",
        "  TCPX   0.0.0.0:135    0.0.0.0:0    LISTENING    4",
        "  SCTP   10.0.0.1:5     10.0.0.2:6",
        "  TCP    0.0.0.0:135    0.0.0.0:0    LISTENING  " + " " * 40000,
    ],
)
@pytest.mark.parametrize("text", ["{row}\n{line}", "{line}\n{row}", "{row}\n [x.exe]\n{line}"])
def test_a_broken_row_is_reported(line: str, text: str) -> None:
    """What looks like a row and is none is unparsed, before the first row and after it."""
    parsed = parse(text.format(row=_ROW, line=line))

    assert len(parsed.rows) == 1
    assert parsed.unparsed == (line,)


def test_a_stranger_after_the_rows_is_reported() -> None:
    """A line among the rows that is no known decoration is unparsed."""
    assert parse(f"{_ROW}\n  RpcSs\nThe operation was canceled.").unparsed == (
        "  RpcSs",
        "The operation was canceled.",
    )


def test_a_repeated_header_is_decoration() -> None:
    """A listing that netstat prints again after an interval has its header twice."""
    head = "Active Connections\n\n  Proto  Local Address  Foreign Address  State\n"
    parsed = parse(f"{head}{_ROW}\n{head}{_ROW}\n")

    assert len(parsed.rows) == 2
    assert not parsed.unparsed


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n", "\r"])
def test_line_ends(end: str) -> None:
    """Lines end in LF, CRLF, CRCRLF or a lone CR, and in nothing else."""
    assert len(parse(end.join([_ROW, _ROW, ""])).rows) == 2
    assert parse(end.join([_ROW, "x\u0085y\u2028z\x0c"])).unparsed == ("x\u0085y\u2028z\x0c",)


@pytest.mark.parametrize(
    "text",
    [
        "\nActive Connections\n\n  Proto  Local Address          Foreign Address        State\n",
        "アクティブな接続\n\n  プロトコル  ローカル アドレス      外部アドレス    状態    PID\n",
    ],
)
def test_an_empty_list(text: str) -> None:
    """A title and a header alone, in any language, are a host without connections."""
    assert parse(text).rows == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\0\0",
        "Access is denied.\n",
        "Active Connections\n",
        "  TCP    0.0.0.0:135\n",
        '"System","4","Services","0","128 K"\n',
        "\nImage Name    PID Session\n========================= ======== ======\n",
    ],
)
def test_no_connection_list(text: str) -> None:
    """Output without a connection list is not taken for an empty one."""
    with pytest.raises(UnknownOutputError, match="netstat -ano") as caught:
        parse(text)

    assert "\n" not in str(caught.value)


@given(
    local=_HOSTS,
    remote=_HOSTS,
    ports=st.tuples(_PORTS, _PORTS),
    words=st.lists(_WORDS, max_size=2),
    pid=_PIDS,
)
def test_any_row(
    local: str, remote: str, ports: tuple[int, int], words: list[str], pid: int | None
) -> None:
    """Any two endpoints, any words and any PID make a connection with just these."""
    tail = "" if pid is None else str(pid)
    row = _only(f"TCP {local}:{ports[0]} {remote}:{ports[1]} {' '.join(words)} {tail}")

    assert (row.local, row.remote) == (
        Endpoint(local.strip("[]"), ports[0]),
        Endpoint(remote.strip("[]"), ports[1]),
    )
    assert row.pid == pid
    assert bool(row.state) == bool(words)


_PIECES = st.sampled_from(
    ["TCP", "UDP", "> ", " ", "*:*", "[::1]:80", "a:b", "1.2.3.4:5", ":", "]", "[x]", "7", "\x85"]
)
_NOISE = st.lists(_PIECES | st.text(max_size=3), max_size=8).map(" ".join)


@given(noise=st.lists(_NOISE, max_size=12))
def test_no_line_is_lost(noise: list[str]) -> None:
    """After the first row each line is a row, unparsed, blank, or indented among -b's owners."""
    text = "\n".join([_ROW, *noise]).replace("\r", "\n")
    parsed = parse(text)
    lines = [line for line in text.split("\n") if line.strip("> \t") and line.strip()]
    owners = [
        line for line in lines if line[:1].isspace() and line.split()[0] not in {"TCP", "UDP"}
    ]
    optional = len(owners) if "[" in text else 0

    accounted = len(parsed.rows) + len(parsed.unparsed)
    assert len(lines) - optional <= accounted <= len(lines)


@given(text=st.text() | st.lists(_NOISE).map("\n".join))
def test_any_text(text: str) -> None:
    """Whatever a host prints gives connections or says that it is no such list."""
    try:
        parsed = parse(text)
    except UnknownOutputError:
        return
    assert all(row.local.port is None or 0 <= row.local.port <= 0xFFFF for row in parsed.rows)
