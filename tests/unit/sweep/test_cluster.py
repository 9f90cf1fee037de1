"""Who is fit to be given a password, and what is sent to him."""

import pickle
from functools import partial

import pytest

pytest.importorskip("distributed")

import dask.config

from hostprobe.errors import UsageError
from hostprobe.sweep import Bell
from hostprobe.sweep._in_cluster import VERSION, Parcel, sealed
from hostprobe.sweep._placing import Member
from hostprobe.sweep.cluster import _member, connect, require_private

_HERE = ["tls://0.0.0.0:1", "tcp://127.0.0.1:2"]


@pytest.mark.parametrize(
    "address",
    [
        "tls://scheduler:8786",
        "tls://10.1.2.3:8786",
        "tls://[fd00::1]:8786",
        "tcp://127.0.0.1:8786",
        "tcp://127.9.9.9:8786",
        "tcp://localhost:8786",
        "tcp://[::1]:8786",
    ],
)
def test_what_is_private(address: str) -> None:
    """TLS to anywhere, and clear text on this machine."""
    require_private(address)


@pytest.mark.parametrize(
    "address",
    [
        "tcp://scheduler:8786",
        "tcp://10.1.2.3:8786",
        "tcp://0.0.0.0:8786",
        "tcp://localhost.example:8786",
        "tcp://127.0.0.1.example:8786",
        "tcp://127.0.0.1@10.1.2.3:8786",
        "tcp://127.1:8786",
        "tcp://[fd00::1]:8786",
        "tcp://:8786",
        "tls://scheduler",
        "tls://user@scheduler:8786",
        "TLS://scheduler:8786",
        "ucx://127.0.0.1:8786",
        "ws://127.0.0.1:8786",
        "wss://scheduler:8786",
        "inproc://127.0.0.1/1/1",
        "tls+tcp://scheduler:8786",
        "scheduler:8786",
        "",
    ],
)
def test_what_is_not(address: str) -> None:
    """Whatever else is refused before anything is sent, in one line with the way out."""
    with pytest.raises(
        UsageError, match=r"write tls://HOST:PORT, or tcp://127\.0\.0\.1:PORT"
    ) as no:
        connect(address)
    assert "\n" not in str(no.value)


def test_no_certificates() -> None:
    """TLS without certificates in Dask's configuration says where they belong."""
    with pytest.raises(UsageError, match="DASK_DISTRIBUTED__COMM__TLS__CA_FILE"):
        connect("tls://scheduler:8786")


def test_certificates_that_are_not_there() -> None:
    """A path that leads nowhere is one line."""
    tls = "distributed.comm.tls"
    nowhere = {f"{tls}.ca-file": "/no/ca.pem", f"{tls}.client.cert": "/no/cert.pem"}
    with (
        dask.config.set(nowhere),
        pytest.raises(UsageError, match="certificates cannot be read"),
    ):
        connect("tls://scheduler:8786")


def test_nobody_there() -> None:
    """A scheduler that is not there is one line."""
    with pytest.raises(UsageError, match=r"^no scheduler at tcp://127\.0\.0\.1:9: "):
        connect("tcp://127.0.0.1:9", timeout_s=0.2)


def test_a_fit_worker() -> None:
    """Its resources are found in lower case, and kept as Dask has them."""
    found = _member("tls://w:1", (VERSION, _HERE, "Worker-1", 4, {"London": 2.0}))
    assert (found.identity, found.threads) == ("Worker-1", 4)
    assert found.units == {"london": ("London", 2.0)}


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (("0.0.9", _HERE, "Worker-1", 4, {}), "worker tls://w:1 has hostprobe 0.0.9, and this is"),
        ((VERSION, ["tcp://0.0.0.0:1"], "Worker-1", 4, {}), "listens at tcp://0.0.0.0:1"),
        (ModuleNotFoundError("No module named 'hostprobe'"), "No module named 'hostprobe'"),
        ((VERSION, _HERE), "cannot run hostprobe"),
        (TimeoutError(), "says nothing for 15 s"),
    ],
)
def test_an_unfit_worker(facts: object, problem: str) -> None:
    """It is named, with what is wrong, in one line."""
    with pytest.raises(UsageError) as unfit:
        _member("tls://w:1", facts)
    assert problem in str(unfit.value)
    assert "\n" not in str(unfit.value)


@pytest.mark.parametrize(
    ("resource", "at_work", "has_room"),
    [
        (None, {}, True),
        (None, {None: 3, "london": 1}, False),
        ("london", {None: 3}, True),
        ("london", {"london": 2}, False),
        (None, {"london": 2}, True),
    ],
)
def test_room(resource: str | None, at_work: dict[str | None, int], *, has_room: bool) -> None:
    """A worker has as many places as threads, and of them for a site as many as it has units."""
    member = Member(address="a", identity="b", threads=4, units={"london": ("London", 2.0)})
    member.at_work.update(at_work)
    assert member.has_room(resource) is has_room


def test_nothing_shows_the_work() -> None:
    """Dask logs the repr of what fails: it has no part of the call, in which a password is."""
    parcel = Parcel("run", "worker", sealed(partial(print, "hunter2")))
    assert b"hunter2" in parcel.call
    assert "hunter2" not in repr(parcel)


def test_a_bell_stays_behind() -> None:
    """Work is sealed without its bell, so that only a run's own bell can be put in."""
    with pytest.raises(pickle.UnpicklingError, match="persistent"):
        pickle.loads(sealed(partial(print, Bell())))  # noqa: S301 - our own
