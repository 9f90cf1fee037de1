"""Work in other processes."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import wait

import pytest

from hostprobe.sweep import Bell
from hostprobe.sweep._answers import LostAnswerError
from hostprobe.sweep.shards import ProcessShards, ShardDiedError

PATIENCE_S = 60


class UnsendableError(Exception):
    """One that cannot be made again from what pickle keeps of it."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(first + second)


def _where(number: int) -> tuple[int, int]:
    return os.getpid(), number


def _fails(error: Exception) -> None:
    raise error


def _raises_unsendable() -> None:
    raise UnsendableError(1, 2)


def _returns_unsendable() -> object:
    return lambda: None


def _dies() -> None:
    os._exit(3)


def _survives(name: str) -> str:
    os.kill(os.getpid(), getattr(signal, name))
    return name


def _hears(bell: Bell) -> bool:
    return bell.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def shards() -> Iterator[ProcessShards]:
    """Two processes of two threads each."""
    with ProcessShards(2, 2) as executor:
        yield executor


def test_work_is_shared_out(shards: ProcessShards) -> None:
    """Every piece is done once, elsewhere, and by more than one process."""
    futures = [shards.submit(_where, number) for number in range(40)]
    wait(futures, PATIENCE_S)
    done = [future.result() for future in futures]
    assert [number for _, number in done] == list(range(40))
    assert len({pid for pid, _ in done} - {os.getpid()}) == 2


@pytest.mark.parametrize("error", [ValueError("no"), KeyError(7)])
def test_errors_come_back(shards: ProcessShards, error: Exception) -> None:
    """What the work raises is raised here."""
    raised = shards.submit(_fails, error).exception(PATIENCE_S)
    assert type(raised) is type(error)
    assert raised.args == error.args


@pytest.mark.parametrize("work", [_raises_unsendable, _returns_unsendable])
def test_what_cannot_cross_the_border_is_an_error(shards: ProcessShards, work: object) -> None:
    """An answer that pickle does not take costs its own future only."""
    assert callable(work)
    assert isinstance(shards.submit(work).exception(PATIENCE_S), LostAnswerError)
    assert shards.submit(_where, 1).result(PATIENCE_S)[1] == 1


def test_a_process_that_dies() -> None:
    """Its work fails, and what comes later is done by the others."""
    with ProcessShards(2, 1) as executor:
        assert isinstance(executor.submit(_dies).exception(PATIENCE_S), ShardDiedError)
        assert executor.submit(_where, 1).result(PATIENCE_S)[1] == 1


def test_all_processes_died() -> None:
    """Nothing waits for ever where no process is left."""
    with ProcessShards(1, 1) as executor:
        assert executor.submit(_dies).exception(PATIENCE_S)
        assert isinstance(executor.submit(_where, 1).exception(PATIENCE_S), ShardDiedError)


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_the_terminal_s_signals_are_left_to_the_parent(name: str) -> None:
    """Ctrl-C and a lost terminal, which reach every process, cost no work that is under way."""
    with ProcessShards(1, 1) as executor:
        assert executor.submit(_survives, name).result(PATIENCE_S) == name


def test_the_bell_is_heard() -> None:
    """A bell that goes along with the work rings there, and not here."""
    here = Bell()
    with ProcessShards(1, 1) as executor:
        future = executor.submit(_hears, here)
        executor.ring()
        assert future.result(PATIENCE_S)
    assert not here.is_set()


def test_no_work_after_the_end() -> None:
    """An executor that is shut down takes no work."""
    executor = ProcessShards(1, 1)
    executor.shutdown()
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(_where, 1)
