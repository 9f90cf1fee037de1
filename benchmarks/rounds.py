"""Programs timed side by side: they take turns, and the least time of each counts."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.winehost.host import BedError, WineHost, bed

ROUNDS = 10
COMMAND = "netstat -ano & tasklist /fo csv /nh"


def running_bed() -> WineHost:
    """The bed's settings; ends the program where the bed is not up."""
    try:
        bed("status")
    except BedError as error:
        message = f"{error} (start it with: tests/winehost/bed up)"
        raise SystemExit(message) from error
    return WineHost.from_settings(bed("settings"))


def python(*arguments: str) -> tuple[str, ...]:
    """The command line of a Python program of this environment."""
    return (sys.executable, *arguments)


def installed(program: str) -> tuple[str, ...]:
    """The command line of a program that was installed in this environment."""
    return (str(Path(sys.executable).with_name(program)),)


def timed(arguments: tuple[str, ...], environment: Mapping[str, str]) -> float:
    """Seconds that the program takes; ends everything where it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        arguments, env=os.environ | environment, capture_output=True, check=False, timeout=120
    )
    took = time.perf_counter() - start
    if done.returncode:
        said = done.stderr.decode(errors="replace")[-2000:]
        message = f"{arguments[1:3]} failed with {done.returncode}:\n{said}"
        raise SystemExit(message)
    return took


def least(
    contestants: Mapping[str, Callable[[], float]], *, rounds: int = ROUNDS
) -> dict[str, float]:
    """The least seconds of each, after one round that does not count."""
    best = dict.fromkeys(contestants, float("inf"))
    names = list(contestants)
    for count in range(rounds + 1):
        for name in names[count % len(names) :] + names[: count % len(names)]:
            took = contestants[name]()
            if count:
                best[name] = min(best[name], took)
    return best


def verdict(figure: float, limit: float) -> str:
    """The limit, and whether the figure keeps it."""
    return f"(limit {limit:g}{'' if figure <= limit else ', MISSED'})"


def show(name: str, took: float, peer: str, peer_took: float, limit: float) -> None:
    """Print one ratio beside its limit."""
    ratio = took / peer_took
    print(
        f"{name} / {peer}: {took:.3f} s / {peer_took:.3f} s = {ratio:.2f} {verdict(ratio, limit)}"
    )
