"""The hosts of a sweep: who has which address, and which of them are one.

A host may be hostile, and claim any name and any address. Two are taken for one host only where
each of them has the address that the other one was asked at; and where several have an address,
nobody is chosen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Literal

from hostprobe.analysis.edges._addresses import is_loopback

Status = Literal["answered", "failed", "not_asked", "ambiguous"]

_MOST_ADDRESSES: Final = 256  # that one host may call its own


@dataclass(slots=True, kw_only=True)
class SeenHost:
    """A target of a sweep.

    Attributes:
        target: As it was named.
        name: What the host states of itself.
        asked_at: The address that answered, or was asked last.
        addresses: Those it has by its own listing.
        listeners: By port, the process that listens there for others; None where that is unknown.
    """

    target: str
    name: str | None = None
    status: Status
    asked_at: str | None = None
    addresses: frozenset[str] = frozenset()
    listeners: Mapping[int, str | None] = field(default_factory=dict)


class Hosts:
    """All of them, by number; two numbers may turn out to be one host, when all are known."""

    def __init__(self) -> None:
        self._hosts: list[SeenHost] = []
        self._same: dict[int, int] = {}
        self._owners: dict[str, tuple[int, ...]] = {}

    def __getitem__(self, number: int) -> SeenHost:
        return self._hosts[number]

    def __len__(self) -> int:
        return len(self._hosts)

    def add(self, host: SeenHost) -> int:
        """Take one more; its number."""
        host.addresses = frozenset(islice(sorted(host.addresses), _MOST_ADDRESSES))
        self._hosts.append(host)
        return len(self._hosts) - 1

    def settle(self) -> None:
        """See who is who, now that all are known."""
        answered = [n for n, host in enumerate(self._hosts) if host.status == "answered"]
        self._unite_named(answered)
        self._unite_repeated(answered)
        self._owners = self._owned()

    def one(self, number: int) -> int:
        """The number of a host that stands for all of its numbers."""
        while number in self._same:
            number = self._same[number]
        return number

    def owners(self, address: str) -> tuple[int, ...]:
        """The hosts that have an address."""
        return self._owners.get(address, ())

    def _unite_named(self, answered: Iterable[int]) -> None:
        """Of the same name, those that were asked at one address, or at each other's."""
        asked: dict[tuple[str, str | None], int] = {}
        for number in answered:
            host = self._hosts[number]
            if host.name is None:
                continue
            name = host.name.casefold()
            for address in host.addresses:
                other = asked.get((name, address))
                if other is not None and host.asked_at in self._hosts[other].addresses:
                    self._unite(number, other)
            place = host.asked_at
            place = host.target if place is None or is_loopback(place) else place
            self._unite(number, asked.setdefault((name, place), number))

    def _unite_repeated(self, answered: Iterable[int]) -> None:
        """What failed once, and answered under the same target another time."""
        by_target = {self._hosts[number].target: number for number in answered}
        for number, host in enumerate(self._hosts):
            if host.status != "answered" and host.target in by_target:
                self._unite(number, by_target[host.target])

    def _unite(self, number: int, other: int) -> None:
        first, second = self.one(number), self.one(other)
        if first != second:
            self._same[first] = second
            kept = self._hosts[second]
            kept.listeners = {**self._hosts[first].listeners, **kept.listeners}

    def _owned(self) -> dict[str, tuple[int, ...]]:
        owners: dict[str, tuple[int, ...]] = {}
        for number, host in enumerate(self._hosts):
            one = self.one(number)
            for address in _addresses(host):
                known = owners.get(address, ())
                if one not in known:
                    owners[address] = (*known, one)
        return owners


def _addresses(host: SeenHost) -> frozenset[str]:
    """All that a host has, and no other host can have."""
    asked_at = host.asked_at
    if asked_at is None or is_loopback(asked_at):
        return host.addresses
    return host.addresses | {asked_at}
