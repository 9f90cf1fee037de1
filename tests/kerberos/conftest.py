"""The realm and the host in it, for all tests of this folder."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.beds.bed import Clean
from tests.beds.program import Answer, Hostprobe
from tests.kerberos.realm import Kdc, require_tools, running_kdc, running_samba
from tests.winehost.host import WineHost, running_bed

Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def bed() -> Iterator[WineHost]:
    """The host behind the Samba."""
    require_tools()
    with running_bed() as found:
        yield found


@pytest.fixture(scope="session")
def kdc(bed: WineHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kdc]:
    """The realm's KDC."""
    del bed  # skips where there is none
    with running_kdc(tmp_path_factory.mktemp("realm")) as found:
        yield found


@pytest.fixture(scope="session")
def port(kdc: Kdc, bed: WineHost) -> Iterator[int]:
    """Where the Samba of the realm listens."""
    with running_samba(kdc, bed) as found:
        yield found


@pytest.fixture
def ask(bed: WineHost, kdc: Kdc, port: int, tmp_path: Path) -> Iterator[Ask]:
    """`hostprobe connections localhost:PORT` with a cache of tickets; it leaves nothing."""
    program = Hostprobe(bed, tmp_path)
    mine = {
        name: value
        for name, value in program.environment().items()
        if name not in {"HOSTPROBE_USERNAME", "HOSTPROBE_PASSWORD"}
    }

    def run(
        *arguments: str,
        cache: Path,
        realm: Kdc = kdc,
        config: str = "krb5.conf",
        by: str = "localhost",
    ) -> Answer:
        done = subprocess.run(  # noqa: S603 - the program under test
            [sys.executable, "-m", "hostprobe", "connections", f"{by}:{port}", *arguments],
            env=mine | realm.environment(cache, config),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        said = (done.stdout.decode(), done.stderr.decode())
        return program.checked(Answer(done.returncode, *said))

    clean = Clean(bed, bed.traces())
    yield run
    assert not clean.left()
