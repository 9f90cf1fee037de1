"""How many log-ins may be under way."""

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hostprobe.errors import SparedError
from hostprobe.sweep import Turnstile, TurnstileParts
from hostprobe.sweep.shards import ProcessShards

PATIENCE_S = 30.0


def _patient() -> float:
    return PATIENCE_S


def _hurried() -> float:
    raise TimeoutError


@pytest.mark.parametrize("failures", [1, 2, 5])
@pytest.mark.parametrize("hosts", [3, 50])
def test_no_more_fail_than_may(failures: int, hosts: int) -> None:
    """However many come at once with a wrong password, so many are tried, and the rest spared."""
    turnstile, tried = Turnstile(failures), threading.Semaphore(0)

    def log_in(_host: int) -> bool:
        try:
            turnstile.enter(_patient)
        except SparedError:
            return False
        tried.release()
        turnstile.leave(refused=True)
        return True

    with ThreadPoolExecutor(hosts) as pool:
        assert sum(pool.map(log_in, range(hosts))) == min(failures, hosts)


def test_those_that_succeed_make_room() -> None:
    """Any number of log-ins may succeed, one after the other or side by side."""
    turnstile = Turnstile(2)
    for _ in range(9):
        turnstile.enter(_patient)
        turnstile.leave(refused=False)
    turnstile.enter(_patient)
    turnstile.leave(refused=True)
    turnstile.enter(_patient)
    with pytest.raises(TimeoutError):
        turnstile.enter(_hurried)
    turnstile.leave(refused=False)
    turnstile.enter(_patient)


def test_a_copy_is_the_turnstile_of_its_process() -> None:
    """Two copies in one process, as of two hosts, share what they count."""
    first, second = (pickle.loads(pickle.dumps(Turnstile(1))) for _ in range(2))  # noqa: S301 - our own
    other = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own
    first.enter(_patient)
    with pytest.raises(TimeoutError):
        other.enter(_hurried)
    second.enter(_patient)


def _refused(turnstile: Turnstile) -> bool:
    try:
        turnstile.enter(_patient)
    except SparedError:
        return False
    turnstile.leave(refused=True)
    return True


def test_processes_share_one() -> None:
    """Of many hosts in several processes no more fail than in one."""
    turnstile = Turnstile(2, TurnstileParts.for_processes(2))
    with ProcessShards(2, 8, [turnstile.parts]) as executor:
        tried = [executor.submit(_refused, turnstile) for _ in range(30)]
        assert sum(future.result(PATIENCE_S) for future in tried) == 2
