"""Options of the test run."""

import pytest
from hypothesis import settings

pytest_plugins = ["hostprobe.lab.testing"]

settings.register_profile("hostprobe", deadline=None)  # no test is a matter of time
settings.load_profile("hostprobe")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --update, for when a parser's rows change on purpose."""
    parser.addoption(
        "--update", action="store_true", help="rewrite the rows.json and items.json of every case"
    )


@pytest.fixture(autouse=True)
def nobody_elses_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the configuration, the tickets or the keyring of whoever runs it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    monkeypatch.setenv("KRB5CCNAME", "FILE:/nonexistent/tickets")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
