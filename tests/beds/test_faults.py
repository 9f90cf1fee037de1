"""A connection that breaks, or a host that falls silent, at any point: nothing stays behind."""

import signal
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest

from tests.beds.bed import Bed, Clean, limits
from tests.beds.program import Hostprobe
from tests.beds.proxy import Fault, Proxy

_BROKEN = {"connection_lost", "not_smb", "protocol"}
_SILENT = {"deadline", "not_smb", "unreachable", "command_timeout", "connection_lost"}


def _assert_failed_and_clean(
    hostprobe: Hostprobe, faults: Iterable[Fault], kinds: set[str]
) -> None:
    """Run through each fault, as many at once as the bed takes; the fixtures see what is left."""

    def run(fault: Fault) -> None:
        options = limits(hostprobe.bed) if fault.kind == "silence" else ()
        with Proxy(hostprobe.bed.port, fault=fault) as proxy:
            answer = hostprobe("connections", *options, port=proxy.port)
        if answer.exit_code == 0:  # the fault came after the answer
            assert answer.records("connection"), fault
            return
        assert answer.exit_code == 4, fault
        assert answer.error_kind in kinds, fault
        assert not answer.host["left_behind"], fault

    with ThreadPoolExecutor(hostprobe.bed.at_once) as threads:
        list(threads.map(run, faults))


@pytest.mark.parametrize("first", [0, 5, 10, 15])
def test_cut_after_a_message(hostprobe: Hostprobe, first: int) -> None:
    """Cut after any message up to the command's start, a second connection cleans up."""
    faults = [Fault(kind="cut", messages=number) for number in range(first, first + 5)]
    _assert_failed_and_clean(hostprobe, faults, _BROKEN)


def test_cut_near_the_end(hostprobe: Hostprobe) -> None:
    """Cut while the run is being cleaned up, a second connection finishes that."""
    with Proxy(hostprobe.bed.port) as whole:
        assert hostprobe("connections", port=whole.port).exit_code == 0
    (messages,) = whole.messages
    faults = [Fault(kind="cut", messages=messages - to_go) for to_go in range(1, 7)]
    _assert_failed_and_clean(hostprobe, faults, _BROKEN)


def test_cut_within_a_message(hostprobe: Hostprobe) -> None:
    """Cut in the middle of a message, such as the upload, it is the same."""
    faults = [Fault(kind="cut", octets=octets) for octets in (5, 1_000, 60_000, 200_000)]
    _assert_failed_and_clean(hostprobe, faults, _BROKEN)


@pytest.mark.parametrize(
    "messages",
    [(0, 1, 3, 4), (6, 9, 10), (12, 15, 18)],
    ids=["logging in", "preparing", "running"],
)
def test_silent_after_a_message(hostprobe: Hostprobe, messages: tuple[int, ...]) -> None:
    """A host that falls silent costs no more than the time allowed, and is left clean."""
    faults = [Fault(kind="silence", messages=number) for number in messages]
    _assert_failed_and_clean(hostprobe, faults, _SILENT)


@pytest.mark.parametrize("kind", ["cut", "silence"])
def test_gone_for_good(
    hostprobe: Hostprobe, bed: Bed, clean: Clean, kind: Literal["cut", "silence"]
) -> None:
    """Where the host itself is gone the exit code is 7, and what stays is named in full."""
    fault = Fault(kind=kind, messages=12, gone=True)  # the service runs by then
    with Proxy(bed.port, fault=fault) as proxy:
        answer = hostprobe("connections", *limits(bed), port=proxy.port)
    left = clean.left()
    bed.remove(left)
    said = str(answer.host["left_behind"])
    assert answer.exit_code == 7
    assert left
    assert all(trace.name in said for trace in left)


def _wait_for_process(bed: Bed, image: str) -> None:
    until = time.monotonic() + 30
    while image not in bed.images():
        assert time.monotonic() < until, f"{image} was not started"
        time.sleep(0.05)  # a poll: the host starts it in its own time


def test_interrupted(hostprobe: Hostprobe, bed: Bed) -> None:
    """Ctrl-C while the host is at work cleans it up and exits 130."""
    with bed.tasklist_says(b"", stays_s=8 * bed.second_s):
        program = hostprobe.start("connections", f"127.0.0.1:{bed.port}", "-f", "json")
        _wait_for_process(bed, "tasklist.exe")
        program.send_signal(signal.SIGINT)
        assert hostprobe.answer(program).exit_code == 130


def test_a_slow_link(hostprobe: Hostprobe, bed: Bed, victim: int) -> None:
    """A round trip of 40 ms slows the answer and changes nothing in it."""
    with Proxy(bed.port, delay_ms=20) as proxy:
        answer = hostprobe("connections", "--process", "victim.exe", port=proxy.port)
    assert answer.exit_code == 0
    assert {row["pid"] for row in answer.records("connection")} == {victim}
