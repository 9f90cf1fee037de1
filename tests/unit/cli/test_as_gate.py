"""The brake of --as."""

import pytest

from hostprobe.cli.as_gate import AsGate
from hostprobe.errors import (
    BadCredentialsError,
    CommandFailedError,
    CommandNotFoundError,
    CommandTimeoutError,
    HostError,
    RefusedError,
    RunAsError,
)
from hostprobe.inventory.credentials import Accounts, Credentials
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed

ONE, TWO, THREE = Target("one"), Target("two"), Target("three")


@pytest.fixture
def gate() -> AsGate:
    """Of an account that may fail twice."""
    return AsGate(Accounts(Credentials("ops", "secret")), 2, "svc")


def answer(gate: AsGate, target: Target, error: HostError | None = None) -> None:
    """A host is asked, and answers or fails."""
    gate.began(target)
    gate.note(Failed(target, error, 1.0) if error else Answered(target, None, 1.0))


def test_one_host_at_first(gate: AsGate) -> None:
    """Until one has let the account log on, the others wait."""
    assert gate.ready(ONE)
    gate.began(ONE)
    assert not gate.ready(TWO)
    gate.note(Answered(ONE, None, 1.0))
    gate.began(TWO)
    assert gate.ready(THREE)


@pytest.mark.parametrize("error", [RefusedError(""), CommandFailedError("")])
def test_a_failure_that_says_nothing_of_it(gate: AsGate, error: HostError) -> None:
    """The next host is tried alone, too."""
    answer(gate, ONE, error)
    assert gate.ready(TWO)
    gate.began(TWO)
    assert not gate.ready(THREE)


@pytest.mark.parametrize("error", [CommandNotFoundError(""), CommandTimeoutError("")])
def test_a_failure_that_comes_after_it(gate: AsGate, error: HostError) -> None:
    """Who fails to find a program, or waits for its end, has logged on."""
    answer(gate, ONE, error)
    gate.began(TWO)
    assert gate.ready(THREE)


def test_the_first_failure_ends_it(gate: AsGate) -> None:
    """No other host is told the password."""
    answer(gate, ONE, RunAsError(""))
    assert gate.refusal(TWO) == "svc could not log on at one; one more failure could lock it"


def test_later_so_many_failures_end_it(gate: AsGate) -> None:
    """An account that is good may fail once."""
    answer(gate, ONE)
    answer(gate, TWO, RunAsError(""))
    assert gate.refusal(THREE) is None
    answer(gate, TWO, RunAsError(""))
    assert gate.refusal(THREE)


def test_the_account_that_logs_in_is_spared_as_ever(gate: AsGate) -> None:
    """Its own failures count as without --as."""
    answer(gate, ONE, BadCredentialsError(""))
    assert "ops failed to log in" in (gate.refusal(TWO) or "")
