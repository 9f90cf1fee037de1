"""The machine that the tests of this folder work on."""

import pytest
from tests.unit.lab.machine.bed import Bed

from hostprobe.lab.machine.machine import Machine


@pytest.fixture
def bed() -> Bed:
    """A machine that does everything at once."""
    return Bed()


@pytest.fixture
def machine(bed: Bed) -> Machine:
    """The machine of the bed."""
    return bed.machine
