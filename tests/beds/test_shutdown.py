"""`hostprobe shutdown` against a host, as far as no host goes down: the look, and a refusal."""

from tests.beds.bed import Bed
from tests.beds.program import Hostprobe


def test_the_plan(hostprobe: Hostprobe, bed: Bed) -> None:
    """--dry-run tells what the host is, as far as it says so, and leaves nothing there."""
    answer = hostprobe("shutdown", "--dry-run")
    assert answer.exit_code == 0
    (row,) = answer.records("shutdown")
    assert (row["host_name"], row["verdict"]) == (bed.host_name, "planned")
    assert row["role"] == "no domain controller"


def test_nobody_to_ask(hostprobe: Hostprobe) -> None:
    """Without a terminal and without --yes nothing is done."""
    answer = hostprobe("shutdown", "--reboot")
    assert (answer.exit_code, answer.error_kind) == (6, "not_confirmed")


def test_an_abort(hostprobe: Hostprobe) -> None:
    """--abort asks nobody; the code of the host's own shutdown.exe is told."""
    (row,) = hostprobe("shutdown", "--abort").records("shutdown")
    assert (row["verdict"], row["code"]) in {("nothing_to_do", 1116), ("done", 0)}
