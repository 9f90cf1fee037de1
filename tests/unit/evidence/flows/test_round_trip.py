"""A flow that is printed as a dialect prints it is read as the same flow."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.evidence.flows import Flow, dialects, read

_ADDRESSES = st.ip_addresses(v=4).map(str)
_INTERFACES = st.sampled_from(["Gi0/1", "Gi0/2.100", "Tu0", "Se1/0", "Po31", "Vl20"])
_PORTS = st.integers(0, 0xFFFF)
_FLOWS = st.builds(
    Flow,
    source_interface=_INTERFACES,
    source_address=_ADDRESSES | st.just("10.gg.20.254"),
    destination_interface=_INTERFACES,
    destination_address=_ADDRESSES,
    protocol=st.sampled_from([6, 17, 132]),
    source_port=_PORTS,
    destination_port=_PORTS,
    packets=st.integers(0, 10**14),
    bytes=st.integers(0, 10**14),
    egress_copy=st.booleans(),
    tcp_flags=st.integers(0, 0xFF),
    tos=st.integers(0, 0xFF),
    last_seen=st.times().map(lambda time: time.strftime("%H:%M:%S")),
)
_COMMON = (
    *("source_interface", "source_address", "destination_address", "protocol"),
    *("source_port", "destination_port"),
)
_WITH_INTERFACE = (*_COMMON, "destination_interface", "packets", "egress_copy")
_ALL = (*_WITH_INTERFACE, "bytes", "tcp_flags", "tos", "last_seen")


def _row(flow: Flow, protocol: str, total: int | None) -> str:
    mark = "*" if flow.egress_copy else ""
    return (
        f"{flow.source_interface:<13} {flow.source_address:<15} "
        f"{flow.destination_interface}{mark} {flow.destination_address:<15} "
        f"{protocol} {flow.source_port:04X} {flow.destination_port:04x} {total:>5}"
    )


def _classic(flow: Flow) -> str:
    return _row(flow, f"{flow.protocol:02X}", flow.packets)


def _flowctl(flow: Flow) -> str:
    return _row(flow, f"{flow.protocol:2}", flow.packets)


def _top_talkers(flow: Flow) -> str:
    head = "SrcIf SrcIPaddress DstIf DstIPaddress Pr SrcP DstP Bytes\n"
    return head + _row(flow, f"{flow.protocol:02X}", flow.bytes)


def _verbose(flow: Flow) -> str:
    mark = "*" if flow.egress_copy else ""
    return (
        f"{flow.source_interface} {flow.source_address} "
        f"{flow.destination_interface}{mark} {flow.destination_address} "
        f"{flow.protocol:02X} {flow.tos:02X}  {flow.tcp_flags:02X} {flow.packets:>6}\n"
        f"{flow.source_port:04X} /24 65000  {flow.destination_port:04X} /0  0  0.0.0.0  40  1.5"
    )


def _mls(flow: Flow) -> str:
    protocol = {6: "tcp", 17: "udp"}.get(flow.protocol or 0, str(flow.protocol))
    return (
        f"{flow.destination_address:<15} {flow.source_address:<15} {protocol} :{flow.source_port} "
        f":{flow.destination_port} {flow.source_interface} :0x0\n"
        f"{flow.packets} {flow.bytes} 17 {flow.last_seen} L3 - Dynamic"
    )


def _columns(flow: Flow) -> dict[str, str]:
    return {
        "IPV4 SRC ADDR": f"{flow.source_address}",
        "IPV4 DST ADDR": f"{flow.destination_address}",
        "TRNS SRC PORT": f"{flow.source_port}",
        "TRNS DST PORT": f"{flow.destination_port}",
        "INTF INPUT": f"{flow.source_interface}",
        "FLOW DIRN": "Output" if flow.egress_copy else "Input",
        "IP PROT": f"{flow.protocol}",
        "IP TOS": f"0x{flow.tos:02X}",
        "tcp flags": f"0x{flow.tcp_flags:02X}",
        "intf output": f"{flow.destination_interface}",
        "bytes long": f"{flow.bytes}",
        "pkts long": f"{flow.packets}",
        "time abs last": f"{flow.last_seen}",
    }


def _table(flow: Flow) -> str:
    columns = _columns(flow)
    return "\n".join(
        [
            "  ".join(f"{name:<20}" for name in columns),
            "  ".join("=" * 20 for _ in columns),
            "  ".join(f"{value:>20}" for value in columns.values()),
        ]
    )


def _csv(flow: Flow) -> str:
    columns = _columns(flow)
    return ",".join(columns) + "\n" + ",".join(columns.values())


def _record(flow: Flow) -> str:
    spelt = {" SRC ": " SOURCE ", " DST ": " DESTINATION ", " ADDR": " ADDRESS", "PROT": "PROTOCOL"}
    shown = {**spelt, "INTF": "INTERFACE", "intf": "interface", "DIRN": "DIRECTION"}
    shown |= {"bytes": "counter bytes", "pkts": "counter packets", "time": "timestamp"}
    text = ""
    for name, value in _columns(flow).items():
        key = name
        for short, long in shown.items():
            key = key.replace(short, long)
        text += f"{key}:{' ' * (28 - len(key))}{value}\n"
    return text


_LETTERS = "CEUAPRSF"


def _letters(flags: int | None) -> str:
    bits = f"{flags or 0:08b}"
    return "".join("." if bit == "0" else name for bit, name in zip(bits, _LETTERS, strict=True))


def _nfdump(flow: Flow) -> dict[str, str]:
    return {
        "te": f"{flow.last_seen}",
        "sa": f"{flow.source_address}",
        "da": f"{flow.destination_address}",
        "sp": f"{flow.source_port}",
        "dp": f"{flow.destination_port}",
        "pr": {6: "TCP", 17: "UDP", 132: "SCTP"}[flow.protocol or 0],
        "flg": _letters(flow.tcp_flags),
        "stos": f"{flow.tos}",
        "ipkt": f"{flow.packets}",
        "ibyt": f"{flow.bytes}",
        "in": f"{flow.source_interface}",
        "out": f"{flow.destination_interface}",
        "dir": "1" if flow.egress_copy else "0",
    }


def _nfdump_csv(flow: Flow) -> str:
    return ",".join(_nfdump(flow)) + "\n" + ",".join(_nfdump(flow).values())


def _nfdump_json(flow: Flow) -> str:
    printed = {
        "type": "FLOW",
        "last": flow.last_seen,
        "in_packets": flow.packets,
        "in_bytes": flow.bytes,
        "proto": flow.protocol,
        "tcp_flags": _letters(flow.tcp_flags),
        "src_port": flow.source_port,
        "dst_port": flow.destination_port,
        "src_tos": flow.tos,
        "src4_addr": flow.source_address,
        "dst4_addr": flow.destination_address,
        "input_snmp": flow.source_interface,
        "output_snmp": flow.destination_interface,
        "direction": int(flow.egress_copy),
    }
    return json.dumps([printed], indent=1)


_PRINTERS: dict[str, tuple[Callable[[Flow], str], tuple[str, ...]]] = {
    "classic": (_classic, _WITH_INTERFACE),
    "flowctl": (_flowctl, _WITH_INTERFACE),
    "top_talkers": (_top_talkers, (*_COMMON, "destination_interface", "egress_copy", "bytes")),
    "verbose": (_verbose, (*_WITH_INTERFACE, "tcp_flags", "tos")),
    "mls": (_mls, (*_COMMON, "packets", "bytes", "last_seen")),
    "monitor_record": (_record, _ALL),
    "monitor_table": (_table, _ALL),
    "monitor_csv": (_csv, _ALL),
    "nfdump_csv": (_nfdump_csv, _ALL),
    "nfdump_json": (_nfdump_json, _ALL),
}


@pytest.mark.parametrize("name", dialects())
@given(flow=_FLOWS)
def test_a_printed_flow(name: str, flow: Flow) -> None:
    """Each dialect gives back what was printed in it, and knows nothing else."""
    printer, fields = _PRINTERS[name]
    _, items = read(printer(flow).split("\n"), source="x", dialect=name)
    (found,) = items

    assert isinstance(found, Flow)
    expected = {field: getattr(flow, field) for field in fields}
    if flow.protocol != 6:
        expected |= {"tcp_flags": None} if "tcp_flags" in fields else {}
    assert {field: getattr(found, field) for field in fields} == expected
    unknown = set(Flow._fields) - set(fields) - {"duration_s"}
    assert not any(getattr(found, field) for field in unknown)


@pytest.mark.parametrize("name", dialects())
@given(flow=_FLOWS)
def test_the_shape_tells_the_dialect(name: str, flow: Flow) -> None:
    """A printed flow is recognised, unless its protocol may be hexadecimal as well as decimal."""
    if name in {"classic", "flowctl"}:
        flow = flow._replace(protocol=6)
    found, _ = read(_PRINTERS[name][0](flow).split("\n"), source="x")

    assert found == name
