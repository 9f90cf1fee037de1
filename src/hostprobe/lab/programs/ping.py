"""Send echo requests, one a second.

Source: `ping [-t] [-n count] [-w timeout] target`; the exit code is 1 where nobody answered.
"""

import ipaddress

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.programs._arguments import options
from hostprobe.lab.programs._base import Console, Program

_WITH_VALUE = frozenset({"n", "w", "l", "i"})
_COUNT = 4


async def _run(console: Console, arguments: str) -> int:
    given = options(arguments, _WITH_VALUE)
    count = given.last("n", str(_COUNT))
    if len(given.rest) != 1 or not (count.isascii() and count.isdecimal() and int(count[:10])):
        console.print("", "Usage: ping [-t] [-n count] [-w timeout] target_name")
        return 1
    (target,) = given.rest
    if not _is_known(console.machine, target):
        console.print(
            f"Ping request could not find host {target}. Please check the name and try again."
        )
        return 1
    console.print("", f"Pinging {target} with 32 bytes of data:")
    sent = 0
    while "t" in given or sent < int(count[:10]):
        if sent:
            await console.drain()
            await console.machine.sleep(1)
        console.print(f"Reply from {target}: bytes=32 time<1ms TTL=128")
        sent += 1
    console.print(
        *("", f"Ping statistics for {target}:"),
        f"    Packets: Sent = {sent}, Received = {sent}, Lost = 0 (0% loss),",
        "Approximate round trip times in milli-seconds:",
        "    Minimum = 0ms, Maximum = 0ms, Average = 0ms",
    )
    return 0


def _is_known(machine: Machine, target: str) -> bool:
    """Whether it is an address or the host's own name."""
    if target.lower() in {"localhost", machine.name.lower(), machine.dns_name.lower()}:
        return True
    try:
        ipaddress.ip_address(target.partition("%")[0])
    except ValueError:
        return False
    return True


PROGRAM = Program(summary="Echo requests, one a second", run=_run, file="PING.EXE")
