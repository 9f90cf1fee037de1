"""Why a host could not be asked, and what to do about it: the page of `advice.toml` that fits."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources

from hostprobe.analysis.findings import SKEW, apart
from hostprobe.errors import HostError, HostprobeError
from hostprobe.transport.hello import Hello


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known when the way to a host has ended.

    Attributes:
        username: As whom.
        port: TCP port.
        told: What the host said of itself.
        ahead: How far its clock is ahead of ours; None where it did not say.
        odd: The start of an answer that is no SMB.
        is_left: Whether something of ours could not be removed from it.
    """

    username: str
    port: int = 445
    told: Hello = field(default_factory=Hello)
    ahead: timedelta | None = None
    odd: bytes = b""
    is_left: bool = False

    @property
    def is_local(self) -> bool:
        """Whether the account is the host's own, as far as that can be seen."""
        domain, backslash, _ = self.username.rpartition("\\")
        if backslash:
            return domain.casefold() in {".", (self.told.name or ".").casefold()}
        return "@" not in self.username and not self.told.is_in_domain

    @property
    def user(self) -> str:
        """The account without its domain."""
        return self.username.rpartition("\\")[2].partition("@")[0]


_ANYBODY = Known(username="USER")


@dataclass(frozen=True, slots=True)
class Advice:
    """What an error means, and what to do, the likeliest first."""

    meaning: str
    ways: tuple[str, ...]


def advice(error: HostprobeError, known: Known) -> Advice | None:
    """What to make of an error; None where its own line says it all."""
    variant = f"{error.kind}.{_variant(error, known)}"
    page = _pages().get(variant) or _pages().get(error.kind)
    return None if page is None else _filled(page, known)


def in_general(kind: str) -> Advice | None:
    """What to make of errors of a kind, whichever host it is; None as of `advice`."""
    page = _pages().get(kind)
    return None if page is None else _filled(page, _ANYBODY)


def about_left_behind() -> Advice:
    """What to make of what could not be removed from the host."""
    return _pages()["left_behind"]


@functools.cache
def _pages() -> Mapping[str, Advice]:
    """By kind, and by kind and variant."""
    text = resources.files("hostprobe.analysis").joinpath("advice.toml").read_text("utf-8")
    return {
        name: Advice(page["meaning"], tuple(page["ways"]))
        for name, page in tomllib.loads(text).items()
    }


def _variant(error: HostprobeError, known: Known) -> str:
    step = error.step if isinstance(error, HostError) else ""
    fits = {
        "local": known.is_local,
        "skewed": known.ahead is not None and abs(known.ahead) > SKEW,
        "silent": known.is_left,
        "before_smb": step in {"connect", "negotiate"},
    }
    return next((name for name in _VARIANTS.get(error.kind, ()) if fits[name]), "")


_VARIANTS: Mapping[str, tuple[str, ...]] = {
    "not_admin": ("local",),
    "domain_problem": ("skewed",),
    "deadline": ("silent", "before_smb"),
    "command_timeout": ("silent",),
}


def _filled(page: Advice, known: Known) -> Advice:
    words = _words(known)
    return Advice(page.meaning.format_map(words), tuple(way.format_map(words) for way in page.ways))


def _words(known: Known) -> Mapping[str, str]:
    return {
        "username": known.username,
        "user": known.user,
        "port": str(known.port),
        "domain": (known.told.domain if known.told.is_in_domain else None) or "DOMAIN",
        "skew": apart(known.ahead or timedelta(), of=" of"),
        "speaker": _speaker(known.odd),
    }


def _speaker(odd: bytes) -> str:
    """Who answered, as far as the start of the answer tells."""
    first = odd.split(b"\n")[0].strip()
    is_text = bool(first) and first.isascii() and first.decode("ascii").isprintable()
    if b"\xffSMB" in odd:
        return "A file server answers that speaks SMB 1 alone."
    if first.startswith(b"HTTP/"):
        return "A web server answers."
    if first.startswith(b"SSH-"):
        return "An SSH server answers."
    if is_text:
        return f"What answers says {first[:60].decode('ascii')!r}."
    return "What answers says nothing that SMB knows, or closes the line."
