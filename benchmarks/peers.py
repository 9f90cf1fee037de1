"""The same question to 200 lab hosts, as hostprobe asks it and as its users would without it.

Neither peer waits for a pipe that comes late, so the hosts are prompt. impacket's script is asked
fewer hosts, as it takes a process for each. Linux only.
"""

import importlib.util
import os
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks.network import PORT, Kind, Network, Took, network, sweep
from benchmarks.rounds import COMMAND, python, verdict

_HERE = Path(__file__).parent
_HOSTS = 200
_FEW = 48
_JOBS = 32
_ROUNDS = 3
_LEAST_RATIO = 2.5
_CPU_LIMIT_MS = 22.0


def main() -> None:
    """Print the pace and the CPU of each, and how many times as fast hostprobe is."""
    with network(_HOSTS, Kind(scenario="prompt")) as found:
        took: dict[str, list[Took]] = {"hostprobe": [], "pypsexec": [], "impacket": []}
        for _ in range(_ROUNDS):
            took["hostprobe"].append(sweep(found, _JOBS))
            took["pypsexec"].append(_pool(found))
        if importlib.util.find_spec("impacket"):
            took["impacket"].append(_processes(found))
        else:
            print("impacket is not installed: python -m pip install --group bench")
    best = {name: max(each, key=lambda one: one.pace) for name, each in took.items() if each}
    for name, one in best.items():
        print(f"{name}: {one.pace:.1f} hosts/s, {one.cpu_ms:.1f} ms of CPU a host")
    print(f"hostprobe's CPU a host {verdict(best['hostprobe'].cpu_ms, _CPU_LIMIT_MS)}")
    for name in best.keys() - {"hostprobe"}:
        ratio = best["hostprobe"].pace / best[name].pace
        kept = "" if ratio >= _LEAST_RATIO else ", MISSED"
        print(f"hostprobe / {name}: {ratio:.1f} times the pace (at least {_LEAST_RATIO}{kept})")


def _addresses(found: Network) -> tuple[str, ...]:
    return tuple(target.partition(":")[0] for target in found.targets)


def _pool(found: Network) -> Took:
    user = found.environment["HOSTPROBE_USERNAME"]
    words = (str(_HERE / "pypsexec_pool.py"), str(_JOBS), str(PORT), user, COMMAND)
    return _timed(found, [python(*words, *_addresses(found))], _HOSTS)


def _processes(found: Network) -> Took:
    user = found.environment["HOSTPROBE_USERNAME"]
    script = str(_HERE / "impacket_psexec.py")
    commands = [python(script, host, str(PORT), user, COMMAND) for host in _addresses(found)]
    return _timed(found, commands[:_FEW], _FEW)


def _timed(found: Network, commands: Sequence[Sequence[str]], hosts: int) -> Took:
    """What the programs take, so many of them at a time; ends everything where one fails."""
    before, start = os.times(), time.perf_counter()
    run = partial(
        subprocess.run, env={**os.environ, **found.environment}, capture_output=True, check=False
    )
    with ThreadPoolExecutor(_JOBS) as pool:
        ended = list(pool.map(run, commands))
    wall_s, after = time.perf_counter() - start, os.times()
    if failed := [one for one in ended if one.returncode]:
        raise SystemExit(failed[0].stderr.decode(errors="replace")[-2000:])
    used_s = sum(after[2:4]) - sum(before[2:4])  # of children that have ended
    return Took(hosts, wall_s, 1000 * used_s / hosts, 0.0)


if __name__ == "__main__":
    main()
