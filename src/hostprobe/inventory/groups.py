"""The hosts of an inventory, by group, by site, and all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from itertools import chain
from typing import TypeVar

from hostprobe.errors import UsageError
from hostprobe.inventory.aliases import NO_ALIASES, Aliases, aliases_of
from hostprobe.inventory.host_map import HostMap, host_map
from hostprobe.inventory.mentions import Mention, Settings, addressed
from hostprobe.inventory.quoting import quoted

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What an inventory says about one group.

    Attributes:
        hosts: Those that it lists itself.
        settings: What holds for each of its hosts about which nothing else is said.
        groups: The names of the groups whose hosts are its hosts too.
    """

    hosts: tuple[Mention, ...]
    settings: Settings
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The hosts that a network has; made by `inventory_of`.

    Attributes:
        groups: The hosts of each group, those of its groups included, by its name in lower case.
        known: What is set for each host, wherever it is listed.
        aliases: The names of addresses, its own before others.
    """

    groups: Mapping[str, tuple[Mention, ...]]
    known: HostMap[Settings]
    aliases: Aliases

    def group(self, name: str) -> tuple[Mention, ...]:
        """The hosts of one group.

        Raises:
            UsageError: There is no such group.
        """
        return _named("group", name, self.groups)

    def site(self, name: str) -> tuple[Mention, ...]:
        """The hosts at one site.

        Raises:
            UsageError: There is no such site.
        """
        sites: dict[str, list[Mention]] = {}
        for mention in chain.from_iterable(self.groups.values()):
            if mention.settings.site:
                sites.setdefault(mention.settings.site, []).append(mention)
        return _each_once(_named("site", name, sites))

    def everything(self) -> tuple[Mention, ...]:
        """All hosts."""
        return _each_once(chain.from_iterable(self.groups.values()))


def inventory_of(
    groups: Mapping[str, Group], aliases: Mapping[str, str], others: Aliases = NO_ALIASES
) -> Inventory:
    """The inventory of groups, by their names in lower case, that name only each other.

    Args:
        groups: All of them.
        aliases: Its own names for addresses.
        others: Names for addresses that hold where these say nothing.

    Raises:
        graphlib.CycleError: A group is, by way of others, one of its own groups.
    """
    known_as = aliases_of((*aliases.items(), *others.pairs))
    members: dict[str, tuple[Mention, ...]] = {}
    inner = {name: group.groups for name, group in groups.items()}
    for name in TopologicalSorter(inner).static_order():
        listed = chain(groups[name].hosts, *(members[each] for each in inner[name]))
        settings = groups[name].settings
        members[name] = _each_once(
            replace(addressed(each, known_as), settings=each.settings.or_else(settings))
            for each in listed
        )
    by_name = {name: members[name] for name in groups}
    told = chain.from_iterable(by_name.values())
    known = host_map((each.hosts, each.settings) for each in told)
    return Inventory(groups=by_name, known=known, aliases=known_as)


def _each_once(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """Without the later ones of the same hosts and port."""
    found: dict[tuple[object, int | None], Mention] = {}
    for mention in mentions:
        found.setdefault((mention.hosts, mention.settings.port), mention)
    return tuple(found.values())


def _named(kind: str, name: str, named: Mapping[str, T]) -> T:
    try:
        return named[name.lower()]
    except KeyError:
        names = ", ".join(list(named)[:10]) or "none"
        msg = f"the inventory has no {kind} {quoted(name)}; it has {names}"
        raise UsageError(msg) from None
