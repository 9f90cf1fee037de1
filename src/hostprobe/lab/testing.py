"""Fixtures for pytest: emulated hosts for the tests of scripts that use hostprobe.

Switch them on in the `conftest.py` at the top of the tests, and ask for a host:

    pytest_plugins = ["hostprobe.lab.testing"]

    def test_my_script(lab_host):
        account = Credentials(lab_host.username, lab_host.password)
        connect = connector(SessionOptions(credentials=account))
        with connect(parse_target(lab_host.target)) as session:
            ...

`@pytest.mark.lab("german", "silent")` chooses scenarios, one host for each; without it there is one
host, of the scenario `infected`. `lab_host` is the first of them and `lab` has all, in `lab.hosts`.
`lab_host.environment()` is what a child process needs to log in.

Source: https://docs.pytest.org/en/stable/how-to/writing_plugins.html
"""

from collections.abc import Iterator

import pytest

from hostprobe.lab.server import Lab, LabHost


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "lab(scenario, ...): the hosts of `lab` and `lab_host`")


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Emulated hosts on loopback, with new passwords, for one test."""
    marker = request.node.get_closest_marker("lab")
    scenarios = marker.args if marker is not None and marker.args else ("infected",)
    with Lab(scenarios, hosts=len(scenarios)) as running:
        yield running


@pytest.fixture
def lab_host(lab: Lab) -> LabHost:
    """One emulated host on loopback, for one test."""
    return lab.hosts[0]
