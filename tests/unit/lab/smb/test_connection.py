"""Frames, delays, quirks and the end of a connection."""

import asyncio
import logging
import struct
from typing import TYPE_CHECKING

import pytest
from tests.unit.lab.smb.bodies import read
from tests.unit.lab.smb.client import Peer, Wire
from tests.unit.lab.smb.host import Bell, machine
from tests.unit.lab.smb.ready import negotiated, ready

from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.smb.clients import Clients
from hostprobe.lab.smb.connection import Connection
from hostprobe.lab.smb.headers import Command

if TYPE_CHECKING:
    from hostprobe.lab.machine.machine import Event

ECHO = struct.pack("<HH", 4, 0)


def test_frames_may_come_in_pieces_and_together() -> None:
    """Neither a byte at a time nor two frames at once change what is answered."""
    peer = negotiated(machine())
    echo = peer.pack(Command.ECHO, ECHO)
    framed = len(echo).to_bytes(4, "big") + echo
    for byte in framed:
        peer.connection.data_received(bytes([byte]))
    assert len(peer.answers()) == 1
    peer.connection.data_received(framed + framed)
    assert len(peer.answers()) == 2


@pytest.mark.parametrize(
    "prefix",
    [b"\x81\0\0\x44", b"\0\xff\xff\xff", b"GET ", struct.pack(">I", (8 << 20) + (65 << 10))],
)
def test_what_is_no_frame_ends_the_connection(prefix: bytes) -> None:
    """NetBIOS, another protocol and a frame that is too long are dropped, not kept."""
    events: list[Event] = []
    peer = Peer(machine(events))
    peer.connection.data_received(prefix)
    assert peer.wire.is_aborted
    assert [event.what for event in events] == ["connected", "dropped", "disconnected"]
    assert events[1].detail == "127.0.0.1:53412: no SMB frame"


def test_a_client_that_takes_nothing_is_read_no_more() -> None:
    """While its answers pile up nothing is read, and afterwards everything is answered."""
    peer = negotiated(machine())
    peer.connection.pause_writing()
    echo = peer.pack(Command.ECHO, ECHO)
    framed = len(echo).to_bytes(4, "big") + echo
    peer.connection.data_received(framed * 3)
    assert (peer.answers(), peer.wire.reads) == ([], False)
    peer.connection.resume_writing()
    assert (len(peer.answers()), peer.wire.reads) == (3, True)


def test_latency_comes_before_each_message() -> None:
    """A slow host reads one message after the other, and nothing else meanwhile."""

    async def run() -> None:
        host = machine()
        peer = negotiated(host)
        host.quirks = Quirks(latency_s=0.001)
        echo = peer.pack(Command.ECHO, ECHO)
        peer.connection.data_received((len(echo).to_bytes(4, "big") + echo) * 2)
        assert (peer.answers(), peer.wire.reads) == ([], False)
        for _ in range(2):
            peer.wire.arrived.clear()
            await peer.wire.arrived.wait()
            assert len(peer.answers()) == 1
        assert peer.wire.reads
        assert peer.feed(echo) == []
        peer.wire.abort()

    asyncio.run(run())


def test_a_long_line_holds_up_each_message_alone() -> None:
    """Messages that are sent together are answered together, a round trip later, in their order."""

    async def run() -> None:
        host = machine()
        peer = negotiated(host)
        host.quirks = Quirks(round_trip_s=0.005, latency_s=60.0)
        echo = peer.pack(Command.ECHO, ECHO)
        began = asyncio.get_running_loop().time()
        peer.connection.data_received((len(echo).to_bytes(4, "big") + echo) * 3)
        assert (peer.answers(), peer.wire.reads) == ([], True)
        answers = 0
        while answers < 3:
            peer.wire.arrived.clear()
            await peer.wire.arrived.wait()
            answers += len(peer.answers())
        assert answers == 3
        assert asyncio.get_running_loop().time() >= began + 0.005
        peer.connection.data_received(len(echo).to_bytes(4, "big") + echo)
        peer.connection.connection_lost(None)  # what was on its way then never arrives
        await asyncio.sleep(0.02)
        assert peer.answers() == []

    asyncio.run(run())


def test_a_host_goes_silent_for_all() -> None:
    """After so many messages nothing is answered on any connection, not even what waited."""
    host, bell, clients = machine(), Bell(), Clients()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$", clients)
    peer.ask(Command.READ, read(peer.open("bell")))
    host.quirks = Quirks(silent_after=clients.messages + 1)
    assert not peer.ask(Command.ECHO, ECHO).status
    assert peer.feed(peer.protect(peer.pack(Command.ECHO, ECHO))) == []
    assert host.is_silent
    bell.pipes[0].push(b"late")
    assert peer.answers() == []
    other = Peer(host, clients)
    assert other.feed(other.pack(Command.NEGOTIATE, b"")) == []
    assert not other.wire.is_aborted


def test_one_connection_is_cut() -> None:
    """The first connection that comes so far is aborted at that message; the next ones are not."""
    events: list[Event] = []
    host, clients = machine(events, quirks=Quirks(cut_after=2)), Clients()
    for is_cut in (True, False):
        peer = negotiated(host, clients)
        assert len(peer.feed(peer.pack(Command.ECHO, ECHO))) == (not is_cut)
        assert peer.wire.is_aborted == is_cut
    assert [event.detail for event in events if event.what == "dropped"] == ["127.0.0.1:53412: cut"]


def test_all_connections_can_be_ended() -> None:
    """A host that goes down breaks every connection."""
    host, clients = machine(), Clients()
    peers = [negotiated(host, clients) for _ in range(3)]
    clients.disconnect()
    assert [peer.wire.is_aborted for peer in peers] == [True] * 3
    assert not clients.live


def test_a_bug_ends_one_connection_alone(caplog: pytest.LogCaptureFixture) -> None:
    """An error nobody thought of is logged and ends the connection; the host goes on."""
    host = machine(shares=None)
    clients = Clients()
    peer = negotiated(host, clients)
    peer.log_in()
    path = "\\\\h\\C$".encode("utf-16-le")
    request = peer.pack(Command.TREE_CONNECT, struct.pack("<HHHH", 9, 0, 72, len(path)) + path)
    with caplog.at_level(logging.ERROR):
        assert peer.feed(peer.protect(request)) == []
    assert peer.wire.is_aborted
    assert "a bug in the emulation" in caplog.text
    assert not negotiated(host, clients).log_in().status


def test_a_client_that_is_gone_at_once_has_no_address() -> None:
    """A connection that was reset before it was taken does no harm."""
    events: list[Event] = []
    wire = Wire(peer=None)
    wire.protocol = Connection(machine(events), Clients())
    wire.protocol.connection_made(wire)
    wire.abort()
    assert [event.detail for event in events] == ["0.0.0.0:0", "0.0.0.0:0"]


def test_what_comes_after_the_end_is_lost() -> None:
    """A late answer to a client whose connection is broken goes nowhere."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$")
    peer.ask(Command.READ, read(peer.open("bell")))
    peer.wire.abort()
    bell.pipes[0].push(b"x")
    assert peer.answers() == []
    assert bell.pipes[0].is_closed


def test_a_long_frame_needs_a_log_in() -> None:
    """Before a log-in the longest frame is 128 KiB, so that strangers cannot fill the memory."""
    prefix = struct.pack(">I", 128 << 10)
    for peer, is_dropped in ((negotiated(machine()), True), (ready(machine()), False)):
        peer.connection.data_received(prefix)
        assert peer.wire.is_aborted == is_dropped


def test_a_stranger_makes_room() -> None:
    """One more than there may be ends the oldest connection without a log-in, if there is one."""
    host, clients = machine(), Clients()
    known, stranger = ready(host, clients=clients), negotiated(host, clients)
    assert clients.make_room(3)
    assert not stranger.wire.is_aborted
    assert clients.make_room(2)
    assert (known.wire.is_aborted, stranger.wire.is_aborted) == (False, True)
    assert not clients.make_room(1)
