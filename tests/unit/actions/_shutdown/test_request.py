"""What may be asked of a host, and how it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.actions._shutdown.request import (
    Reason,
    ShutdownRequest,
    Verb,
    check,
    parse_reason,
)
from hostprobe.errors import UsageError


def test_a_reason() -> None:
    """A reason is read as shutdown.exe writes it, and told in words."""
    reason = parse_reason("U:4:5")
    assert reason == Reason("u", 4, 5)
    assert (str(reason), reason.in_words) == ("u:4:5", "user-defined, application")
    assert (str(Reason()), Reason().in_words) == ("p:5:19", "planned, security issue")
    assert Reason("p", 99, 1).in_words == "planned, unnamed"


@pytest.mark.parametrize("text", ["5:19", "x:5:19", "p:256:1", "p:1:65536", "p:1", "p:1:2 /s", ""])
def test_no_reason(text: str) -> None:
    """What shutdown.exe would not take is refused."""
    with pytest.raises(UsageError, match=r"is no p:MAJOR:MINOR|a major number"):
        parse_reason(text)


@given(st.text(max_size=20))
def test_only_numbers_become_a_reason(text: str) -> None:
    """Whatever is taken as a reason can stand in a command line."""
    try:
        reason = str(parse_reason(text))
    except UsageError:
        return
    assert set(reason) <= set("pu:0123456789")


@pytest.mark.parametrize(
    "request_",
    [
        ShutdownRequest(),
        ShutdownRequest(verb=Verb.REBOOT, at="23:30", message="so long", force=True),
        ShutdownRequest(verb=Verb.HIBERNATE, delay_s=600, force=True),
        ShutdownRequest(verb=Verb.SUSPEND, at="0:00"),
        ShutdownRequest(verb=Verb.LOCK, sessions=(1, 2)),
        ShutdownRequest(message="ü" * 512),
    ],
)
def test_what_goes_together(request_: ShutdownRequest) -> None:
    """Each verb takes its own options."""
    check(request_)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (ShutdownRequest(verb=Verb.LOCK, at="23:30"), "--at does not go with --lock"),
        (ShutdownRequest(verb=Verb.ABORT, message="a"), "--message does not go with --abort"),
        (ShutdownRequest(verb=Verb.HIBERNATE, message="a"), "does not go with --hibernate"),
        (ShutdownRequest(verb=Verb.SUSPEND, force=True), "--force does not go with --suspend"),
        (ShutdownRequest(sessions=(1,)), "--session does not go with --shutdown"),
        (ShutdownRequest(at="24:00"), "no time of day"),
        (ShutdownRequest(at="23:30 & x"), "no time of day"),
        (ShutdownRequest(message="a\nb"), "one line of printable"),
        (ShutdownRequest(message="a\x1b[2J"), "one line of printable"),
        (ShutdownRequest(message="a" * 513), "longer than the 512"),
        (ShutdownRequest(message="😀" * 257), "longer than the 512"),
        (ShutdownRequest(reason=Reason("p", 5, -1)), "--reason p:5:-1"),
        (ShutdownRequest(reason=Reason("p", 256, 1)), "--reason p:256:1"),
        (ShutdownRequest(delay_s=31 * 86400), "30 days at most"),
        (ShutdownRequest(verb=Verb.SUSPEND, delay_s=601), "10 minutes at most"),
        (ShutdownRequest(verb=Verb.LOG_OFF, sessions=(0,)), "number of a session"),
        (ShutdownRequest(verb=Verb.LOG_OFF, sessions=(65536,)), "number of a session"),
    ],
)
def test_what_does_not(request_: ShutdownRequest, why: str) -> None:
    """What cannot be meant, or what Windows does not take, is refused before a host is asked."""
    with pytest.raises(UsageError, match=why):
        check(request_)
