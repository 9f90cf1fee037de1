"""Clients that have come some way already."""

from tests.unit.lab.smb.client import Peer
from tests.unit.lab.smb.host import Bell, machine

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.smb.clients import Clients


def negotiated(host: Machine, clients: Clients | None = None) -> Peer:
    """A client that has agreed on 3.1.1."""
    peer = Peer(host, clients)
    peer.negotiate(0x0311)
    return peer


def ready(host: Machine, share: str = "C$", clients: Clients | None = None) -> Peer:
    """A client that has logged in with 3.1.1, signs, and is connected to a share."""
    peer = Peer(host, clients)
    peer.negotiate(0x0311)
    assert not peer.log_in().status
    assert not peer.connect(share).status
    return peer


def ringing() -> tuple[Machine, Bell, Peer, bytes]:
    """A client with a pipe open."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$")
    return host, bell, peer, peer.open("bell")


def bob(host: Machine, access: int = 0xC0010000) -> tuple[Peer, bytes]:
    """A client with bob's folder open."""
    peer = ready(host)
    return peer, peer.open("Users\\bob", access=access)
