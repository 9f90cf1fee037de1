"""A journal of its own for each test."""

from pathlib import Path

import pytest
from tests.unit.transport.psexec.fake_host import WindowsHost

from hostprobe.transport.psexec import journal


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(journal.FOLDER_VARIABLE, str(tmp_path))


@pytest.fixture
def host() -> WindowsHost:
    """A host that does what it is asked."""
    return WindowsHost()
