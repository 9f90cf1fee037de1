"""The public API: what a script needs. A name is loaded when it is first used."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hostprobe.analysis.filters import ConnectionFilter, ProcessFilter
    from hostprobe.analysis.owners import OwnedConnection, owned
    from hostprobe.errors import HostError, HostprobeError
    from hostprobe.inventory.credentials import Credentials, Ticket
    from hostprobe.inventory.targets import Target, parse_target, read_targets
    from hostprobe.models import Connection, Endpoint, Parsed, Process
    from hostprobe.snapshot import Collector, Snapshot
    from hostprobe.transport.base import Connector, Session
    from hostprobe.transport.psexec import Options as SessionOptions
    from hostprobe.transport.psexec import connector
else:
    _HOMES = {
        "Collector": "snapshot.Collector",
        "Connection": "models.Connection",
        "ConnectionFilter": "analysis.filters.ConnectionFilter",
        "Connector": "transport.base.Connector",
        "Credentials": "inventory.credentials.Credentials",
        "Endpoint": "models.Endpoint",
        "HostError": "errors.HostError",
        "HostprobeError": "errors.HostprobeError",
        "OwnedConnection": "analysis.owners.OwnedConnection",
        "Parsed": "models.Parsed",
        "Process": "models.Process",
        "ProcessFilter": "analysis.filters.ProcessFilter",
        "Session": "transport.base.Session",
        "SessionOptions": "transport.psexec.Options",
        "Snapshot": "snapshot.Snapshot",
        "Target": "inventory.targets.Target",
        "Ticket": "inventory.credentials.Ticket",
        "connector": "transport.psexec.connector",
        "owned": "analysis.owners.owned",
        "parse_target": "inventory.targets.parse_target",
        "read_targets": "inventory.targets.read_targets",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        module, _, attribute = _HOMES[name].rpartition(".")
        return getattr(importlib.import_module(f"{__name__}.{module}"), attribute)


__all__ = [
    "Collector",
    "Connection",
    "ConnectionFilter",
    "Connector",
    "Credentials",
    "Endpoint",
    "HostError",
    "HostprobeError",
    "OwnedConnection",
    "Parsed",
    "Process",
    "ProcessFilter",
    "Session",
    "SessionOptions",
    "Snapshot",
    "Target",
    "Ticket",
    "connector",
    "owned",
    "parse_target",
    "read_targets",
]
