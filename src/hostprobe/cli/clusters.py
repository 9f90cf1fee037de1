"""Join the cluster of --cluster, with no word of Dask's own on stderr."""

import logging
import warnings
from concurrent.futures import Executor
from typing import Final

from hostprobe.cli.options import SweepOptions
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import Accounts

_TALKATIVE: Final = (
    *("asyncio", "distributed", "distributed.client", "distributed.gc"),
    *("tornado", "tornado.application"),
)


def joined(many: SweepOptions) -> Executor | None:
    """The cluster that asks the hosts; None where this machine does.

    Raises:
        UsageError: It cannot be joined, or not with these options, or the extra is not installed.
    """
    if many.cluster is None:
        return None
    if many.processes is not None:
        msg = "--cluster and --processes exclude each other: a worker has as many threads as it has"
        raise UsageError(msg)
    try:
        # Imported here: an extra, and slow to import.
        from hostprobe.sweep.cluster import connect  # noqa: PLC0415
    except ModuleNotFoundError as error:
        msg = f"--cluster needs {error.name}: in hostprobe's checkout, pip install '.[dask]'"
        raise UsageError(msg) from error
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module="distributed")  # such as other versions of msgpack
    return connect(many.cluster)


def require_portable(accounts: Accounts, many: SweepOptions) -> None:
    """See that the workers of a cluster can log in.

    Raises:
        UsageError: An account is proved by a ticket, which is not on their machines.
    """
    for account in accounts.every() if many.cluster else ():
        if not account.can_be_locked:
            msg = f"--cluster: the ticket of {account.username} is on this machine only; give -u"
            raise UsageError(msg)
