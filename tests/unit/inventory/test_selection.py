"""Which hosts are asked."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import TargetError, UsageError
from hostprobe.inventory.addresses import identity
from hostprobe.inventory.groups import Group, Inventory, inventory_of
from hostprobe.inventory.mentions import Settings, parse_mention
from hostprobe.inventory.selection import Selection, read_exclusion, select
from hostprobe.inventory.targets import Target, parse_target


def _inventory() -> Inventory:
    def group(*hosts: str, settings: Settings) -> Group:
        return Group(hosts=tuple(map(parse_mention, hosts)), settings=settings, groups=())

    groups = {
        "mail": group("exch01", "nat:4451", settings=Settings(username="probe", port=4450)),
        "london": group("10.1.0.0/20", settings=Settings(site="london", username="reader")),
        "nat": group("nat:4452", settings=Settings(site="paris")),
    }
    return inventory_of(groups, {"10.1.2.3": "exch01"})


INVENTORY = _inventory()
WORDS = (
    st.sampled_from(["-", "all:", "group:mail", "site:london", "nat", "10.0.0.0/8", "::/64"])
    | st.from_regex(r"[0-9a-f.:/\[\]%@-]{1,20}", fullmatch=True)
    | st.builds("{}{}{}".format, st.ip_addresses(), st.sampled_from("/-:"), st.integers(0, 300))
    | st.text()
)


def _hosts(*texts: str, exclude: tuple[str, ...] = ()) -> list[str]:
    return [str(target) for target in select(texts, exclude=exclude).targets]


def test_hosts_of_all_kinds_are_mixed_in_the_order_given() -> None:
    """A default port holds where none is written."""
    texts = ["web01", "10.1.0.0/30", "-", "10.1.0.1-2:445"]

    found = select(texts, default_port=4450, stdin=io.BytesIO(b"host,port,site\nx,1445,Oslo"))

    assert found == Selection(
        targets=(
            Target("web01", 4450),
            Target("10.1.0.1", 4450),
            Target("10.1.0.2", 4450),
            Target("x", 1445, site="oslo"),
            Target("10.1.0.1", 445),
            Target("10.1.0.2", 445),
        ),
        duplicates=0,
        widest=("10.1.0.0/30", 2),
    )


def test_each_host_and_port_is_asked_once() -> None:
    """What networks, ranges and single hosts name again is counted, not asked."""
    found = select(["10.1.0.0/30", "10.1.0.2-3", "::ffff:10.1.0.1", "10.1.0.1:446", "10.1.0.1"])

    assert [str(each) for each in found.targets] == [
        "10.1.0.1",
        "10.1.0.2",
        "10.1.0.3",
        "10.1.0.1:446",
    ]
    assert found.duplicates == 3


def test_the_largest_network_or_range_is_told() -> None:
    """A confirmation can name it; single hosts are none."""
    texts = ["10.1.0.0/29", "10.2.0.1-7:4450", "10.3.0.0/30"]

    assert select(texts).widest == ("10.2.0.1-7:4450", 7)
    assert select(["10.1.0.1", "dc01"]).widest is None


def test_what_is_excluded_is_not_asked() -> None:
    """Names, networks, ranges and ports are taken away, and are no duplicates."""
    exclude = ("10.1.0.0/30", "dc01", "web01:446", "10.1.0.6-10.1.0.9")

    assert _hosts("10.1.0.0/28", "DC01:4450", "web01", "web01:446", exclude=exclude) == [
        "10.1.0.4",
        "10.1.0.5",
        "10.1.0.10",
        "10.1.0.11",
        "10.1.0.12",
        "10.1.0.13",
        "10.1.0.14",
        "web01",
    ]
    assert select(["10.1.0.1", "10.1.0.1", "x"], exclude=["10.1.0.1"]).duplicates == 0


def test_excluding_every_host_is_an_error() -> None:
    """A run without hosts would look like a run without findings."""
    with pytest.raises(TargetError, match="--exclude takes all"):
        select(["10.1.0.1"], exclude=["10.0.0.0/8"])


def test_no_text_is_no_host() -> None:
    """The caller knows whether that is an error."""
    assert select([]) == Selection(targets=(), duplicates=0, widest=None)


def test_an_exclusion_can_be_asked_about_an_address() -> None:
    """A name that turns out to have an excluded address can be left out later."""
    excluded = read_exclusion(["site:london", "-"], inventory=INVENTORY, stdin=io.BytesIO(b"dc01"))

    assert excluded.covers(identity("10.1.7.7"), 445)
    assert excluded.covers(identity("dc01"), 445)
    assert not excluded.covers(identity("10.2.0.1"), 445)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("exch01", Target("10.1.2.3", 4450, site="london", username="probe")),
        ("10.1.2.3", Target("10.1.2.3", 4450, site="london", username="probe")),
        ("10.1.2.3:445", Target("10.1.2.3", 445, site="london", username="reader")),
        ("10.1.9.9:446", Target("10.1.9.9", 446, site="london", username="reader")),
        ("10.1.9.8/31", Target("10.1.9.8", 445, site="london", username="reader")),
        ("nat", Target("nat", 4451, username="probe")),
        ("nat:4452", Target("nat", 4452, site="paris")),
        ("group:mail", Target("10.1.2.3", 4450, site="london", username="probe")),
        ("other", Target("other", 445)),
    ],
)
def test_what_the_inventory_knows_of_a_host_holds_however_it_is_named(
    text: str, target: Target
) -> None:
    """A list of failed hosts is asked again as before; what is set for a port holds there only."""
    assert select([text], inventory=INVENTORY).targets[0] == target


def test_a_whole_network_of_65534_hosts_is_counted_through() -> None:
    """Each has its exact text, and both ends are right."""
    found = select(["10.1.0.0/16"])

    assert [str(found.targets[n]) for n in (0, 254, 255, -1)] == [
        "10.1.0.1",
        "10.1.0.255",
        "10.1.1.0",
        "10.1.255.254",
    ]
    assert len(found.targets) == 65534


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["10.0.0.0/11"], "'10.0.0.0/11' makes 2,097,150 hosts, over 1,048,576"),
        (["0.0.0.0/0"], "over 1,048,576"),
        (["dc01", "10.0.0.0-10.15.255.255"], "makes 1,048,577 hosts"),
        (["fd00::/111"], "'fd00::/111' has more than 65,536 hosts"),
        (["::/0"], "more than 65,536 hosts"),
    ],
)
def test_too_many_hosts_are_refused(texts: list[str], reason: str) -> None:
    """A slip of a prefix length ends in one line, before anything is counted through."""
    with pytest.raises(TargetError, match=reason):
        select(texts)


@given(st.lists(WORDS, max_size=3), st.lists(WORDS, max_size=2), st.binary(max_size=50))
def test_any_texts_give_targets_or_an_error_of_ours(
    texts: list[str], exclude: list[str], stdin: bytes
) -> None:
    """Nothing but a printable error of ours comes out, and each target can be typed again."""
    problem = ""
    try:
        found = select(texts, exclude=exclude, inventory=INVENTORY, stdin=io.BytesIO(stdin))
    except UsageError as error:
        problem = str(error)
    else:
        again = [parse_target(str(target)) for target in found.targets[:50]]
        assert again == [Target(each.alias or each.host, each.port) for each in found.targets[:50]]
    assert problem.isprintable()
