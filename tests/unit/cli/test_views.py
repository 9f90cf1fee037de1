"""What is written of the rows of many hosts."""

from hypothesis import given
from hypothesis import strategies as st

from hostprobe.analysis.owners import OwnedConnection
from hostprobe.cli import views
from hostprobe.cli.options import FormatName, OutputOptions, ViewOptions
from hostprobe.formats import HostReport


@given(st.permutations(range(20)))
def test_the_order_of_naming(finished: list[int]) -> None:
    """Hosts come in the order in which they were named, in whichever they finished."""
    found = (HostReport(({"n": place},), {"target": f"web{place}"}) for place in finished)
    places = {f"web{place}": place for place in range(20)}
    named = list(views.as_named(found, places))
    assert [report.host["target"] for report in named] == list(places)
    assert [list(report.rows) for report in named] == [[{"n": place}] for place in range(20)]


def test_counts_of_no_reports() -> None:
    """Where there is no report, there is nothing to say what was counted of."""
    written = OutputOptions(format=FormatName("json"))
    view = views.view(ViewOptions(count_by="pid"), written, OwnedConnection, ())
    assert list(view.finish(())) == []
