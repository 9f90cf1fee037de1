"""The hosts that were named, and what it means to log in to all of them."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from hostprobe.cli import aliases
from hostprobe.cli.options import HostOptions
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import Accounts
from hostprobe.inventory.targets import Target

Announce = Callable[[Sequence[Target], Accounts, int], str]
"""Says what it means to so many hosts to be asked; the number is that of the jobs."""

_WIDE: Final = 4096  # the addresses of a /20


class Choice(Protocol):
    """Which of the hosts that are named are meant: what options of a command say of it."""

    @property
    def exclude(self) -> Sequence[str] | None:
        """Those that are left out."""

    @property
    def inventory(self) -> Path | None:
        """What groups and sites there are."""

    @property
    def refusal_of_wide(self) -> str | None:
        """What to do about a network so large that it may be a slip; None where that is done."""


def selected(texts: Sequence[str], hosts: HostOptions, many: Choice) -> tuple[Target, ...]:
    """The hosts that were named.

    Raises:
        UsageError: They cannot be read, or are a network so large that it may be a slip.
    """
    # Imported here: a file is read without it.
    from hostprobe.inventory.selection import select  # noqa: PLC0415

    selection = select(
        texts,
        default_port=hosts.smb_port,
        exclude=many.exclude or (),
        inventory=aliases.inventory(many.inventory) if many.inventory else None,
        aliases=aliases.known(many.inventory),
        stdin=getattr(sys.stdin, "buffer", None),
    )
    text, count = selection.widest or ("", 0)
    if count > _WIDE and (way_out := many.refusal_of_wide):
        msg = f"{text} has {count:,} hosts: {way_out}"
        raise UsageError(msg)
    return selection.targets


def announcement(targets: Sequence[Target], account_of: Accounts, jobs: int) -> str:
    """What is about to be done to many hosts, whatever they are asked."""
    # Imported here: with its package come the libraries that take long.
    from hostprobe.transport.psexec.names import UPLOAD_BYTES  # noqa: PLC0415

    megabytes = len(targets) * UPLOAD_BYTES / 1_000_000
    return (
        f"{log_ins(targets, account_of, jobs)}, {megabytes:,.1f} MB to upload; each logs that a"
        " service was installed (event 7045)"
    )


def log_ins(targets: Sequence[Target], account_of: Accounts, jobs: int) -> str:
    """How many hosts are asked as whom."""
    used = Counter(account_of.of(target).username for target in targets)
    many = len(used) > 1
    names = (f"{name} ({count:,})" if many else name for name, count in used.items())
    who = ", ".join(names)
    return f"{len(targets):,} hosts as {who}, {min(jobs, len(targets))} at a time"
