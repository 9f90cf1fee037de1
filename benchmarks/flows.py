"""Reading a flow cache, against textfsm with the nearest template of ntc-templates; no bed.

The rows are equal, and such as the template reads without loss: upper-case hexadecimal, counts
without K and M, no blocks. CPU time is compared: the readers take turns, and the least counts.
"""

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import ntc_templates
import textfsm
from benchmarks.rounds import installed, python, verdict

from hostprobe.analysis.community_id import community_id
from hostprobe.evidence import iana
from hostprobe.evidence.flows import Flow, Item, read
from hostprobe.evidence.lines import split_lines

_ROWS = 200_000
_MILLION = 1_000_000
_ROUNDS = 5
_LEAST_ALONE, _LEAST_NAMED = 3.0, 1.5
_MEMORY_LIMIT = 1.1
_CHUNK: Final = 1 << 16
_COMMANDS: Final = ("-f jsonl", "-f csv", "--sort=-packets", "--top 10", "--interesting")
_HEADER: Final = "SrcIf         SrcIPaddress    DstIf         DstIPaddress    Pr SrcP DstP  Pkts\n"
_TEMPLATE: Final = (
    Path(ntc_templates.__file__).parent / "templates/cisco_ios_show_ip_flow_toptalkers.textfsm"
)


def main() -> None:
    """Print how many times as fast the parser is, alone and with names, and its memory."""
    with TemporaryDirectory() as folder:
        few, many = Path(folder, "few"), Path(folder, "many")
        _write(few, _ROWS)
        _write(many, _MILLION)
        _print_memory(few, many)  # first, as a child's peak is at least its parent's
        _print_pace(few)


def _print_memory(few: Path, many: Path) -> None:
    few_mb, _ = _run(few)
    many_mb, took_s = _run(many)
    ratio = many_mb / few_mb
    print(f"{_MILLION} rows with names in {took_s:.1f} s")
    kept = verdict(ratio, _MEMORY_LIMIT)
    print(f"memory {many_mb:.1f} MB / {few_mb:.1f} MB = {ratio:.2f} {kept}")
    for options in _COMMANDS:
        few_mb, _ = _run_command(few, options)
        many_mb, took_s = _run_command(many, options)
        ratio = many_mb / few_mb
        told = f"hostprobe flows {options}: {took_s:.0f} s, {many_mb:.1f} MB / {few_mb:.1f} MB"
        print(f"{told} = {ratio:.2f} {verdict(ratio, _MEMORY_LIMIT)}")


def _print_pace(path: Path) -> None:
    best = dict.fromkeys(_READERS, float("inf"))
    for _ in range(_ROUNDS):
        for name, reader in _READERS.items():
            best[name] = min(best[name], _cpu_s(reader, path))
    for name, least in (("alone", _LEAST_ALONE), ("named", _LEAST_NAMED)):
        ratio = best["textfsm"] / best[name]
        kept = "" if ratio >= least else ", MISSED"
        each_us = 1e6 * best[name] / _ROWS
        print(f"textfsm / {name}: {ratio:.1f} ({each_us:.1f} us a row; at least {least}{kept})")


def _write(path: Path, rows: int) -> None:
    """A listing of random flows, the same in each run."""
    chosen = random.Random(1)  # noqa: S311  # no secret
    with path.open("w", encoding="ascii") as stream:
        stream.write(_HEADER)
        for _ in range(rows):
            ends = chosen.getrandbits(24), chosen.getrandbits(24)
            source, destination = (f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in ends)
            ports = f"{chosen.getrandbits(16):04X} {chosen.getrandbits(16):04X}"
            protocol = chosen.choice(("06", "11", "06", "01"))
            interfaces = f"Gi0/{chosen.randrange(8)}", f"Gi1/{chosen.randrange(8)}"
            stream.write(
                f"{interfaces[0]:<13} {source:<15} {interfaces[1]:<13} {destination:<15} "
                f"{protocol} {ports} {chosen.randrange(99_999):>5}\n"
            )


def _cpu_s(reader: Callable[[Path], int], path: Path) -> float:
    """What it takes to read a file once; ends everything where rows are missing."""
    start = time.process_time()
    rows = reader(path)
    took_s = time.process_time() - start
    if rows != _ROWS:
        message = f"{reader.__name__} read {rows} of {_ROWS} rows"
        raise SystemExit(message)
    return took_s


def _items(path: Path) -> Iterator[Item]:
    with path.open(encoding="utf-8", newline="") as stream:
        chunks = iter(lambda: stream.read(_CHUNK), "")
        yield from read(split_lines(chunks), source=path.name)[1]


def _alone(path: Path) -> int:
    return sum(isinstance(item, Flow) for item in _items(path))


def _named(path: Path) -> int:
    rows = 0
    for item in _items(path):
        if isinstance(item, Flow) and item.protocol is not None:
            iana.protocol_name(item.protocol)
            for port in (item.source_port, item.destination_port):
                if port is not None:
                    iana.service_name(item.protocol, port)
            rows += community_id(item) is not None
    return rows


def _textfsm(path: Path) -> int:
    with _TEMPLATE.open(encoding="utf-8") as template:
        return len(textfsm.TextFSM(template).ParseText(path.read_text("ascii")))


_READERS: Final = {"alone": _alone, "named": _named, "textfsm": _textfsm}


def _run(path: Path) -> tuple[float, float]:
    """Peak memory in MB and seconds of a process that reads a file."""
    start = time.perf_counter()
    done = subprocess.run(
        python("-m", "benchmarks.flows", str(path)), stdout=subprocess.PIPE, check=True
    )
    return float(done.stdout), time.perf_counter() - start


def _run_command(path: Path, options: str) -> tuple[float, float]:
    """Peak memory in MB and seconds of the command; ends everything where it fails."""
    start = time.perf_counter()
    arguments = (*installed("hostprobe"), "flows", str(path), *options.split())
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        message = f"hostprobe flows {options} ended with {child.returncode}"
        raise SystemExit(message)
    return used.ru_maxrss / 1000, time.perf_counter() - start


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _named(Path(sys.argv[1]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
    else:
        main()
