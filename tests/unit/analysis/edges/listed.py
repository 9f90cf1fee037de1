"""Rows as hosts list them, and a map of some."""

from collections.abc import Mapping

from hostprobe.analysis.edges import By, Edge, TalkMap, Wanted

Row = Mapping[str, object]


def talk(
    local: str, remote: str, process: str | None = "app.exe", state: str = "ESTABLISHED"
) -> dict[str, object]:
    """One side of a connection, its ends as `10.0.0.1:443`."""
    return _row(local, remote, process) | {"state": state, "listening": False}


def door(local: str, process: str | None = "web.exe") -> dict[str, object]:
    """A listener."""
    return _row(local, "0.0.0.0:0", process) | {"state": "LISTENING", "listening": True}


def made(*hosts: tuple[str, str | None, tuple[Row, ...]], wanted: Wanted | None = None) -> TalkMap:
    """The map of hosts: of each its target, which is its address, its name and its rows."""
    found = TalkMap(wanted or Wanted())
    for target, name, rows in hosts:
        found.add_answered(target, name, target, rows)
    return found


def only(found: TalkMap, by: By = "edge") -> Edge:
    """The only edge of a map."""
    (edge,) = found.edges(by)
    return edge


def short(edge: Edge) -> tuple[object, ...]:
    """Who calls whom."""
    return (edge.client, edge.client_process, edge.server, edge.server_process, edge.port)


def _row(local: str, remote: str, process: str | None) -> dict[str, object]:
    (here, at), (there, to) = (end.rsplit(":", 1) for end in (local, remote))
    return {
        "protocol": "tcp",
        "local_address": here,
        "local_port": int(at),
        "local_service": None,
        "remote_address": there,
        "remote_port": int(to),
        "remote_service": None,
        "process": process,
    }
