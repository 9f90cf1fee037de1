"""Broken messages, at random."""

import asyncio
import logging
import random
import struct

import pytest
from tests.unit.lab.smb.bodies import LAST, change, control, create, listing, query, read, write
from tests.unit.lab.smb.client import Peer
from tests.unit.lab.smb.host import Bell, machine
from tests.unit.lab.smb.ready import ready

from hostprobe.lab.smb.clients import Clients
from hostprobe.lab.smb.headers import Command

ECHO = struct.pack("<HH", 4, 0)
CLOSE_LAST = struct.pack("<HHI16s", 24, 0, 0, LAST)


def _requests(peer: Peer, file_id: bytes) -> list[bytes]:
    """One of each kind that a client sends after its log-in."""
    rename = struct.pack("<B7xQI", 0, 0, 2) + b"x\0"
    wait = struct.pack("<qIBx", -1, 8, 1) + "bell".encode("utf-16-le")
    bodies = [
        (Command.ECHO, ECHO),
        (Command.CREATE, create("Windows\\win.ini")),
        (Command.CREATE, create("y", disposition=3, options=0x1040)),
        (Command.READ, read(file_id)),
        (Command.WRITE, write(file_id, b"content")),
        (Command.FLUSH, struct.pack("<HHI16s", 24, 0, 0, file_id)),
        (Command.QUERY_DIRECTORY, listing(file_id)),
        (Command.QUERY_INFO, query(file_id, 18)),
        (Command.QUERY_INFO, query(file_id, 0, 3)),
        (Command.SET_INFO, change(file_id, 10, rename)),
        (Command.SET_INFO, change(file_id, 4, bytes(40))),
        (Command.IOCTL, control(0x00110018, content=wait)),
        (Command.IOCTL, control(0x0011C017, file_id, b"x")),
        (
            Command.TREE_CONNECT,
            struct.pack("<HHHH", 9, 0, 72, 14) + "\\\\h\\C$".encode("utf-16-le"),
        ),
        (Command.CLOSE, CLOSE_LAST),
        (
            Command.SESSION_SETUP,
            struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, 12, 0) + b"NTLMSSP\0\1\0\0\0",
        ),
        (Command.CANCEL, ECHO),
    ]
    return [peer.pack(command, body) for command, body in bodies]


def _mutated(chance: random.Random, message: bytes) -> bytes:
    """A message with some bytes changed, cut or doubled."""
    raw = bytearray(message)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                raw[at] = chance.randrange(256)
            case 1:
                raw[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", bytes(4), b"\0\0\0\x80"))
            case 2:
                del raw[at:]
            case _:
                raw[at:at] = raw[at : at + chance.randrange(16)]
        if not raw:
            return b"\0"
    return bytes(raw)


@pytest.mark.parametrize("seed", range(4))
def test_mutated_messages_never_find_a_bug(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of broken messages, before and after a log-in, are refused or end a connection."""

    async def run() -> None:
        chance = random.Random(seed)  # noqa: S311 - the same each time
        host, bell, clients = machine(), Bell(), Clients()
        host.pipes.create("bell", bell.connect, instances=1 << 30)
        for _ in range(120):
            peer = ready(host, chance.choice(("C$", "IPC$")), clients)
            file_id = peer.ask(
                Command.CREATE, create(chance.choice(("bell", "z", "")), disposition=3)
            ).body[64:80]
            requests = _requests(peer, file_id)
            for _ in range(20):
                if peer.wire.is_aborted:
                    break
                chain = [_mutated(chance, chance.choice(requests)) for _ in range(2)]
                # the session's own marks are kept, or nothing but the door would be tried
                chain = [one[:40] + requests[0][40:48] + one[48:] for one in chain if len(one) > 64]
                if chain:
                    peer.seals = chance.random() < 0.2
                    peer.feed(peer.protect(*chain))
            peer.wire.abort()
            stranger = Peer(host, clients)
            stranger.feed(_mutated(chance, chance.choice(requests)))
            stranger.wire.abort()
        last = ready(host, "C$", clients)
        assert not last.ask(Command.ECHO, ECHO).status

    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    assert caplog.text == ""
