"""Turn what a person types into targets: thousands of them, each once.

Source: command-line arguments, and the files that they name (words.py says how).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

from hostprobe.errors import TargetError
from hostprobe.inventory.addresses import Identity, address_text, identity
from hostprobe.inventory.aliases import NO_ALIASES, Aliases
from hostprobe.inventory.exclusion import Exclusion, exclusion_of
from hostprobe.inventory.groups import Inventory
from hostprobe.inventory.mentions import Mention, Settings, addressed
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.spans import Span
from hostprobe.inventory.targets import SMB_PORT, Target
from hostprobe.inventory.words import read_words

_MAX_TARGETS = 1 << 20
_MAX_IPV6_HOSTS = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The hosts to ask.

    Attributes:
        targets: Each once, in the order given.
        duplicates: How many were dropped, since the same host and port was there already.
        widest: The largest network or range that was typed or listed, and its number of hosts.
    """

    targets: tuple[Target, ...]
    duplicates: int
    widest: tuple[str, int] | None


def select(
    texts: Iterable[str],
    *,
    default_port: int = SMB_PORT,
    exclude: Iterable[str] = (),
    inventory: Inventory | None = None,
    aliases: Aliases = NO_ALIASES,
    stdin: BinaryIO | None = None,
) -> Selection:
    """Read what names the hosts to ask, and take away what `exclude` names in the same way.

    A name that the inventory or, without one, `aliases` knows stands for its first address. What a
    text or a list says of a host's port, site and user goes before what the group says that was
    asked for, and that before what the inventory says elsewhere.

    Raises:
        TargetError: A text or a line of a list names no host, a list names none, they name more
            than 1,048,576, or all are excluded.
        InputFileError: A list cannot be read.
        UsageError: A text needs the inventory or stdin, and there is none, or not what it names.
    """
    excluded = read_exclusion(exclude, inventory=inventory, aliases=aliases, stdin=stdin)
    choice = _Choice(default_port, excluded, inventory)
    for mention in read_words(texts, inventory, stdin):
        choice.add(addressed(mention, aliases))
    if choice.named and not choice.targets:
        msg = "no host is left: --exclude takes all of them away"
        raise TargetError(msg)
    return Selection(
        targets=tuple(choice.targets), duplicates=choice.duplicates, widest=choice.widest
    )


def read_exclusion(
    texts: Iterable[str],
    *,
    inventory: Inventory | None = None,
    aliases: Aliases = NO_ALIASES,
    stdin: BinaryIO | None = None,
) -> Exclusion:
    """Read what names the hosts to leave out.

    Raises:
        TargetError: A text or a line of a list names no host, or a list names none.
        InputFileError: A list cannot be read.
        UsageError: A text needs the inventory or stdin, and there is none, or not what it names.
    """
    mentions = read_words(texts, inventory, stdin)
    return exclusion_of(addressed(mention, aliases) for mention in mentions)


@dataclass(slots=True)
class _Choice:
    """The targets so far."""

    default_port: int
    excluded: Exclusion
    inventory: Inventory | None
    targets: list[Target] = field(default_factory=list)
    duplicates: int = 0
    widest: tuple[str, int] | None = None
    named: int = 0
    seen: dict[int, set[Identity]] = field(default_factory=dict)  # by port

    def add(self, mention: Mention) -> None:
        """Take the hosts of a mention, unless they are excluded or there already."""
        hosts = mention.hosts
        if isinstance(hosts, str):
            self._count(1, hosts)
            self._add(hosts, identity(hosts), mention.settings, mention.alias)
            return
        self._note_width(hosts)
        for number in hosts.hosts:
            self._add(address_text(number), number, mention.settings)

    def _note_width(self, span: Span) -> None:
        count = span.host_count
        if span.is_ipv6 and count > _MAX_IPV6_HOSTS:
            msg = f"{quoted(span.text)} has more than {_MAX_IPV6_HOSTS:,} hosts: name a part of it"
            raise TargetError(msg)
        self._count(count, span.text)
        if self.widest is None or count > self.widest[1]:
            self.widest = span.text, count

    def _count(self, hosts: int, text: str) -> None:
        self.named += hosts
        if self.named > _MAX_TARGETS:
            way_out = "name fewer, and the others in another run"
            msg = f"{quoted(text)} makes {self.named:,} hosts, over {_MAX_TARGETS:,}: {way_out}"
            raise TargetError(msg)

    def _add(self, host: str, who: Identity, settings: Settings, alias: str | None = None) -> None:
        if self.inventory:
            settings = _completed(settings, self.inventory.known.of(who))
        port = settings.port or self.default_port
        if self.excluded.covers(who, port):
            return
        there = self.seen.setdefault(port, set())
        if who in there:
            self.duplicates += 1
            return
        there.add(who)
        self.targets.append(Target(host, port, settings.site, settings.username, alias=alias))


def _completed(settings: Settings, known: Iterable[Settings]) -> Settings:
    """What is set, and what else is known of the host at that port."""
    for other in known:
        if other.port is None or settings.port in {None, other.port}:
            settings = settings.or_else(other)
    return settings
