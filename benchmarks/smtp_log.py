"""Reading an Exchange protocol log, against a script of regexes; and its memory; no bed.

The log is a send log of hourly files: sessions of one message each that overlap, a thousandth of
them stuck after 354. CPU time is compared: the readers take turns, and the least counts.
"""

import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import naive_smtp_log
from benchmarks.rounds import python, verdict

from hostprobe.evidence.smtp_log import Item, LogReader, Session, blocks

_MB = 1_000_000
_SMALL_MB, _LARGE_MB = 50, 500
_ROUNDS = 3
_LEAST = 5.0
_MEMORY_LIMIT = 1.1
_CHUNK: Final = 1 << 20
_START: Final = datetime(2026, 1, 8, tzinfo=UTC)
_HEADER: Final = (
    "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n"
    "#Log-type: SMTP Send Protocol Log\r\n#Date: 2026-01-08T00:00:00.000Z\r\n"
    "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,"
    "event,data,context\r\n"
)
_DIALOGUE: Final = (
    "*,,attempting to connect",
    "+,,",
    '<,"220 mx.example.com ESMTP Service ready at Thu, 8 Jan 2026 22:36:19 +0000",',
    ">,EHLO exch01.example.org,",
    "<,250-mx.example.com Hello [10.1.2.3],",
    "<,250-SIZE 37748736,",
    "<,250-PIPELINING,",
    "<,250 ENHANCEDSTATUSCODES,",
    "*,{number},sending message with RecordId {number} and InternetMessageId <{number}@example>",
    ">,MAIL FROM:<sender{number}@example.org> SIZE={size},",
    "<,250 2.1.0 Sender OK,",
    ">,RCPT TO:<someone{number}@example.com>,",
    "<,250 2.1.5 Recipient OK,",
    ">,DATA,",
    "<,354 Start mail input; end with <CRLF>.<CRLF>,",
    '<,"250 2.6.0 <{number}@example> [InternalId={number}, Hostname=mx] Queued mail for delivery",',
    ">,QUIT,",
    "<,221 2.0.0 Service closing transmission channel,",
    "-,,Local",
)
_ANSWER: Final = 15
_CUT: Final = "-,,Remote"


def main() -> None:
    """Print how many times as fast the reader is, and its memory."""
    with TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        _write(small, _SMALL_MB)
        _write(large, _LARGE_MB)
        _print_memory(small, large)  # first, as a child's peak is at least its parent's
        _print_pace(small)


def _print_memory(small: Path, large: Path) -> None:
    small_mb, _ = _run(small)
    large_mb, took_s = _run(large)
    print(f"{_LARGE_MB} MB in {took_s:.1f} s: {_LARGE_MB / took_s:.0f} MB a second")
    ratio = large_mb / small_mb
    kept = verdict(ratio, _MEMORY_LIMIT)
    print(f"memory {large_mb:.1f} MB / {small_mb:.1f} MB = {ratio:.2f} {kept}")


def _print_pace(folder: Path) -> None:
    readers = {"hostprobe": _ours, "naive": _naive, "naive, with fromisoformat": _naive_iso}
    best = dict.fromkeys(readers, float("inf"))
    for _ in range(_ROUNDS):
        found = set()
        for name, reader in readers.items():
            took_s, sessions = _timed(reader, folder)
            best[name] = min(best[name], took_s)
            found.add(sessions)
        if len(found) > 1:
            message = f"they found different sessions: {found}"
            raise SystemExit(message)
    ours_s = best.pop("hostprobe")
    print(f"{_SMALL_MB / ours_s:.0f} MB a second of CPU")
    for name, took_s in best.items():
        least = f" (at least {_LEAST:g})" if name == "naive" else ""
        missed = ", MISSED" if least and took_s / ours_s < _LEAST else ""
        print(f"{name} / hostprobe: {took_s / ours_s:.1f}{least}{missed}")


def _timed(
    reader: Callable[[Path], Counter[str]], folder: Path
) -> tuple[float, tuple[int, int, int]]:
    """Seconds of CPU, and how many sessions were well, how many stuck, and how many there are."""
    start = time.process_time()
    found = reader(folder)
    took_s = time.process_time() - start
    return took_s, (found["accepted"], found["no_reply"], found.total())


def _ours(folder: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for item in _items(folder):
        if isinstance(item, Session):
            found[item.outcome] += 1
    return found


def _items(folder: Path) -> Iterator[Item]:
    reader = LogReader("send")
    for path in sorted(folder.iterdir()):
        with path.open("rb") as stream:
            chunks = iter(lambda: stream.read(_CHUNK), b"")
            yield from reader.read(blocks(chunks), path.name)
    yield from reader.finish()


def _naive(folder: Path) -> Counter[str]:
    return naive_smtp_log.read(sorted(folder.iterdir()), naive_smtp_log.parse_exact)


def _naive_iso(folder: Path) -> Counter[str]:
    return naive_smtp_log.read(sorted(folder.iterdir()), datetime.fromisoformat)


def _write(folder: Path, megabytes: int) -> None:
    """Hourly files of a log, the same in each run."""
    folder.mkdir()
    chosen = random.Random(1)  # noqa: S311  # no secret
    at, number, written = _START, 0, 0
    active: list[tuple[int, Iterator[str]]] = []
    while written < megabytes * _MB:
        path = folder / f"SEND{at:%Y%m%d%H}-1.LOG"
        hour = at.replace(minute=0) + timedelta(hours=1)
        with path.open("w", encoding="ascii", newline="") as stream:
            stream.write(_HEADER)
            while at < hour.replace(second=0, microsecond=0) and written < megabytes * _MB:
                while len(active) < 20:
                    active.append((number, _dialogue(number, chosen)))
                    number += 1
                place = chosen.randrange(20)
                line = next(active[place][1], None)
                if line is None:
                    del active[place]
                    continue
                at += timedelta(milliseconds=chosen.randrange(60))
                moment = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
                written += stream.write(f"{moment},{line}")


def _dialogue(number: int, chosen: random.Random) -> Iterator[str]:
    key, port, size = (
        f"08DE{number:012X}",
        1024 + number % 60_000,
        chosen.randrange(1_000, 9_000_000),
    )
    is_stuck = chosen.random() < 0.001
    for sequence, rest in enumerate((*_DIALOGUE[:_ANSWER], _CUT) if is_stuck else _DIALOGUE):
        local = "" if sequence == 0 else f"10.1.2.3:{port}"
        told = rest.format(number=number, size=size)
        yield f"To the relay,{key},{sequence},{local},10.1.9.9:25,{told}\r\n"


def _run(folder: Path) -> tuple[float, float]:
    """Peak memory in MB and seconds of a process that reads a folder."""
    start = time.perf_counter()
    done = subprocess.run(
        python("-m", "benchmarks.smtp_log", str(folder)), stdout=subprocess.PIPE, check=True
    )
    return float(done.stdout), time.perf_counter() - start


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _ours(Path(sys.argv[1]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
    else:
        main()
