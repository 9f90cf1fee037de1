"""Visits to hosts, one after the other, and their early end."""

from tests.unit.cli.program import CONNECTIONS, SECRET, USER, host_options, output_options
from tests.unit.cli.script import Script, host

from hostprobe.cli.answers import Asking
from hostprobe.cli.options import SweepOptions
from hostprobe.cli.visits import Interrupt, Visitor, visits
from hostprobe.inventory.credentials import Accounts, Credentials
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Bell, Stop


def test_who_stops_reading_stops_the_visits() -> None:
    """Where nobody wants more outcomes, no further host is asked and those at work are told."""
    account = Credentials(USER, SECRET)
    interrupt = Interrupt(Stop(), Bell())
    first, second = host(), host()
    noted: list[tuple[str, str]] = []
    visitor = Visitor(
        opener=Script({"web01": first, "web02": second}),
        options=host_options(),
        accounts=Accounts(account),
        work=Asking(parts=CONNECTIONS.parts, read=CONNECTIONS.read, keeps_raw=False, timeout_s=60),
        bell=interrupt.bell,
    )
    outcomes = visits(
        visitor,
        [Target("web01"), Target("web02")],
        (host_options(), SweepOptions(jobs=1), output_options("jsonl")),
        interrupt,
        note=lambda outcome, account: noted.append((outcome.target.host, account)),
    )
    assert isinstance(next(outcomes), Answered)
    outcomes.close()
    assert interrupt.bell.is_set()
    assert not interrupt.rung
    assert (len(first.asked), len(second.asked)) == (1, 0)
    assert noted == [("web01", USER), ("web02", USER)]
