"""The questions below layer 7: can we judge, opening, path size, loss, resets, windows."""

import pytest
from tests.unit.analysis.verdict.dialogue import ACK, FIN, RST, SYN, Dialogue

from hostprobe.analysis.verdict import Verdict


def test_one_side_only() -> None:
    """A capture of one side accuses nobody, though it looks like a call without an answer."""
    one = Dialogue().client(0.0, flags=SYN).client(0.1).client(0.2, length=100)
    assert one.verdict(60.0).code == "one_sided"
    other = Dialogue(port=80).server(0.0, flags=SYN | ACK).server(0.2, length=100)
    assert "none of the client" in other.verdict(60.0).meaning


def test_unanswered_call() -> None:
    """Calls without an answer are the network's, once the capture has gone on long enough."""
    called = Dialogue().client(0.0, flags=SYN).client(1.0, flags=SYN).client(3.0, flags=SYN)
    found = called.verdict()
    assert (found.verdict, found.code) == ("network", "unanswered")
    assert "3 times, and for 3.0 s" in found.meaning
    assert Dialogue().client(0.0, flags=SYN).verdict(30.0).evidence == (
        "frame 1: the client calls (SYN)",
    )
    assert called.verdict(2.9).code == "too_short"
    assert called.verdict(is_cut=True).code == "too_short"


def test_half_open() -> None:
    """Call and answer alone accuse nobody, however long the capture goes on."""
    seen = Dialogue().client(0.0, flags=SYN).server(0.1, flags=SYN | ACK)
    assert seen.verdict().code == "too_short"
    assert seen.verdict(60.0).code == "half_open"
    found = seen.client(0.2, flags=RST).verdict()
    assert (found.verdict, found.code) == ("cannot_judge", "half_open")
    lost = Dialogue(port=9).client(0.0, flags=SYN).server(0.1, flags=SYN | ACK)
    assert lost.server(0.2, length=9).verdict(60.0).code == "unread"


def test_calls_in_a_capture_of_one_side() -> None:
    """Where no conversation has both sides, a call without an answer accuses nobody."""
    seen = Dialogue().client(0.0, flags=SYN).client(1.0, flags=SYN)
    other = Dialogue(port=80).client(0.0, flags=SYN).client(0.1).frames
    seen.frames += [frame._replace(stream="t1") for frame in other]
    assert [one.code for one in seen.verdicts(60.0)] == ["one_sided", "one_sided"]


def test_call_in_the_capture_twice() -> None:
    """A call that the capture has twice was made once."""
    seen = Dialogue().client(0.0, flags=SYN, ip_id="7")
    seen.client(0.0001, flags=SYN, ip_id="7", sequence=0, resent=True)
    assert "The client called once" in seen.verdict(9.0).meaning


def test_answer_not_captured() -> None:
    """A reset that ends a conversation whose answer to the call was lost is no refusal."""
    seen = Dialogue(port=9).client(0.0, flags=SYN).client(0.1).client(0.2, length=9)
    assert seen.server(0.3, flags=RST | ACK).verdict(9.0).code != "refused"


def test_opening_partly_captured() -> None:
    """A call whose answer is missing, in a conversation that goes on, is no failure."""
    seen = Dialogue(port=80).client(0.0, flags=SYN).client(0.1).server(0.2, length=10)
    assert seen.verdict(60.0).code == "unread"


def test_refused() -> None:
    """A reset in answer to a call is a refusal, and nothing above it is judged."""
    found = Dialogue().client(0.0, flags=SYN).server(0.01, flags=RST | ACK).verdict()
    assert (found.verdict, found.code, found.layer) == ("network", "refused", 4)
    assert found.evidence[1] == "frame 2: the answer is a refusal (RST), after 10.0 ms"


def test_unreachable() -> None:
    """A router that says that the host cannot be reached is named."""
    found = Dialogue().client(0.0, flags=SYN).error(0.1, 3, 1).verdict()
    assert (found.code, found.evidence[1]) == (
        *("unreachable", "frame 2: ICMP type 3 code 1 from 192.0.2.254"),
    )


@pytest.mark.parametrize(
    ("kind", "code", "told"),
    [(3, 13, "a filter there forbids it"), (3, 3, "nothing listens"), (11, 0, "go in circles")],
)
def test_unreachable_why(kind: int, code: int, told: str) -> None:
    """A filter, a closed port and a loop are no dead host, and are told apart."""
    seen = Dialogue().client(0.0, flags=SYN).error(0.1, 3, 1)
    told_by = seen.frames[1].icmp
    assert told_by
    error = told_by._replace(type=kind, code=code)
    seen.frames[1] = seen.frames[1]._replace(icmp=error)
    assert told in seen.verdict().meaning


def _stuck(length: int) -> Dialogue:
    """A client whose bytes nobody takes."""
    seen = Dialogue(port=80).opened().client(0.1, length=length)
    for at in (0.4, 1.0, 2.2):
        seen.client(at, length=length, resent=True)
    return seen


def test_path_size() -> None:
    """Full-size segments that never arrive, while the server is still heard, are a path's size."""
    found = _stuck(1460).server(3.0, taken=1).verdict()
    assert (found.code, found.layer) == ("path_size", 3)
    assert "1,460 bytes again 3 times" in found.meaning


def test_large_packets_passed_before() -> None:
    """A path that has carried large packets is not too small: it loses them."""
    seen = Dialogue(port=80).opened().client(0.05, length=1460).server(0.06)
    seen.client(0.1, length=1460)
    for at in (0.4, 1.0, 2.2, 4.6):
        seen.client(at, length=1460, resent=True).server(at + 0.01, taken=1461)
    found = seen.verdict()
    assert found.code == "loss"
    assert not any("path MTU" in text for text in _small().ruled_out)
    assert any("path MTU" in text for text in found.ruled_out)


def _small() -> Verdict:
    """A conversation of small packets, which say nothing of large ones."""
    seen = Dialogue(port=80).opened()
    for number in range(20):
        seen.asked(0.1 * number + 0.1, 100)
    return seen.verdict()


def test_frames_in_the_capture_thrice() -> None:
    """The last segment is not stuck because the capture has it three times."""
    seen = Dialogue(port=9).opened().client(0.1, length=1460)
    for number in range(4):
        seen.client(0.1001 + number / 10000, length=1460, resent=True)
    assert seen.verdict(9.0).code == "unread"


def test_still_heard() -> None:
    """A side that goes on speaking has not gone, though one segment does not come through."""
    seen = _stuck(100).server(3.0, taken=1)
    assert seen.verdict().code == "loss"


def test_path_size_told() -> None:
    """A router that says that the packet is too big is named, with the size that fits."""
    found = _stuck(1460).error(3.0, 3, 4, 1400).verdict()
    assert found.code == "path_size"
    assert found.evidence[0] == "frame 8: 192.0.2.254 says: too big, 1400 bytes fit"
    assert "without the size" in _stuck(1460).error(3.0, 3, 4).verdict().evidence[0]


def test_path_size_lowered() -> None:
    """A path that told its size, and was heeded, is ruled out with the frame that told it."""
    seen = Dialogue(port=80).opened().client(0.1, length=1460).error(0.2, 3, 4, 1400)
    found = seen.client(0.3, length=1400, resent=True).server(0.4).verdict()
    assert any("frame 5 lowered the size" in text for text in found.ruled_out)


@pytest.mark.parametrize("length", [100, 1460])
def test_silence(length: int) -> None:
    """Bytes that nobody takes, and nobody heard any more: the other side has gone."""
    found = _stuck(length).verdict()
    assert (found.code, found.layer) == ("silence", 4)
    assert "3 times, and the server took none" in found.meaning


def test_loss() -> None:
    """Time that was spent waiting for lost packets is the network's, with its longest wait."""
    seen = Dialogue(port=80).opened()
    for at in (1.0, 4.0):
        seen.client(at, length=500)
        seen.client(at + 1.6, length=500, resent=True).server(at + 1.7)
    found = seen.verdict()
    assert (found.code, found.resent) == ("loss", 2)
    assert found.stalled_s == pytest.approx(3.2)
    assert found.evidence == ("frame 5: sent again by the client after 1.6 s, the longest wait",)


def test_answered_late() -> None:
    """A call that was answered at its third try was slow: the network is not accused of it."""
    seen = Dialogue(port=80).client(0.0, flags=SYN)
    for at in (1.0, 3.0):
        seen.client(at, flags=SYN, sequence=0, resent=True)
    found = seen.server(3.01, flags=SYN | ACK).client(3.02).verdict()
    assert (found.verdict, found.code) == ("slow", "answered_late")
    assert found.evidence == (
        *("frame 1: the client calls (SYN)", "frame 4: the answer, 3.0 s later"),
    )
    assert "called 3 times" in found.meaning


def test_quick_loss() -> None:
    """Packets that were sent again at once held nothing up."""
    seen = Dialogue(port=80).opened()
    for number in range(50):
        seen.client(0.1 * number, length=500)
        seen.client(0.1 * number + 0.01, length=500, resent=True).server(0.1 * number + 0.02)
    found = seen.verdict()
    assert found.verdict == "cannot_judge"
    assert "lost packets (50 resent, 0 s waited for them)" in found.ruled_out


def test_doubled_frames() -> None:
    """Frames that the capture has twice are no loss, and are told as what they are."""
    seen = Dialogue(port=80).opened()
    for number in range(5):
        seen.client(number * 1.0, length=500, ip_id=f"{number}")
        seen.client(number * 1.0 + 0.0001, length=500, ip_id=f"{number}", resent=True)
        seen.server(number * 1.0 + 0.01)
    found = seen.verdict()
    assert found.code == "unread"
    assert "lost packets (5 of 5 resent ones are in the capture twice)" in found.ruled_out


def test_reset_in_a_message() -> None:
    """A reset while the client sends says what was pending."""
    seen = Dialogue(port=8443).opened().client(0.5, length=900)
    found = seen.server(0.6, flags=RST | ACK).verdict()
    assert (found.code, found.verdict) == ("reset", "network")
    assert "what the client had sent was unanswered" in found.meaning


def test_reset_of_an_idle_connection() -> None:
    """A reset after a long silence says how long it was."""
    seen = Dialogue(port=8443).opened().client(300.0, length=900)
    found = seen.server(300.1, flags=RST).verdict()
    assert "unanswered, after 5.0 min of silence" in found.meaning


def test_reset_on_the_way() -> None:
    """A reset with other hops than its side's own frames has come from between."""
    seen = Dialogue(port=8443).opened().client(0.5, length=900)
    found = seen.server(0.6, flags=RST, hops=250).verdict()
    assert found.code == "reset_on_the_way"
    assert found.evidence[1].endswith("with 250 hops left; the server's own frames have 64")


def test_reset_like_others() -> None:
    """A reset with a hop count that its side had before has not come from between."""
    seen = Dialogue(port=8443, server_hops=128).opened().server(0.3, hops=57)
    found = seen.client(0.5, length=900).server(0.6, flags=RST, hops=57).verdict()
    assert found.code == "reset"


def test_reset_of_one_who_had_left() -> None:
    """A server that resets after the client gave up has not broken anything off."""
    seen = Dialogue(port=80).opened().asked(0.1, http__request__method="GET")
    seen.client(30.0, flags=FIN | ACK).server(30.1, flags=RST)
    found = seen.verdict()
    assert (found.code, "then the client closed" in found.meaning) == ("no_reply", True)


def test_reset_that_was_ignored() -> None:
    """A reset after which the same side goes on has reset nothing."""
    seen = Dialogue(port=80).opened().asked(0.1, http__request__method="GET")
    seen.server(0.2, flags=RST).said(0.3, http__response__code="200")
    assert seen.asked(0.4, http__request__method="GET").verdict().code == "too_short"


@pytest.mark.parametrize("who", ["client", "server"])
def test_reset_after_all(who: str) -> None:
    """A reset after good-bye, or of a client that wants no more, is no failure."""
    seen = Dialogue(port=8443).opened().client(0.5, length=900).said(0.6, 100)
    seen.client(0.7, flags=FIN | ACK)
    (seen.client if who == "client" else seen.server)(0.8, flags=RST)
    found = seen.verdict()
    assert (found.code, found.resets) == ("unread", 1)
    assert "a reset as the cause (1, at the end)" in found.ruled_out


@pytest.mark.parametrize("who", ["client", "server"])
def test_closed_window(who: str) -> None:
    """A side that takes no more for two seconds has stopped reading: its host, not the network."""
    seen = Dialogue(port=8443).opened()
    side = seen.client if who == "client" else seen.server
    side(1.0, window=0)
    side(3.5, window=5000)
    found = seen.verdict()
    assert (found.code, found.verdict) == ("window", "application")
    assert found.headline == f"The {who} stopped reading."
    assert found.zero_windows == 1
    assert found.closed_s == pytest.approx(2.5)


def test_window_still_closed() -> None:
    """A window that is closed at the end counts to the end, unless its side had left."""
    seen = Dialogue(port=8443).opened().server(1.0, window=0)
    assert seen.verdict(9.0).closed_s == pytest.approx(8.0)
    assert seen.verdict(2.0).code == "empty"
    assert seen.client(1.5, flags=RST).verdict(60.0).closed_s == pytest.approx(0.5)
    left = Dialogue(port=8443).opened().server(1.0, flags=FIN | ACK).server(1.1, window=0)
    assert left.verdict(9.0).code == "empty"


def test_too_many_conversations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Further conversations than are remembered are counted, and left out."""
    from hostprobe.analysis.verdict import Gathering, _gathering  # noqa: PLC0415 - only here

    monkeypatch.setattr(_gathering, "MOST", 1)
    gathering = Gathering()
    first = Dialogue().opened().frames
    for frame in (*first, first[0]._replace(stream="t1"), first[0]._replace(stream="u7")):
        gathering.add(frame)
    assert (len(gathering.conversations), gathering.left_out) == (1, 1)
