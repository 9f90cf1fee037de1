"""Calls whose arguments make no sense."""

import random

import pytest
from tests.unit.lab.rpc.client import FAULT, REQUEST, RESPONSE, Client, answers, head, pdu
from tests.unit.lab.rpc.client import request_body as body
from tests.unit.lab.rpc.svcctl.manager import Manager, creation, host

from hostprobe.lab.rpc import lsarpc, srvsvc, svcctl, wkssvc
from hostprobe.lab.rpc.interface import Interface


@pytest.mark.parametrize(
    "interface", [svcctl.INTERFACE, srvsvc.INTERFACE, wkssvc.INTERFACE, lsarpc.INTERFACE]
)
def test_noise(interface: Interface) -> None:
    """Every call answers any arguments with results or a fault, and the pipe stays open."""
    noise = random.Random(interface.version)  # noqa: S311 - a fixed seed, no secret
    of = host()
    rpc = Client(of, interface.pipe, str(interface.uuid), interface.version)
    handles = [bytes(20)]
    if interface is svcctl.INTERFACE:
        manager = Manager(of)
        rpc = manager.rpc
        handles += [manager.handle, manager.service("Dnscache")]
    for opnum in sorted(interface.operations.keys() - {0}):  # 0 would close the handles
        for _ in range(100):
            words = (noise.choice((0, 1, 2, 3, 5, 100, 8192, 0xFFFFFFFF)) for _ in range(12))
            stub = b"".join(word.to_bytes(4, "little") for word in words)
            stub = noise.choice(handles) + stub[: noise.randrange(49)]
            rpc.pipe.write(pdu(REQUEST, body(opnum, stub)))
            found = answers(rpc.pipe)
            assert {head(answer)[0] for answer in found} <= {RESPONSE, FAULT}
            assert found


def test_cut_arguments() -> None:
    """The arguments of a new service, cut anywhere before the last that counts, make none."""
    manager = Manager(host())
    whole = manager.handle + creation("Agent")
    for length in range(len(whole) - 8):
        assert manager.rpc.fault(12, whole[:length]) == 0x6F7
    assert manager.host.services.get("Agent") is None
