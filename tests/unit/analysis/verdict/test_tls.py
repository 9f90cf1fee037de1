"""Layer 6: handshakes that came about, and those that did not."""

import pytest
from tests.unit.analysis.verdict.dialogue import ACK, FIN, Dialogue

_HELLO = {"tls__record__content_type": "22", "tls__handshake__type": "1"}
_ANSWER = {"tls__record__content_type": "22", "tls__handshake__type": "2|11|14"}
_DATA = {"tls__record__content_type": "23"}


def _begun() -> Dialogue:
    return Dialogue(port=443).opened().asked(0.1, **_HELLO)


def test_alert() -> None:
    """An alert says who ended TLS, and why."""
    alert = {"tls__record__content_type": "21", "tls__alert_message__desc": "48"}
    found = _begun().said(0.2, **_ANSWER).asked(0.3, **alert).verdict()
    assert (found.verdict, found.code, found.layer) == ("tls", "tls_alert", 6)
    assert found.headline == "TLS failed: unknown_ca."
    assert found.evidence[1] == "frame 8: the client ends it: unknown_ca (48)"


@pytest.mark.parametrize(("level", "outcome"), [("1", "cannot_judge"), ("2", "tls")])
def test_alert_that_warns(level: str, outcome: str) -> None:
    """A warning, such as that the name is not known, is no failure where TLS came about."""
    alert = {"tls__record__content_type": "21|22", "tls__handshake__type": "2"}
    alert |= {"tls__alert_message__desc": "112", "tls__alert_message__level": level}
    seen = _begun().said(0.2, **alert)
    assert seen.verdict(9.0).code == "tls_alert"
    assert seen.asked(0.3, **_DATA).said(0.4, **_DATA).verdict().verdict == outcome


def test_left_early() -> None:
    """A client that leaves during the handshake is not said to have a healthy one."""
    found = _begun().said(0.2, **_ANSWER).client(0.3, flags=FIN | ACK).verdict()
    assert (found.verdict, found.code) == ("cannot_judge", "tls_left")


@pytest.mark.parametrize(("length", "code"), [(24, "tls_hidden"), (250, "encrypted")])
def test_server_that_leaves_after_the_handshake(length: int, code: str) -> None:
    """A server that says no more than an alert has, encrypted, may have refused TLS."""
    seal = {"tls__record__content_type": "22|20", "tls__handshake__type": "2"}
    seen = _begun().said(0.2, 1300, **seal).asked(0.3, 74, tls__record__content_type="20")
    assert seen.said(0.4, length).server(0.5, flags=FIN | ACK).verdict().code == code


@pytest.mark.parametrize(("length", "code"), [(30, "tls_hidden"), (74, "encrypted")])
def test_client_that_leaves_after_the_handshake(length: int, code: str) -> None:
    """A client that says no more than an alert has, encrypted, may not trust the server."""
    seal = {"tls__record__content_type": "22|20", "tls__handshake__type": "2"}
    seen = _begun().said(0.2, 1300, **seal).asked(0.3, length, tls__record__content_type="20")
    found = seen.client(0.5, flags=FIN | ACK).verdict()
    assert (found.verdict, found.code) == ("cannot_judge", code)


def test_unknown_alert() -> None:
    """An alert without a name is told by its number."""
    alert = {"tls__record__content_type": "21", "tls__alert_message__desc": "255"}
    assert _begun().said(0.2, **alert).verdict().headline == "TLS failed: alert 255."


@pytest.mark.parametrize(("answer", "code"), [(False, "tls_unanswered"), (True, "tls_unfinished")])
def test_unfinished(answer: bool, code: str) -> None:  # noqa: FBT001 - of parametrize
    """A handshake that stands still tells whether the server answered at all."""
    seen = _begun()
    if answer:
        seen.said(0.2, **_ANSWER)
    assert seen.verdict(5.0).code == code
    assert seen.server(0.5, flags=FIN | ACK).verdict().code == code


def test_left_to_time() -> None:
    """A handshake that had no time, or whose frames are missing, is no failure."""
    assert _begun().verdict(1.0).verdict == "cannot_judge"
    assert _begun().verdict(9.0, is_cut=True).verdict == "cannot_judge"
    assert _begun().client(1.0, acked_unseen=True).verdict(9.0).verdict == "cannot_judge"
    assert _begun().server(1.0, length=9, lost_before=True).verdict(9.0).verdict == "cannot_judge"


def test_encrypted() -> None:
    """A finished handshake is ruled out as the cause; what it carries is not called healthy."""
    seen = _begun().said(0.2, **_ANSWER).asked(0.3, **_DATA).said(0.4, **_DATA)
    close = {"tls__record__content_type": "21", "tls__alert_message__desc": "0"}
    found = seen.asked(0.5, **close).verdict()
    assert (found.verdict, found.code, found.protocol) == ("cannot_judge", "encrypted", "TLS")
    assert "TLS (its handshake was finished)" in found.ruled_out


def test_keys_in_the_capture() -> None:
    """Where the capture has the keys, what TLS carries is judged."""
    seen = _begun().said(0.2, **_ANSWER)
    seen.asked(0.3, **_DATA, http__request__method="GET")
    assert seen.said(0.4, **_DATA, http__response__code="200").verdict().verdict == "healthy"
