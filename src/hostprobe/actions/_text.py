"""A plan and its outcome in lines for a person; their text is the host's: sanitise, then print."""

from collections.abc import Iterable

from hostprobe.actions._outcome import KillOutcome, Respawn
from hostprobe.actions._plan import Identity, KillPlan, Victim
from hostprobe.models import Connection, Endpoint, Process

_MOST_CONNECTIONS = 10
_MOST_CHARACTERS = 400
_IDENTITIES: dict[Identity, str] = {
    "full": "full (PID, image, start time, host name)",
    "name only": "name only (PID, image, host name; no start time was to be had)",
}


def describe(plan: KillPlan) -> tuple[str, ...]:
    """Who is to be killed, with what a person needs to say yes or no."""
    lines = [
        _line("host", f"{plan.host_name}, asked {plan.collected_at:%Y-%m-%d %H:%M:%S} UTC"),
        _line("identity", _IDENTITIES[plan.identity]),
    ]
    for victim in plan.victims:
        lines.extend(_victim(victim))
    lines.extend(_line("note", note) for note in plan.notes)
    return tuple(lines)


def report(outcome: KillOutcome) -> tuple[str, ...]:
    """What became of them."""
    lines = [
        f"{outcome.host_name}: PID {fate.pid} ({_bounded(fate.name)}): {fate.detail}"
        for fate in outcome.fates
    ]
    lines.extend(came_back(outcome, respawn) for respawn in outcome.respawned)
    lines.extend(f"{outcome.host_name}: {_bounded(note)}" for note in outcome.notes)
    if outcome.error is not None:
        lines.append(str(outcome.error))
    return tuple(lines)


def came_back(outcome: KillOutcome, respawn: Respawn) -> str:
    """That a process came back there, and who started it."""
    return f"{outcome.host_name}: {_respawn(respawn)}"


def _victim(victim: Victim) -> Iterable[str]:
    process = victim.process
    yield _line("process", _who(process))
    if process.started_at:
        yield _line("started", f"{process.started_at:%Y-%m-%d %H:%M:%S} UTC")
    for label, value in (
        ("path", process.path),
        ("command", process.command_line),
        ("user", process.user),
    ):
        if value:
            yield _line(label, value)
    yield _line("parent", _parent(process, victim.parent))
    if process.services is not None:
        yield _line("services", ", ".join(process.services) or "none")
    yield _line("connections", str(len(victim.connections)))
    for connection in victim.connections[:_MOST_CONNECTIONS]:
        yield _line("", _connection(connection))
    if (more := len(victim.connections) - _MOST_CONNECTIONS) > 0:
        yield _line("", f"and {more} more")


def _respawn(respawn: Respawn) -> str:
    process = respawn.process
    text = f"{_bounded(process.name)} came back as PID {process.pid}"
    if respawn.parent is not None:
        text += f", started by {_who(respawn.parent)}"
    if process.services:
        text += f", for the service {', '.join(process.services)}"
    return f"{_bounded(text)}, and has ended again" if respawn.running is False else _bounded(text)


def _parent(process: Process, parent: Process | None) -> str:
    if parent is not None:
        return _who(parent)
    return "unknown" if process.parent_pid is None else f"{process.parent_pid} (ended)"


def _who(process: Process) -> str:
    return f"{process.pid} {process.name}"


def _connection(connection: Connection) -> str:
    ends = f"{_endpoint(connection.local)} -> {_endpoint(connection.remote)}"
    return f"{connection.protocol} {ends} {connection.state or ''}".rstrip()


def _endpoint(endpoint: Endpoint) -> str:
    address = endpoint.address or "*"
    port = endpoint.service or "*" if endpoint.port is None else endpoint.port
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _line(label: str, text: str) -> str:
    return f"{label:<12}{_bounded(text)}"


def _bounded(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."
