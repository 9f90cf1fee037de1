"""Prints what the fault suite counted, and runs the program by forking it."""

import multiprocessing
from collections.abc import Callable
from functools import partial

import pytest

from tests.lab import forked

_NAME = "counted"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what they counted, whether they passed or not and in whichever process they ran."""
    reports = (each for key in ("passed", "failed") for each in terminalreporter.getreports(key))
    if lines := [line for each in reports for name, line in each.user_properties if name == _NAME]:
        terminalreporter.section("a fault at every SMB message")
        for line in lines:
            terminalreporter.write_line(str(line))


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Takes a line for the end of the test run."""
    return partial(record_property, _NAME)


@pytest.fixture(scope="session")
def forks() -> multiprocessing.context.ForkServerContext:
    """Where runs of the program are forked from."""
    return forked.context()
