"""--cluster: what it goes with, and what it needs."""

import sys

import pytest
from tests.unit.cli.program import Program

from hostprobe.cli.clusters import require_portable
from hostprobe.cli.options import SweepOptions
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import Accounts, Credentials, Ticket

_ASK = r"connections web01 -u CORP\\ops --cluster tcp://127.0.0.1:8786"


def test_not_with_processes(hostprobe: Program) -> None:
    """The workers are the processes."""
    ended = hostprobe(f"{_ASK} --processes 2")
    assert ended.code == 2
    assert "--cluster and --processes exclude each other" in ended.stderr


def test_the_extra_is_missing(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask it says how to install it."""
    for name in ("cluster", "_placing", "_in_cluster"):
        monkeypatch.delitem(sys.modules, f"hostprobe.sweep.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    ended = hostprobe(_ASK)
    assert ended.code == 2
    assert "pip install '.[dask]'" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_dry_run_needs_no_cluster(hostprobe: Program) -> None:
    """Who would be asked is known here."""
    assert hostprobe(f"{_ASK} --dry-run").stdout == "web01\n"


def test_refused(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that would get the password in clear is refused, also from the environment."""
    pytest.importorskip("distributed")
    monkeypatch.setenv("HOSTPROBE_CLUSTER", "tcp://scheduler:8786")
    ended = hostprobe(r"processes web01 -u CORP\\ops")
    assert ended.code == 2
    assert "gets the password" in ended.stderr


def test_a_ticket_stays_here() -> None:
    """The workers have no ticket, so that the run ends before they are asked."""
    accounts = Accounts(Credentials("ops@LAB.TEST", Ticket()))
    with pytest.raises(UsageError, match="on this machine only"):
        require_portable(accounts, SweepOptions(cluster="tls://scheduler:8786"))
    require_portable(accounts, SweepOptions())
    require_portable(
        Accounts(Credentials("ops", "secret")), SweepOptions(cluster="tls://scheduler:8786")
    )
