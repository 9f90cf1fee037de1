"""The hosts on which runs of this machine were cut short, as its journal names them."""

from dataclasses import replace
from typing import Final

from hostprobe.cli.console import say
from hostprobe.cli.options import ActOptions, HostOptions
from hostprobe.cli.selecting import selected
from hostprobe.inventory.targets import SMB_PORT, Target

_MOST_NAMES: Final = 20


def abandoned(hosts: HostOptions, wanted: ActOptions) -> tuple[Target, ...]:
    """Each host once, as it was named then; without -u and -k asked as whom it was then.

    Raises:
        TargetError: The journal names what is no host, or all are excluded.
    """
    # Imported here: with its package come the libraries that take long.
    from hostprobe.transport.psexec import journal  # noqa: PLC0415

    account_of = {entry.host: entry.account for entry in journal.abandoned()}
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
