"""The hosts of an inventory by group and by site."""

import graphlib

import pytest

from hostprobe.errors import UsageError
from hostprobe.inventory.addresses import identity
from hostprobe.inventory.groups import Group, Inventory, inventory_of
from hostprobe.inventory.mentions import NOTHING_SET, Mention, Settings, addressed, parse_mention


def _group(*hosts: str, groups: tuple[str, ...] = (), **settings: str) -> Group:
    return Group(
        hosts=tuple(map(parse_mention, hosts)),
        settings=Settings(site=settings.get("site"), username=settings.get("username")),
        groups=groups,
    )


@pytest.fixture
def inventory() -> Inventory:
    """Mail and DNS, the latter also as a part of the former, and all of a site."""
    groups = {
        "mail": _group("exch01", "exch02:4450", groups=("dns",), site="london", username="probe"),
        "dns": _group("dc01", "dc02", username="reader"),
        "paris": _group("10.2.0.0/16", "dc02", site="paris"),
    }
    return inventory_of(groups, {"10.1.2.3": "EXCH01.", "fd00::3": "exch01"})


def _shown(mentions: tuple[Mention, ...]) -> list[tuple[str, int | None, str | None, str | None]]:
    return [
        (
            each.hosts if isinstance(each.hosts, str) else each.hosts.text,
            each.settings.port,
            each.settings.site,
            each.settings.username,
        )
        for each in mentions
    ]


def test_a_group_has_the_hosts_of_its_groups(inventory: Inventory) -> None:
    """What the inner group says holds; what it leaves open is the outer one's."""
    assert _shown(inventory.group("Mail")) == [
        ("10.1.2.3", None, "london", "probe"),
        ("exch02", 4450, "london", "probe"),
        ("dc01", None, "london", "reader"),
        ("dc02", None, "london", "reader"),
    ]


def test_a_site_has_the_hosts_of_all_groups_at_it(inventory: Inventory) -> None:
    """A host of a group inside is at the site of the group around."""
    assert [each.hosts for each in inventory.site("LONDON")] == [
        "10.1.2.3",
        "exch02",
        "dc01",
        "dc02",
    ]


def test_everything_has_each_host_once(inventory: Inventory) -> None:
    """A host that several groups list is no duplicate of itself."""
    names = [name for name, *_ in _shown(inventory.everything())]

    assert names == ["10.1.2.3", "exch02", "dc01", "dc02", "10.2.0.0/16"]


def test_what_is_set_for_a_host_is_known_however_it_is_named(inventory: Inventory) -> None:
    """The groups count in their order in the file, for the address of an alias too."""
    assert [each.site for each in inventory.known.of(identity("dc02"))] == ["london", None, "paris"]
    assert inventory.known.of(identity("10.1.2.3"))[0].username == "probe"
    assert inventory.known.of(identity("10.2.3.4"))[0].site == "paris"


def test_an_alias_names_its_first_address(inventory: Inventory) -> None:
    """Case and a last dot do not matter; networks and other names stay as they are."""
    network = parse_mention("10.0.0.0/24")

    aliases = inventory.aliases
    assert addressed(parse_mention("Exch01:4450"), aliases) == parse_mention("10.1.2.3:4450")
    assert addressed(parse_mention("Exch01:4450"), aliases).alias == "Exch01"
    assert addressed(parse_mention("dc09"), aliases) == Mention("dc09", NOTHING_SET)
    assert addressed(network, aliases) == network


@pytest.mark.parametrize(("kind", "known"), [("group", "mail, dns, paris"), ("site", "london, pa")])
def test_an_unknown_name_is_answered_with_the_known_ones(
    inventory: Inventory, kind: str, known: str
) -> None:
    """A typing error is easy to see."""
    with pytest.raises(UsageError, match=f"has no {kind} 'x'; it has {known}"):
        getattr(inventory, kind)("x")


def test_an_inventory_without_sites_says_so() -> None:
    """There is no name to show."""
    inventory = inventory_of({"dns": _group("dc01")}, {})

    with pytest.raises(UsageError, match="no site 'x'; it has none"):
        inventory.site("x")


def test_groups_may_share_a_group_but_make_no_circle() -> None:
    """A long chain and a diamond are right; a circle is not."""
    chain = {f"g{n}": _group("dc01", groups=(f"g{n + 1}", f"g{n + 2}")) for n in range(3000)}
    ends = {"g3000": _group("dc02"), "g3001": _group("dc03")}

    assert len(inventory_of(chain | ends, {}).group("g0")) == 3
    with pytest.raises(graphlib.CycleError):
        inventory_of({"a": _group(groups=("b",)), "b": _group(groups=("a",))}, {})
