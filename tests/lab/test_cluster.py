"""A sweep on a Dask cluster: a scheduler and two workers on loopback, over TLS."""

import gc
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("distributed")

import dask.config

from hostprobe.errors import UsageError, WorkerLostError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Bell
from hostprobe.sweep.cluster import Cluster, connect
from tests.beds.bed import Clean
from tests.beds.program import Answer, Hostprobe
from tests.lab import cluster as work
from tests.lab.cluster import PATIENCE_S, LocalDask, local_dask
from tests.lab.host import LabBed, many_hosts

# distributed leaves a socket open here and there where its other end is gone; it is collected when
# these tests end, and not in the middle of others.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

_HOSTS = 4
_CLIENT = "from tests.lab.cluster import main; main()"
_LONDON, _PARIS, _DOOMED = (Target(site, site=site) for site in ("london", "paris", "doomed"))


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """What distributed forgot to close."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def dask_there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDask]:
    """Two workers, of which each has a site."""
    folder = tmp_path_factory.mktemp("dask")
    with local_dask(folder, work.certificate(folder)) as there:
        there.add_worker("one", "--resources", "london=2")
        there.add_worker("two", "--resources", "Paris=2")
        yield there


@pytest.fixture
def settings(dask_there: LocalDask, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalDask]:
    """The cluster, and this process as a client with its certificates."""
    for name, value in dask_there.variables.items():
        monkeypatch.setenv(name, value)
    dask.config.refresh()
    yield dask_there
    monkeypatch.undo()
    dask.config.refresh()


@pytest.fixture
def cluster(settings: LocalDask) -> Iterator[Cluster]:
    """A run of its own on the cluster."""
    with connect(settings.address, patience_s=0.5) as joined:
        yield joined


@pytest.fixture(scope="module")
def beds() -> Iterator[Sequence[LabBed]]:
    """Hosts that are left as they were."""
    with many_hosts(_HOSTS) as beds:
        watches = [Clean(bed, bed.traces()) for bed in beds]
        yield beds
        assert not [watch for watch in watches if watch.left()]


def _names(beds: Sequence[LabBed]) -> list[str]:
    return [f"{bed.address}:{bed.port}" for bed in beds]


def _asked(
    beds: Sequence[LabBed],
    folder: Path,
    there: LocalDask,
    *options: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Answer:
    for name, value in there.variables.items():
        monkeypatch.setenv(name, value)
    program = Hostprobe(beds[0], folder)
    return program.answer(program.start("connections", *_names(beds), "-f", "json", *options))


def _rows(answer: Answer) -> list[dict[str, object]]:
    """The rows, but for their time and the connection of the run itself."""
    rows = [row | {"collected_at": None} for row in answer.records("connection")]
    return [row for row in rows if (row["local_port"], row["state"]) != (445, "ESTABLISHED")]


def test_the_same_rows(
    beds: Sequence[LabBed],
    tmp_path: Path,
    dask_there: LocalDask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A cluster answers what one machine answers, and Dask says nothing, least of all a secret."""
    asked = partial(_asked, beds, tmp_path, dask_there, monkeypatch=monkeypatch)
    there = asked("--cluster", dask_there.address)
    assert not (tmp_path / "state").exists()
    assert any((dask_there.folder / name / "journal").is_dir() for name in ("one", "two"))
    here = asked()
    assert (there.exit_code, here.exit_code) == (0, 0)
    assert _rows(there) == _rows(here)
    assert there.stderr.splitlines() == here.stderr.splitlines()
    logged = dask_there.logged()
    assert "hostprobe-" in logged
    assert beds[0].password not in logged


def test_interrupted(
    beds: Sequence[LabBed],
    tmp_path: Path,
    settings: LocalDask,
) -> None:
    """After Ctrl-C every host is told of, and what was under way is cleaned up."""
    quirks = beds[0].quirks
    for bed in beds:
        bed.set_quirks(quirks.__class__(latency_s=0.05))
    program = Hostprobe(beds[0], tmp_path)
    options = ("-j", "3", "--cluster", settings.address, "-f", "json")
    started = program.start("connections", *_names(beds), *options)
    until = time.monotonic() + PATIENCE_S
    while not any("PAExec" in trace.name for bed in beds for trace in bed.traces()):
        assert time.monotonic() < until
        time.sleep(0.02)  # a poll: the program gets there in its own time
    started.send_signal(signal.SIGINT)
    answer = program.answer(started)
    for bed in beds:
        bed.set_quirks(quirks)
    assert answer.exit_code == 130
    assert len(answer.records("host")) == _HOSTS


def test_sites(cluster: Cluster) -> None:
    """Hosts of a site are asked by the workers that have it, all others by any."""
    one, two = (
        {cluster.submit(work.where, site).result(PATIENCE_S) for _ in range(5)}
        for site in (_LONDON, _PARIS)
    )
    everywhere = [cluster.submit(work.where, Target("a", site=site)) for site in [None, "oslo"] * 9]
    assert (len(one), len(two)) == (1, 1)
    assert {future.result(PATIENCE_S) for future in everywhere} >= one | two
    assert os.getpid() not in one | two


def test_errors_come_back(cluster: Cluster, settings: LocalDask) -> None:
    """What the work raises is raised here, and is no failure that Dask would log."""
    assert isinstance(cluster.submit(work.fails, _LONDON).exception(PATIENCE_S), ValueError)
    assert "Compute Failed" not in settings.logged()


def test_the_bell(cluster: Cluster, settings: LocalDask) -> None:
    """It rings for the work of its run, wherever that is, and for no other run."""
    here = Bell()
    futures = [cluster.submit(work.hears, here, site) for site in (_LONDON, _PARIS)]
    cluster.ring()
    assert [future.result(PATIENCE_S) for future in futures] == [True, True]
    assert not here.is_set()
    with connect(settings.address) as later:
        assert not later.submit(work.is_rung, here, _LONDON).result(PATIENCE_S)


def test_a_client_that_dies(settings: LocalDask, tmp_path: Path) -> None:
    """The bell of its run rings by itself."""
    file = tmp_path / "told"
    command = [sys.executable, "-c", _CLIENT, settings.address, str(file)]
    with subprocess.Popen(command) as client:  # noqa: S603 - ourselves
        _await_text(file, "begun")
        client.kill()
    _await_text(file, "rung: True")


def _await_text(file: Path, text: str) -> None:
    until = time.monotonic() + PATIENCE_S / 2
    while not file.exists() or file.read_text() != text:
        assert time.monotonic() < until
        time.sleep(0.05)  # a poll: another process writes it


def test_a_worker_that_dies(settings: LocalDask, tmp_path: Path) -> None:
    """Its work fails, is done by no other, and its site fails once it has been gone for a while."""
    file = tmp_path / "begun"
    settings.add_worker("three", "--resources", "doomed=1")
    with connect(settings.address, patience_s=0.5) as joined:
        lost = joined.submit(work.dies, file, _DOOMED).exception(PATIENCE_S)
        late = joined.submit(work.where, _DOOMED).exception(PATIENCE_S)
        assert joined.submit(work.where, Target("a")).result(PATIENCE_S)
    assert isinstance(lost, WorkerLostError)
    assert isinstance(late, WorkerLostError)
    assert "doomed: not asked: the cluster has no worker with the resource doomed" in str(late)
    assert file.read_text() == "begun\n"


def test_who_joins_later(cluster: Cluster, settings: LocalDask) -> None:
    """A worker that comes during a run is used."""
    assert cluster.submit(work.where, _LONDON).result(PATIENCE_S)
    settings.add_worker("four", "--resources", "rome=1")
    until = time.monotonic() + PATIENCE_S
    found: set[int] = set()
    while len(found) < 3:
        assert time.monotonic() < until
        futures = [cluster.submit(work.where, Target("a")) for _ in range(12)]
        found |= {future.result(PATIENCE_S) for future in futures}


def test_another_ca(
    beds: Sequence[LabBed], dask_there: LocalDask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client whose certificates are of another CA, or that has none, is told so in one line."""
    for variables, problem in (
        (work.certificate(tmp_path), "no scheduler at tls://"),
        ({}, "needs certificates"),
    ):
        stranger = LocalDask(tmp_path, variables)
        options = ("--cluster", dask_there.address)
        with monkeypatch.context() as patch:
            answer = _asked(beds, tmp_path, stranger, *options, monkeypatch=patch)
        assert answer.exit_code == 2
        (line,) = answer.stderr.splitlines()
        assert problem in line


def test_a_scheduler_that_dies(tmp_path: Path, settings: LocalDask) -> None:
    """Its workers let their work come back before they end, and no host waits for ever."""
    file = tmp_path / "told"
    with local_dask(tmp_path, settings.variables) as there:
        there.add_worker("one")
        with connect(there.address, timeout_s=0.5, patience_s=0.5) as joined:
            asked = joined.submit(work.tells, file, Bell(), Target("a"))
            _await_text(file, "begun")
            there.kill_scheduler()
            assert isinstance(asked.exception(PATIENCE_S), WorkerLostError)
            _await_text(file, "rung: True")
            late = joined.submit(work.where, Target("b")).exception(PATIENCE_S)
    assert isinstance(late, WorkerLostError)


def test_open_doors(tmp_path: Path) -> None:
    """A worker that listens in clear for the whole network gets no password; neither does none."""
    with local_dask(tmp_path, {}, "tcp") as there:
        with pytest.raises(UsageError, match="has no worker; start some"):
            connect(there.address)
        there.add_worker("open", host="0.0.0.0")  # noqa: S104 - that is the mistake
        with pytest.raises(UsageError, match=r"listens at tcp://0\.0\.0\.0:"):
            connect(there.address)
