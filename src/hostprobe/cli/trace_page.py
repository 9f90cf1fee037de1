"""A traced flow as a person reads it: its connections, who is behind each end, and what to do."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from hostprobe.actions._guards import critical, never
from hostprobe.analysis import trace
from hostprobe.analysis.trace import Side, TracedSocket
from hostprobe.cli.options import HostOptions
from hostprobe.cli.traced import Traced, TracedEnd, unread
from hostprobe.errors import OutsideScopeError
from hostprobe.snapshot import Snapshot
from hostprobe.sweep import NotAsked

_MOST_CONNECTIONS: Final = 20
_MOST_PROCESSES: Final = 10
_MOST_CHARACTERS: Final = 400
_LABELS: Final = {"listener": "listener", "same_ports": "same ports"}
# What stands in a line that is to be pasted into a shell must mean nothing to any shell.
_PLAIN_IMAGE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+ -]{0,99}")
_PLAIN_USER: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.@\\ -]{0,99}")

_Link = dict[str, TracedSocket]


def page(traced: Traced, hosts: HostOptions) -> Iterator[str]:
    """The lines; their text is the hosts': sanitise, then print."""
    links: dict[int, _Link] = {}
    for end in traced.ends:
        for socket in end.sockets:
            if socket.number is not None:
                links.setdefault(socket.number, {})[end.name] = socket
    yield from _links(traced, [links[number] for number in sorted(links)])
    yield from (f"  {note}" for note in traced.notes)
    for end in traced.ends:
        yield ""
        yield from _end(end)
    if kills := dict.fromkeys(line for end in traced.ends for line in _kills(end, hosts)):
        yield ""
        yield "To end a process, after a plan and a yes:"
        yield from kills


def _links(traced: Traced, links: list[_Link]) -> Iterator[str]:
    flow = traced.flow
    count = "" if flow.packets is None else f", packets: {flow.packets:,}"
    if not links:
        ends = " -> ".join(map(_side, (flow.source, flow.destination)))
        yield f"{ends}   {flow.protocol}{count}"
    for link in links[:_MOST_CONNECTIONS]:
        yield _link(traced, link) + count
    if (more := len(links) - _MOST_CONNECTIONS) > 0:
        yield f"and {more:,} more; -f json has them"


def _link(traced: Traced, link: _Link) -> str:
    source, destination = link.get("source"), link.get("destination")
    ends = [
        f"{place} {_who(end, socket)}"
        for end, place, socket in zip(
            traced.ends, _places(traced, source, destination), (source, destination), strict=True
        )
    ]
    states = dict.fromkeys(socket.state for socket in link.values() if socket.state)
    times = [socket.connection_created_at for socket in link.values()]
    since = (f"since {time:%Y-%m-%d %H:%M:%S} UTC" for time in times[:1] if time is not None)
    return f"{' -> '.join(ends)}   {' '.join((traced.flow.protocol, *states, *since))}"


def _places(
    traced: Traced, source: TracedSocket | None, destination: TracedSocket | None
) -> tuple[str, str]:
    """The two ends' addresses and ports, as the source has them where it has the connection."""
    if traced.flow.protocol == "udp":  # its sockets have no peer, and often no address
        return _side(traced.flow.source), _side(traced.flow.destination)
    if source:
        return _local(source), _remote(source)
    return (_remote(destination), _local(destination)) if destination else ("?", "?")


def _who(end: TracedEnd, socket: TracedSocket | None) -> str:
    if socket is None:
        return _absent(end)
    if socket.finding == "closed":
        return "(closed, owner gone)"
    if socket.process is None:
        return "(owner unknown)" if socket.pid is None else f"(PID {socket.pid}, name unknown)"
    known = filter(None, (f"PID {socket.pid}", socket.user))
    return _bounded(f"{socket.process} ({', '.join(known)})")


def _absent(end: TracedEnd) -> str:
    answer = end.end.answer
    if isinstance(answer, Snapshot):
        return "(not in its netstat)"
    is_spared = isinstance(answer, NotAsked) or isinstance(answer.error, OutsideScopeError)
    return "(not asked)" if is_spared else "(did not answer)"


def _end(end: TracedEnd) -> Iterator[str]:
    answer, host = end.end.answer, end.end.side.host
    if not isinstance(answer, Snapshot):
        yield _bounded(f"{end.name} {host}: {trace.silence(end.end)}")
        return
    name = f", {answer.host_name}" if answer.host_name else ""
    yield f"{end.name} {host}{name}, asked {answer.collected_at:%Y-%m-%d %H:%M:%S} UTC"
    shown = _each_process(end)
    for socket in shown[:_MOST_PROCESSES]:
        yield from _process(socket)
    if (more := len(shown) - _MOST_PROCESSES) > 0:
        yield _line("", f"and {more:,} more; -f json has them")
    lines = len(unread(answer))
    ignored = (f"lines not understood: {lines}; -f json has them",) if lines else ()
    yield from (_line("note", note) for note in (*answer.notes, *end.notes, *ignored))


def _each_process(end: TracedEnd) -> list[TracedSocket]:
    """The first socket of each process."""
    found: dict[tuple[int | None, str], TracedSocket] = {}
    for socket in end.sockets:
        found.setdefault((socket.pid, socket.finding), socket)
    return list(found.values())


def _process(socket: TracedSocket) -> Iterator[str]:
    if socket.pid and socket.process is not None:
        yield _line(_LABELS.get(socket.finding, "process"), f"{socket.pid} {socket.process}")
        yield from (_line(label, text) for label, text in _details(socket) if text)
    if socket.note is not None and socket.finding != "closed":
        yield _line("note", socket.note)


def _details(socket: TracedSocket) -> Iterable[tuple[str, str | None]]:
    if socket.finding == "same_ports":
        yield "with", _remote(socket)
    started = socket.started_at
    yield "started", f"{started:%Y-%m-%d %H:%M:%S} UTC" if started else None
    yield "path", socket.path
    yield "command", socket.command_line
    yield "user", socket.user
    if socket.parent_pid is not None:
        yield "parent", f"{socket.parent_pid} {socket.parent or '(ended)'}"
    yield "services", ", ".join(socket.services or ())


def _kills(end: TracedEnd, hosts: HostOptions) -> Iterator[str]:
    """The commands that end its processes, for a person to paste."""
    for socket in _each_process(end)[:_MOST_PROCESSES]:
        if socket.is_of_the_flow and socket.process is not None and _may_end(end, socket):
            is_plain = _PLAIN_IMAGE.fullmatch(socket.process)
            expected = f" --expect {_word(socket.process)}" if is_plain else ""
            # An alias may be known only with the --inventory of this run: the address always is.
            host = _word(str(replace(end.target, alias=None)))
            yield f"  hostprobe kill {host}{_user(end, hosts)} --pid {socket.pid}{expected}"


def _may_end(end: TracedEnd, socket: TracedSocket) -> bool:
    """Whether it is known to be the owner, and `kill` would not refuse it."""
    listed = end.end.answer.processes if isinstance(end.end.answer, Snapshot) else None
    processes = {process.pid: process for process in listed.rows} if listed else {}
    process = processes.get(socket.pid or 0)
    if process is None or socket.recycled or never(process.pid, process.name):
        return False
    return critical(process, processes) is None


def _user(end: TracedEnd, hosts: HostOptions) -> str:
    """The account, where the environment does not say it anyway."""
    name = end.target.username or hosts.username or ""
    if name == os.environ.get("HOSTPROBE_USERNAME", "") or not _PLAIN_USER.fullmatch(name):
        return ""
    return f' -u "{name}"'


def _word(text: str) -> str:
    """One word for any shell; zsh takes the brackets of an IPv6 address for a pattern."""
    return f'"{text}"' if " " in text or "[" in text else text


def _side(side: Side) -> str:
    return side.host if side.port is None else _place(side.host, side.port)


def _local(socket: TracedSocket) -> str:
    return _place(socket.local_address, socket.local_port)


def _remote(socket: TracedSocket) -> str:
    return _place(socket.remote_address, socket.remote_port)


def _place(address: str | None, port: int | None) -> str:
    text = address or "*"
    return f"[{text}]:{port}" if ":" in text else f"{text}:{port}"


def _line(label: str, text: str) -> str:
    return f"  {label:<12}{_bounded(text)}"


def _bounded(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."
