"""Fixtures of the bed: the host, its victim, the program under test, and proof that it is clean."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.winehost.host import BedError, Clean, WineHost, bed
from tests.winehost.program import Hostprobe

_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder; the time that the bed needs to be built is not the test's."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker("winehost")
            item.add_marker(pytest.mark.timeout(120, func_only=True))


@pytest.fixture(scope="session")
def bed_is_up() -> Iterator[WineHost]:
    """The bed, built where it is missing; brought down only where the tests brought it up."""
    if not sys.platform.startswith("linux"):
        pytest.skip("winehost needs Debian, and root there")
    settings = WineHost.from_settings(bed("settings"))
    try:
        bed("status")
    except BedError:
        yield from _bring_up(settings)
    else:
        yield settings


def _bring_up(settings: WineHost) -> Iterator[WineHost]:
    try:
        bed("up", timeout_s=900)
    except BedError as error:
        if error.cannot_exist_here:
            pytest.skip(f"winehost: {error}")
        raise
    yield settings
    bed("down")


@pytest.fixture
def clean(bed_is_up: WineHost) -> Iterator[Clean]:
    """After the test no file, no service and no process is there that was not there before."""
    watch = Clean(bed_is_up, bed_is_up.traces())
    yield watch
    left = watch.left()
    bed_is_up.remove(left)
    assert not left


@pytest.fixture
def host(bed_is_up: WineHost, clean: Clean) -> WineHost:
    """The bed, which the test must leave as it was."""
    del clean
    return bed_is_up


@pytest.fixture
def hostprobe(host: WineHost, tmp_path: Path) -> Hostprobe:
    """The installed hostprobe, with its state and its audit file in the test's folder."""
    return Hostprobe(host, tmp_path)


@pytest.fixture
def start_victim(host: WineHost, clean: Clean) -> Iterator[Callable[[int], int]]:
    """Starts one more victim.exe on a port, and returns its process id."""
    pids: list[int] = []

    def start(port: int) -> int:
        pids.append(host.start_victim(port))
        clean.accept()
        return pids[-1]

    yield start
    for pid in pids:
        host.end_victim(pid)


@pytest.fixture
def victim(start_victim: Callable[[int], int]) -> int:
    """The process id of a victim.exe that listens on 127.0.0.1:5860."""
    return start_victim(5860)
