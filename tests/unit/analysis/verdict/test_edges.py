"""Corners of conversations: what comes twice, late, unasked, or too often."""

import pytest
from tests.unit.analysis.verdict.dialogue import FIN, RST, SYN, Dialogue

from hostprobe.analysis.verdict import seconds


@pytest.mark.parametrize(
    ("duration_s", "told"),
    [
        (0.0, "0 s"),
        (0.000_02, "0.02 ms"),
        (0.05, "50.0 ms"),
        (119.0, "119.0 s"),
        (600.0, "10.0 min"),
        (86_400.0, "24.0 h"),
        (259_200.0, "3.0 days"),
    ],
)
def test_durations(duration_s: float, told: str) -> None:
    """A duration is told in the unit in which a person thinks of it."""
    assert seconds(duration_s) == told


def test_many_icmp_errors() -> None:
    """However many errors there are, the first is told."""
    seen = Dialogue().client(0.0, flags=SYN).error(0.1, 5, 1)
    for number in range(30):
        seen.error(0.2 + number / 10, 3, 1)
    assert seen.verdict().evidence[1].startswith("frame 3: ICMP type 3")


def test_call_repeated() -> None:
    """A call that had to be repeated tells no round trip."""
    seen = Dialogue(port=9999).client(0.0, flags=SYN).client(1.0, flags=SYN)
    assert seen.server(1.1, flags=SYN | 16).client(1.2).verdict(1.3).rtt_s is None


def test_round_trip_unknown() -> None:
    """A round trip that was not seen is not told as none."""
    seen = Dialogue(port=9999).server(0.0, flags=SYN | 16).client(0.1).server(0.2, length=9)
    assert seen.verdict().ruled_out[0] == "a closed or filtered port (connected)"


def test_answers_unasked() -> None:
    """Answers to what was not captured are none to what was."""
    names = Dialogue(port=53, udp=True)
    ask = {"dns.id": "1", "dns.qry.name": "a.example", "dns.qry.type": "1"}
    other = {"dns.id": "2", "dns.qry.name": "b.example", "dns.qry.type": "1"}
    names.client(0.0).client(0.1, fields=ask).server(0.2, fields=other).server(0.3, fields=ask)
    assert names.verdict().answered == 1
    files = Dialogue(port=445).opened()
    reply = {"smb2.cmd": "5", "smb2.msg_id": "9", "smb2.nt_status": "0x103"}
    assert files.server(0.1, length=9, fields=reply).verdict().code == "unread"


def test_reset_before_words() -> None:
    """A reset of a connection in which nobody had spoken broke nothing off."""
    assert Dialogue(port=443).opened().server(1.0, flags=RST).verdict().code == "empty"


def test_reset_of_what_is_read() -> None:
    """A reset after all was answered broke nothing off, though nobody had said good-bye."""
    seen = Dialogue(port=80).opened().asked(0.1, http__request__method="GET")
    seen.said(0.2, http__response__code="200").server(1.0, flags=RST)
    assert seen.verdict().verdict == "healthy"


def test_router_that_only_informs() -> None:
    """An ICMP message that is no error of the path does not explain a call without an answer."""
    seen = Dialogue().client(0.0, flags=SYN).error(0.1, 5, 1)
    assert seen.verdict(9.0).code == "unanswered"


def test_warning_alert() -> None:
    """A second alert changes nothing; a good-bye is none."""
    seen = Dialogue(port=443).opened()
    alert = {"tls__record__content_type": "21|21", "tls__alert_message__desc": "0|40|48"}
    assert seen.said(0.1, **alert).verdict().headline == "TLS failed: handshake_failure."


def test_words_of_many_failures() -> None:
    """However much fails, a few failures are shown and the number told."""
    seen = Dialogue(port=80).opened()
    for number in range(30):
        seen.asked(number + 0.1, http__request__method="GET")
        seen.said(number + 0.2, http__response__code="500")
    found = seen.client(99.0, flags=FIN).verdict()
    assert (len(found.evidence), "(30 refusals" in found.meaning) == (6, True)
