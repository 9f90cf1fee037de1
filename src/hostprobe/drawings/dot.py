r"""Edges in Graphviz' language, for `dot` and other programs; all of them, however many.

Source: graphviz.org/doc/info/lang.html. In a quoted text a backslash begins an escape such as `\N`,
and `&` an entity such as `&lt;`; names of nodes are numbers of ours.
"""

from collections.abc import Iterable
from typing import Final, TextIO

from hostprobe.analysis.edges import By, Edge
from hostprobe.drawings import _words

_HEAD: Final = """digraph hostprobe {
  rankdir=LR;
  node [shape=box, fontname="monospace", fontsize=10];
  edge [fontname="monospace", fontsize=9];
"""
_Host = tuple[str | None, str | None, str | None]


def write_dot(edges: Iterable[Edge], by: By, stream: TextIO) -> None:
    """Write a graph: a cluster for each host, in it a node for each process."""
    nodes: dict[tuple[_Host, str], int] = {}
    stream.write(_HEAD)
    for edge in edges:
        client = (edge.client, edge.client_name, edge.client_status)
        server = (edge.server, edge.server_name, edge.server_status)
        caller = _words.process(edge.client_process, by)
        called = _words.process(edge.server_process, by)
        start = nodes.setdefault((client, caller), len(nodes))
        end = nodes.setdefault((server, called), len(nodes))
        label = quoted(f"{_words.port(edge)}, {_words.counted(edge)}")
        style = "" if edge.seen_from == "both" else ", style=dashed"
        stream.write(f"  n{start} -> n{end} [label={label}{style}];\n")
    clusters: dict[_Host, list[tuple[int, str]]] = {}
    for (host, process), node in nodes.items():
        clusters.setdefault(host, []).append((node, process))
    for number, (host, inside) in enumerate(clusters.items()):
        stream.write(f"  subgraph cluster_{number} {{\n    label={_title(host)};\n")
        stream.writelines(f"    n{node} [label={quoted(process)}];\n" for node, process in inside)
        stream.write("  }\n")
    stream.write("}\n")


def quoted(text: str) -> str:
    """A text of a label that stands for nothing but itself."""
    safe = _words.shown(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'


def _title(host: _Host) -> str:
    target, name, status = host
    said = _words.status(status) or ("hosts that answered" if target is None else "")
    return quoted(" ".join(word for word in (name, target, said) if word))
