"""A text that names a host or many, with what is set for them."""

from dataclasses import dataclass, field

from hostprobe.inventory.aliases import Aliases
from hostprobe.inventory.spans import Span, parse_span
from hostprobe.inventory.targets import parse_host


@dataclass(frozen=True, slots=True)
class Settings:
    """How to talk to a host, as far as it is said; None is not said."""

    port: int | None = None
    site: str | None = None
    username: str | None = None

    def or_else(self, other: "Settings") -> "Settings":
        """These, and the other ones where these say nothing."""
        if other is NOTHING_SET or self == other:
            return self
        return Settings(
            port=self.port if self.port is not None else other.port,
            site=self.site if self.site is not None else other.site,
            username=self.username if self.username is not None else other.username,
        )


NOTHING_SET = Settings()


@dataclass(frozen=True, slots=True)
class Mention:
    """Hosts that a text names.

    Attributes:
        hosts: A name or an address, or many addresses.
        settings: What is set for all of them; a port that stands in the text is theirs.
        alias: What the text called the host, where `hosts` is the address that this stands for.
    """

    hosts: str | Span
    settings: Settings
    alias: str | None = field(default=None, compare=False)


def parse_mention(text: str, settings: Settings = NOTHING_SET) -> Mention:
    """Read a host, a network or a range.

    Raises:
        TargetError: The text names no hosts.
    """
    is_name = text[:1].isalpha() and ":" not in text
    span = parse_span(text) if "/" in text or ("-" in text and not is_name) else None
    if span:
        return Mention(span, _with_port(settings, span.port))
    host, port = parse_host(text)
    return Mention(host, _with_port(settings, port))


def addressed(mention: Mention, aliases: Aliases) -> Mention:
    """The mention, by its address where its name is an alias."""
    if isinstance(mention.hosts, Span):
        return mention
    addresses = aliases.addresses_of(mention.hosts)
    return Mention(addresses[0], mention.settings, mention.hosts) if addresses else mention


def _with_port(settings: Settings, port: int | None) -> Settings:
    if port is None:
        return settings
    return Settings(port=port, site=settings.site, username=settings.username)
