"""The fixtures for users' own tests, used as their documentation says."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import pytest
from hostprobe import Credentials, SessionOptions, connector, parse_target

def test_a_host(lab_host):
    account = Credentials(lab_host.username, lab_host.password)
    connect = connector(SessionOptions(credentials=account))
    with connect(parse_target(lab_host.target)) as session:
        assert session.facts.cipher
    assert lab_host.scenario == "infected"

@pytest.mark.lab("german", "silent")
def test_two_hosts(lab, lab_host):
    assert [host.scenario for host in lab.hosts] == ["german", "silent"]
    assert lab_host is lab.hosts[0]

@pytest.mark.lab
def test_the_usual_host(lab_host, worker):
    assert lab_host.scenario == "infected"
    assert worker == lab_host.environment()["HOSTPROBE_PASSWORD"]

@pytest.fixture
def worker(lab):
    return lab.hosts[0].password
"""


def test_plugin(tmp_path: Path) -> None:
    """The plugin gives each test its hosts, by the marker, and a script logs in to them."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["hostprobe.lab.testing"]\n')
    (tmp_path / "test_mine.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\nstrict = true\n")
    done = subprocess.run(  # noqa: S603 - pytest on our own tests
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", tmp_path],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr
