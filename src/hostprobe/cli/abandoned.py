"""The hosts on which runs of this machine were cut short, as its journal names them."""

from dataclasses import replace
from typing import Final

from hostprobe.cli.console import say
from hostprobe.cli.options import ActOptions, HostOptions
from hostprobe.cli.selecting import selected
from hostprobe.errors import TargetError
from hostprobe.inventory.targets import SMB_PORT, Target, parse_target

_MOST_NAMES: Final = 20


def abandoned(hosts: HostOptions, wanted: ActOptions) -> tuple[Target, ...]:
    """Each host once, as it was named then; without -u and -k asked as whom it was then.

    Raises:
        TargetError: All are excluded.
    """
    # Imported here: with its package come the libraries that take long.
    from hostprobe.transport.psexec import journal  # noqa: PLC0415

    entries = journal.abandoned()
    account_of = {entry.host: entry.account for entry in entries if _is_one_host(entry.host)}
    if not account_of:
        return ()
    found = selected(tuple(account_of), replace(hosts, smb_port=SMB_PORT), wanted)
    names = ", ".join(map(str, found[:_MOST_NAMES]))
    more = f" and {len(found) - _MOST_NAMES:,} more" if len(found) > _MOST_NAMES else ""
    say(f"runs were cut short, as the journal says, on {names}{more}")
    if hosts.username or hosts.kerberos:
        return found
    return tuple(
        replace(target, username=target.username or account_of.get(str(target))) for target in found
    )


def _is_one_host(text: str) -> bool:
    """Whether nobody is asked but one host, as nobody typed it: no network, list or stdin."""
    try:
        parse_target(text)
    except TargetError as error:
        say(f"the journal: {error}; left out")
        return False
    return True
