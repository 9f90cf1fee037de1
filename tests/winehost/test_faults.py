"""A connection that breaks, or a host that falls silent, at any point: nothing stays behind."""

import signal
import time
from typing import Literal

import pytest

from tests.winehost.host import Clean, WineHost
from tests.winehost.program import Hostprobe
from tests.winehost.proxy import Fault, Proxy

_BROKEN = {"connection_lost", "not_smb", "protocol"}
_SILENT = {"deadline", "not_smb", "unreachable", "command_timeout", "connection_lost"}
_LIMITS = ("--connect-timeout", "2", "--timeout", "4")


def _assert_failed_and_clean(hostprobe: Hostprobe, fault: Fault, kinds: set[str]) -> None:
    with Proxy(hostprobe.host.port, fault=fault) as proxy:
        answer = hostprobe("connections", *_LIMITS, port=proxy.port)
    if answer.exit_code == 0:  # the fault came after the answer
        assert answer.records("connection")
        return
    assert answer.exit_code == 4
    assert answer.error_kind in kinds
    assert not answer.host["left_behind"]


@pytest.mark.parametrize("messages", range(20))
def test_cut_after_a_message(hostprobe: Hostprobe, messages: int) -> None:
    """Cut after any message up to the command's start, a second connection cleans up."""
    _assert_failed_and_clean(hostprobe, Fault(kind="cut", messages=messages), _BROKEN)


@pytest.mark.parametrize("to_go", range(1, 7))
def test_cut_near_the_end(hostprobe: Hostprobe, to_go: int) -> None:
    """Cut while the run is being cleaned up, a second connection finishes that."""
    with Proxy(hostprobe.host.port) as whole:
        assert hostprobe("connections", port=whole.port).exit_code == 0
    fault = Fault(kind="cut", messages=whole.messages - to_go)
    _assert_failed_and_clean(hostprobe, fault, _BROKEN)


@pytest.mark.parametrize("octets", [5, 1_000, 60_000, 200_000])
def test_cut_within_a_message(hostprobe: Hostprobe, octets: int) -> None:
    """Cut in the middle of a message, such as the upload, it is the same."""
    _assert_failed_and_clean(hostprobe, Fault(kind="cut", octets=octets), _BROKEN)


@pytest.mark.parametrize("messages", [0, 1, 3, 4, 6, 9, 10, 12, 15, 18])
def test_silent_after_a_message(hostprobe: Hostprobe, messages: int) -> None:
    """A host that falls silent costs no more than the time allowed, and is left clean."""
    _assert_failed_and_clean(hostprobe, Fault(kind="silence", messages=messages), _SILENT)


@pytest.mark.parametrize("kind", ["cut", "silence"])
def test_gone_for_good(
    hostprobe: Hostprobe, host: WineHost, clean: Clean, kind: Literal["cut", "silence"]
) -> None:
    """Where the host itself is gone the exit code is 7, and what stays is named in full."""
    fault = Fault(kind=kind, messages=12, gone=True)  # the service runs by then
    with Proxy(host.port, fault=fault) as proxy:
        answer = hostprobe("connections", *_LIMITS, port=proxy.port)
    left = clean.left()
    host.remove(left)
    said = str(answer.host["left_behind"])
    assert answer.exit_code == 7
    assert left
    assert all(trace.name in said for trace in left)


def _wait_for_process(host: WineHost, image: str) -> None:
    until = time.monotonic() + 30
    while image not in host.images():
        assert time.monotonic() < until, f"{image} was not started"
        time.sleep(0.05)  # a poll: the host starts it in its own time


def test_interrupted(hostprobe: Hostprobe, host: WineHost) -> None:
    """Ctrl-C while the host is at work cleans it up and exits 130."""
    with host.tasklist_says(b"", stays_s=8):
        program = hostprobe.start("connections", f"127.0.0.1:{host.port}", "-f", "json")
        _wait_for_process(host, "tasklist.exe")
        program.send_signal(signal.SIGINT)
        assert hostprobe.answer(program).exit_code == 130


def test_a_slow_link(hostprobe: Hostprobe, host: WineHost, victim: int) -> None:
    """A round trip of 40 ms slows the answer and changes nothing in it."""
    with Proxy(host.port, delay_ms=20) as proxy:
        answer = hostprobe("connections", "--process", "victim.exe", port=proxy.port)
    assert answer.exit_code == 0
    assert {row["pid"] for row in answer.records("connection")} == {victim}
