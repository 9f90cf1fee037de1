"""Each test here runs on the lab and on winehost, so that the lab is known to be faithful.

The part on winehost is marked `winehost`; after each test the host must be as it was before.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.beds.bed import Bed, Clean
from tests.beds.program import Hostprobe
from tests.lab.host import running_lab
from tests.winehost.host import running_bed

_BEDS: dict[str, Callable[[], AbstractContextManager[Bed]]] = {
    "lab": running_lab,
    "winehost": running_bed,
}
_WINEHOST = (pytest.mark.winehost, pytest.mark.timeout(240, func_only=True))


@pytest.fixture(scope="session", params=["lab", pytest.param("winehost", marks=_WINEHOST)])
def bed_is_up(request: pytest.FixtureRequest) -> Iterator[Bed]:
    """The bed, as long as tests need it."""
    with _BEDS[request.param]() as bed:
        yield bed


@pytest.fixture
def clean(bed_is_up: Bed) -> Iterator[Clean]:
    """After the test no file, no service and no process is there that was not there before."""
    watch = Clean(bed_is_up, bed_is_up.traces())
    yield watch
    left = watch.left()
    bed_is_up.remove(left)
    assert not left


@pytest.fixture
def bed(bed_is_up: Bed, clean: Clean) -> Bed:
    """The host, which the test must leave as it was."""
    del clean
    return bed_is_up


@pytest.fixture
def hostprobe(bed: Bed, tmp_path: Path) -> Hostprobe:
    """The installed hostprobe, with its state and its audit file in the test's folder."""
    return Hostprobe(bed, tmp_path)


@pytest.fixture
def start_victim(bed: Bed, clean: Clean) -> Iterator[Callable[[int], int]]:
    """Starts one more victim.exe on a port, and returns its process id."""
    pids: list[int] = []

    def start(port: int) -> int:
        pids.append(bed.start_victim(port))
        clean.accept()
        return pids[-1]

    yield start
    for pid in pids:
        bed.end_victim(pid)


@pytest.fixture
def victim(start_victim: Callable[[int], int]) -> int:
    """The process id of a victim.exe that listens on 127.0.0.1:5860."""
    return start_victim(5860)
