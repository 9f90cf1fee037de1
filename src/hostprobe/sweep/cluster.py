"""An executor of the workers of a Dask cluster, for more hosts than one machine can ask.

A password travels with each piece of work, so whatever is reached on the way must be reached by
TLS, or stay on this machine. Certificates are those of Dask's own configuration.
"""

import ipaddress
import re
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from threading import Thread
from typing import Final, ParamSpec, TypeVar, cast

from distributed import Client, Security

from hostprobe.errors import UsageError
from hostprobe.inventory.targets import Target
from hostprobe.sweep._in_cluster import VERSION, scheduler_facts, sealed, worker_facts
from hostprobe.sweep._placing import Job, Member, Placing, Ring, Shut
from hostprobe.sweep._threads import DaemonThreadExecutor

T = TypeVar("T")
P = ParamSpec("P")

_ADDRESS: Final = re.compile(r"(?P<scheme>[a-z]+)://(?:\[(?P<v6>[^]]+)\]|(?P<host>[^:/@\s]+)):\d+")
_CERTIFICATES: Final = "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ..._TLS__CLIENT__CERT and __KEY"
_ANSWER_S: Final = 15.0


class Cluster(Executor):
    """Runs picklable work on the workers of a cluster, each piece on one of them and never twice.

    Work for a target whose site is the name of a resource goes to a worker that has this resource,
    and takes a unit of it; all other work goes to any worker.
    """

    def __init__(self, placing: Placing) -> None:
        self._placing = placing
        self._thread = Thread(target=placing.run, name="cluster", daemon=True)
        self._thread.start()
        self._is_shut = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Send the work to the worker that has least to do, as soon as one has a thread for it.

        The future fails with WorkerLostError where that worker goes away, or none comes.

        Raises:
            RuntimeError: The executor is shut down.
        """
        if self._is_shut or not self._thread.is_alive():
            msg = "cannot submit to an executor that is shut down"
            raise RuntimeError(msg)
        target = next((arg for arg in args if isinstance(arg, Target)), None)
        call = sealed(partial(fn, *args, **kwargs))
        job = Job(call, str(target or "work"), target.site if target else None)
        self._placing.events.put(job)
        return cast("Future[T]", job.future)

    def ring(self) -> None:
        """Ring the bell of this run on every worker, until its work has come back."""
        self._placing.events.put(Ring())

    def shutdown(
        self,
        wait: bool = True,  # noqa: FBT001, FBT002 - the signature of Executor
        *,
        cancel_futures: bool = False,
    ) -> None:
        """Take no more work, and leave the cluster when all of it has come back."""
        self._is_shut = True
        self._placing.events.put(Shut(cancel_futures))
        if wait:
            self._thread.join()


def connect(address: str, *, timeout_s: float = 10.0, patience_s: float = 30.0) -> Cluster:
    """Join a cluster.

    Args:
        address: Of the scheduler, with its scheme.
        timeout_s: For the scheduler.
        patience_s: How long work waits where its last worker has gone: a nanny starts a new one.

    Raises:
        UsageError: The address would give the password away, the scheduler cannot be reached, or
            what is there is not fit for the work.
    """
    require_private(address)
    security = _security(address)
    try:
        client = Client(address, security=security, timeout=timeout_s, set_as_default=False)
    except (OSError, ImportError, RuntimeError, ValueError) as error:
        msg = f"no scheduler at {address}: {_cause(error)}; is it up, with certificates of one CA?"
        raise UsageError(msg) from error
    try:
        members = _members(client, address)
    except BaseException:
        client.close()
        raise
    return Cluster(Placing(client, members, _member, patience_s=patience_s))


def require_private(address: str) -> None:
    """See that nobody can listen in on what is sent to an address.

    Raises:
        UsageError: It is neither TLS nor on this machine.
    """
    if not _is_private(address):
        msg = (
            f"cluster at {address}: write tls://HOST:PORT, or tcp://127.0.0.1:PORT for one on this"
            " machine: whoever else listens there gets the password"
        )
        raise UsageError(msg)


def _is_private(address: str) -> bool:
    read = _ADDRESS.fullmatch(address)
    if read is None:
        return False
    is_here = _is_here(read["v6"] or read["host"])
    return read["scheme"] == "tls" or (read["scheme"] == "tcp" and is_here)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _security(address: str) -> Security:
    """Dask's certificates; those of its configuration."""
    security = Security()
    try:
        context = security.get_connection_args("client")["ssl_context"]
    except (OSError, ValueError) as error:
        msg = f"Dask's certificates cannot be read: {error}; see {_CERTIFICATES}"
        raise UsageError(msg) from error
    if context is None and address.startswith("tls:"):
        msg = f"{address} needs certificates, in Dask's own configuration: {_CERTIFICATES}"
        raise UsageError(msg)
    return security


def _members(client: Client, address: str) -> list[Member]:
    """The workers, all of them fit for the work.

    Raises:
        UsageError: There is none, or one is unfit, or the scheduler is.
    """
    _require_fit("scheduler", address, _told(client.run_on_scheduler, scheduler_facts))
    met = _told(client.run, worker_facts, on_error="return")
    if not isinstance(met, dict):
        raise _unfit(address, "scheduler", met)
    if not met:
        msg = f"the scheduler {address} has no worker; start some with: dask worker {address}"
        raise UsageError(msg)
    return [_member(where, facts) for where, facts in met.items()]


def _told(ask: Callable[..., object], *args: object, **kwargs: object) -> object:
    """What the cluster says, or the error that it answers with; also where it does not answer."""
    aside = DaemonThreadExecutor(1)
    try:
        return aside.submit(ask, *args, **kwargs).result(_ANSWER_S)
    except Exception as error:  # noqa: BLE001 - whatever the other side raises
        return error
    finally:
        aside.shutdown(wait=False)


def _member(address: str, facts: object) -> Member:
    """The worker that said this of itself.

    Raises:
        UsageError: It is unfit.
    """
    _require_fit("worker", address, facts)
    match facts:
        case (_, _, str(identity), int(threads), dict(resources)):
            units = {name.lower(): (name, float(units)) for name, units in resources.items()}
            whole = {site: known for site, known in units.items() if known[1] >= 1}
            return Member(address=address, identity=identity, threads=threads, units=whole)
        case _:
            raise _unfit(address, "worker", facts)


def _require_fit(role: str, address: str, facts: object) -> None:
    match facts:
        case (str(version), list(listeners), *_):
            if version != VERSION:
                msg = (
                    f"the {role} {address} has hostprobe {version}, and this is {VERSION}:"
                    " install the same everywhere"
                )
                raise UsageError(msg)
            for listener in listeners:
                if not _is_private(str(listener)):
                    msg = (
                        f"the {role} {address} listens at {listener}, where the password can be"
                        " had: start it with certificates, or with --host 127.0.0.1"
                    )
                    raise UsageError(msg)
        case _:
            raise _unfit(address, role, facts)


def _unfit(address: str, role: str, problem: object) -> UsageError:
    if isinstance(problem, TimeoutError):
        return UsageError(
            f"the {role} {address} or a worker of it says nothing for {_ANSWER_S:g} s"
        )
    return UsageError(
        f"the {role} {address} cannot run hostprobe {VERSION} ({_cause(problem)}):"
        " install it there, with the extra dask"
    )


def _cause(problem: object) -> str:
    """The first line of what went wrong in the first place."""
    while isinstance(problem, BaseException) and problem.__cause__ is not None:
        problem = problem.__cause__
    text = str(problem).strip() or type(problem).__name__
    return text.splitlines()[0]
