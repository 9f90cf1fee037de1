"""Real listings of ten languages parse to the counts known to be right, text and raw bytes.

Source: the folder named by HOSTPROBE_CORPUS, with its MANIFEST.jsonl.
"""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict

import pytest

from hostprobe.errors import UnknownOutputError
from hostprobe.models import Connection, Process
from hostprobe.probes import connections, processes
from hostprobe.transport.decoding import decode_saved

_CORPUS = os.environ.get("HOSTPROBE_CORPUS")
_COUNTS: dict[str, Callable[[Connection], bool]] = {
    "rows": lambda _: True,
    "tcp": lambda row: row.protocol == "tcp",
    "udp": lambda row: row.protocol == "udp",
    "rows_without_pid": lambda row: row.pid is None,
    "rows_pid0": lambda row: row.pid == 0,
    "ipv6": lambda row: ":" in f"{row.local.address}{row.remote.address}",
    "scoped": lambda row: "%" in f"{row.local.address}{row.remote.address}",
    "udp_with_peer": lambda row: row.protocol == "udp" and row.remote.address is not None,
}


class _Sample(TypedDict, total=False):
    file: str
    raw: str
    kind: str
    rows: int


def _samples() -> list[_Sample]:
    if _CORPUS is None:
        return []
    lines = (Path(_CORPUS) / "MANIFEST.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _versions(samples: Sequence[_Sample], *folders: str) -> list[object]:
    """The text of each sample, and its raw bytes where the original was not UTF-8."""
    return [
        pytest.param(sample, path, id=path)
        for sample in samples
        if sample["file"].startswith(folders)
        for path in (sample["file"], sample.get("raw"))
        if path is not None
    ]


def _text(path: str) -> str:
    assert _CORPUS is not None
    return decode_saved((Path(_CORPUS) / path).read_bytes())


def test_the_corpus_is_there() -> None:
    """Whoever runs the tests without the corpus is told so."""
    if _CORPUS is None:
        pytest.skip("HOSTPROBE_CORPUS is not set: the corpus lies outside the project")
    assert _samples()


@pytest.mark.parametrize(("sample", "path"), _versions(_samples(), "netstat"))
def test_netstat(sample: _Sample, path: str) -> None:
    """A real netstat gives as many connections of each sort as were counted by hand."""
    rows = connections.parse(_text(path)).rows

    counted = {name: sum(map(fits, rows)) for name, fits in _COUNTS.items()}
    assert counted == {name: sample.get(name) for name in _COUNTS}


@pytest.mark.parametrize(("sample", "path"), _versions(_samples(), "tasklist", "pslist"))
def test_process_list(sample: _Sample, path: str) -> None:
    """A real tasklist, PsList or `query process` gives its processes and loses no line."""
    parsed = processes.parse(_text(path))

    assert len(parsed.rows) == sample["rows"]
    assert set(parsed.unparsed) <= {"..."}
    assert _has_what_it_lists(sample["kind"], parsed.rows)


def _has_what_it_lists(kind: str, rows: Sequence[Process]) -> bool:
    if "/svc" in kind:
        return all(row.services is not None for row in rows) and any(row.services for row in rows)
    if "tasklist" in kind and "/m" not in kind:
        has_cpu_time = all((row.cpu_time_s is not None) == ("/v" in kind) for row in rows)
        return has_cpu_time and sum(row.memory_bytes is None for row in rows) <= 1
    return all(row.services is None for row in rows)


@pytest.mark.parametrize(("sample", "path"), _versions(_samples(), "powershell", "wmic"))
def test_other_programs(sample: _Sample, path: str) -> None:
    """A listing of PowerShell or wmic is refused in one line that says what can be read."""
    with pytest.raises(UnknownOutputError, match=r"PowerShell or wmic.*tasklist") as caught:
        processes.parse(_text(path))

    assert "\n" not in str(caught.value), sample["kind"]
