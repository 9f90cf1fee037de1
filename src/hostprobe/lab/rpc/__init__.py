"""The host's RPC services, each behind its pipe.

Source: [MS-RPCE] 2.1.1.2 (RPC over SMB).
"""

from functools import partial

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.rpc import lsarpc, srvsvc, svcctl, wkssvc
from hostprobe.lab.rpc.endpoint import connect

__all__ = ["register"]

_INTERFACES = (svcctl.INTERFACE, srvsvc.INTERFACE, wkssvc.INTERFACE, lsarpc.INTERFACE)


def register(machine: Machine) -> None:
    """Create the pipes of all interfaces."""
    for interface in _INTERFACES:
        machine.pipes.create(interface.pipe, partial(connect, interface, machine))
