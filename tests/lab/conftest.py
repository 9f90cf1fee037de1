"""Prints what the fault suite counted, and runs the program by forking it."""

import multiprocessing

import pytest

from tests.lab import forked

COUNTED = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for what the tests count."""
    config.stash[COUNTED] = []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what they counted, whether they passed or not."""
    if lines := config.stash[COUNTED]:
        terminalreporter.section("a fault at every SMB message")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def counted(pytestconfig: pytest.Config) -> list[str]:
    """Lines for the end of the test run."""
    return pytestconfig.stash[COUNTED]


@pytest.fixture(scope="session")
def forks() -> multiprocessing.context.ForkServerContext:
    """Where runs of the program are forked from."""
    return forked.context()
