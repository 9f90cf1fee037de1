"""The advice that fits an error."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from hostprobe import errors
from hostprobe.analysis import diagnosis
from hostprobe.analysis.diagnosis import Advice, Known
from hostprobe.errors import HostError, HostprobeError
from hostprobe.transport.hello import Hello

MEMBER = Hello(name="WS081", domain="CORP")
ALONE = Hello(name="WS081", domain="WS081")
NO_ADVICE = {
    "host",  # only its children are raised
    "authentication",
    "worker_lost",  # of a cluster
    "command_not_found",  # of exec, as the next
    "run_as",
    "host_key",  # of a router
    "stopped",
    "internal",
}


def kinds(cls: type[HostprobeError] = HostError) -> Iterator[type[HostprobeError]]:
    """Every class of error of a host."""
    yield cls
    for child in cls.__subclasses__():
        yield from kinds(child)


def silence(step: str) -> HostError:
    """A host that fell silent at a step."""
    return errors.DeadlineError("x", step=step)


def advised(error: HostprobeError, known: Known | None = None) -> Advice:
    """The advice, which there is."""
    found = diagnosis.advice(error, known or Known(username="ops"))
    assert found is not None
    return found


@pytest.mark.parametrize("cls", [*kinds(), errors.JournalError, errors.OutsideScopeError])
def test_every_error_has_advice(cls: type[HostprobeError]) -> None:
    """Each kind that a host can fail with has a meaning and a way out, without a hole in it."""
    if cls.__module__ != errors.__name__:
        return  # of another test
    found = diagnosis.advice(cls("x"), Known(username="ops"))
    if cls("").kind in NO_ADVICE:
        assert found is None
        return
    assert found is not None
    assert found.meaning
    assert found.ways
    assert "{" not in "".join((found.meaning, *found.ways))


@pytest.mark.parametrize(
    ("username", "told", "is_uac"),
    [
        (r".\ops", MEMBER, True),
        (r"ws081\ops", MEMBER, True),
        ("ops", ALONE, True),
        ("ops", MEMBER, False),
        (r"CORP\ops", MEMBER, False),
        ("ops@corp.example", ALONE, False),
        ("ops", Hello(), True),
    ],
)
def test_whose_account_it_is(username: str, told: Hello, *, is_uac: bool) -> None:
    """UAC is named where the account is the host's own; a domain's is a member, or it is not."""
    found = advised(errors.NotAdminError("x"), Known(username=username, told=told))
    assert ("UAC" in found.meaning) is is_uac
    assert any("net localgroup Administrators" in way for way in found.ways)


def test_the_domain_is_named() -> None:
    """A wrong password of a bare name shows how the domain's account would be written."""
    ways = advised(errors.BadCredentialsError("x"), Known(username="ops", told=MEMBER)).ways
    assert any(r"CORP\ops" in way for way in ways)
    ways = advised(errors.BadCredentialsError("x"), Known(username=r".\ops", told=ALONE)).ways
    assert any(r"DOMAIN\ops" in way for way in ways)


@pytest.mark.parametrize(
    ("minutes", "words"), [(17, "17 minutes ahead of this"), (-120, "2 hours behind this")]
)
def test_a_skewed_clock(minutes: int, words: str) -> None:
    """Clocks that are too far apart are the first thing to set right."""
    known = Known(username="ops", ahead=timedelta(minutes=minutes))
    assert words in advised(errors.DomainProblemError("x"), known).ways[0]
    right = advised(errors.DomainProblemError("x"), Known(username="ops", ahead=timedelta()))
    assert right.ways[0].startswith("Compare the clocks")


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "A web server"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "An SSH server"),
        (b"\0\0\0\x48\xffSMBr", "SMB 1 alone"),
        (b"220 {mail} ESMTP\r\n", "'220 {mail} ESMTP'"),
        (b"\x1b[2Jhello", "nothing that SMB knows"),
        (b"", "nothing that SMB knows"),
    ],
)
def test_who_answers(odd: bytes, words: str) -> None:
    """What speaks no SMB is named as far as its first line tells, and moves no cursor."""
    found = advised(errors.NotSmbError("x"), Known(username="ops", odd=odd))
    assert words in found.meaning
    assert found.meaning.isprintable()


def test_a_silent_host() -> None:
    """Silence means one thing before SMB, another at a later step, a third when all is over."""
    known = Known(username="ops")
    before = advised(silence("negotiate"), known).meaning
    later = advised(silence("open ADMIN$"), known).meaning
    gone = advised(silence("run the command"), Known(username="ops", is_left=True)).meaning
    assert len({before, later, gone}) == 3
    assert "second call" in gone


def test_what_is_left_behind() -> None:
    """There is a way to remove by hand what could not be removed."""
    assert "sc delete" in diagnosis.about_left_behind().ways[-1]
