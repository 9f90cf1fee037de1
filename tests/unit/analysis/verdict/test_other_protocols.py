"""Layer 7 of what hostprobe itself uses: the web, names, and file service."""

import pytest
from tests.unit.analysis.verdict.dialogue import ACK, FIN, RST, Dialogue

from hostprobe.analysis.verdict import Verdict


def _web(*codes: str) -> Dialogue:
    """Requests, each with its reply."""
    seen = Dialogue(port=80).opened()
    for number, code in enumerate(codes):
        seen.asked(number + 0.1, 50, http__request__method="GET")
        seen.said(number + 0.2, 100, http__response__code=code)
    return seen


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        (("200", "304"), "healthy"),
        (("401", "200"), "healthy"),
        (("404",), "healthy"),
        (("403", "200"), "healthy"),
        (("403",), "application"),
        (("200", "500"), "application"),
        (("503",), "application"),
        (("501", "200"), "healthy"),
    ],
)
def test_web_replies(codes: tuple[str, ...], outcome: str) -> None:
    """A server's own errors are failures; a wrong request is one only where none was right."""
    assert _web(*codes).verdict().verdict == outcome


def test_web_refusal_for_now() -> None:
    """503 says that it may pass."""
    found = _web("503").verdict()
    assert (found.code, "To GET it said: HTTP 503" in found.meaning) == ("refused_for_now", True)
    assert "(2 refusals in this conversation)" in _web("502", "502").verdict().meaning


def test_web_reply_that_is_long() -> None:
    """A reply counts from its first byte: a long download is not slow."""
    seen = Dialogue(port=80).opened().asked(0.1, http__request__method="GET")
    seen.said(0.3, 1000).said(30.0, 1000, http__response__code="200")
    assert seen.verdict().slowest_s == pytest.approx(0.2)


def test_web_continue() -> None:
    """`100 Continue` is no reply: the server still has to answer."""
    seen = Dialogue(port=80).opened().asked(0.1, http__request__method="PUT")
    seen.said(0.2, http__response__code="100").said(5.0, http__response__code="201")
    assert seen.verdict().slowest_s == pytest.approx(4.9)


def test_web_socket() -> None:
    """A connection that goes over to another protocol has had its reply."""
    seen = Dialogue(port=80).opened().asked(0.1, http__request__method="GET")
    seen.said(0.2, http__response__code="101").said(9.0, 500).client(60.0, flags=FIN | ACK)
    assert seen.verdict().verdict == "healthy"


def test_web_silence() -> None:
    """A request that was taken and never answered is the server's program."""
    seen = Dialogue(port=80).opened().asked(0.1, http__request__method="GET <b>")
    found = seen.client(30.0, flags=FIN | ACK).verdict()
    assert (found.code, "replied to a request: nothing" in found.meaning) == ("no_reply", True)
    assert "made for waiting" in found.meaning


def test_web_beginning_not_captured() -> None:
    """A reply to what was not captured is none of ours."""
    seen = Dialogue(port=80).server(0.0, length=10, fields={"http.response.code": "200"})
    seen.asked(0.1, http__request__method="GET").said(0.2, http__response__code="200")
    assert seen.verdict().answered == 1


def test_too_many_requests() -> None:
    """More open requests than are remembered are no reason to accuse anybody."""
    seen = Dialogue(port=80).opened()
    for _ in range(1025):
        seen.client(0.1, length=1, fields={"http.request.method": "GET"})
    assert seen.server(0.2).verdict(60.0).code == "capture_lost"


def _query(seen: Dialogue, at: float, number: int, name: str, kind: str = "1") -> Dialogue:
    fields = {"dns.id": f"{number}", "dns.qry.name": name, "dns.qry.type": kind}
    return seen.client(at, fields=fields)


def _answer(seen: Dialogue, at: float, number: int, name: str, how: str = "0|1") -> Dialogue:
    code, kind = how.split("|")
    fields = {"dns.id": f"{number}", "dns.qry.name": name, "dns.flags.rcode": code}
    return seen.server(at, fields=fields | {"dns.qry.type": kind, "dns.flags.response": "1"})


def _names() -> Dialogue:
    return Dialogue(port=53, udp=True)


def test_name_answered() -> None:
    """A name that was given is healthy; names have no port of the client's."""
    found = _answer(_query(_names(), 0.0, 1, "a.example"), 0.1, 1, "a.example").verdict()
    assert (found.verdict, found.client_port, found.protocol) == ("healthy", None, "DNS")


@pytest.mark.parametrize(
    ("how", "code"),
    [("3|1", "name_unknown"), ("2|1", "name_refused"), ("9|1", "healthy"), ("3|12", "healthy")],
)
def test_name_refused(how: str, code: str) -> None:
    """A name that does not exist is told apart from a refusal; of a PTR it is no failure."""
    asked = _query(_names(), 0.0, 1, "a.example", how.split("|")[1])
    assert _answer(asked, 0.1, 1, "a.example", how).verdict().code == code


def test_name_given_later() -> None:
    """A name that is refused once and given later is no failure."""
    seen = _answer(_query(_names(), 0.0, 1, "a.example"), 0.1, 1, "a.example", "2|1")
    seen = _answer(_query(seen, 1.0, 2, "a.example"), 1.1, 2, "a.example")
    assert seen.verdict().verdict == "healthy"


def test_name_unanswered() -> None:
    """A query that nobody answers is the network's where the client asks again."""
    seen = _query(_query(_names(), 0.0, 1, "a.example"), 5.0, 1, "A.example")
    found = seen.verdict(9.0)
    assert (found.verdict, found.code) == ("network", "name_unanswered")
    assert seen.verdict(9.0, is_cut=True).verdict == "cannot_judge"
    assert _query(_names(), 0.0, 1, "a.example").verdict(60.0).code == "one_sided"


def test_name_asked_again_by_another_number() -> None:
    """In a capture of one side a name that is asked anew had perhaps an answer; in another not."""
    seen = _query(_query(_names(), 0.0, 1, "a.example"), 5.0, 2, "a.example")
    assert seen.verdict(9.0).code == "one_sided"
    for frame in Dialogue(port=80).opened().frames:
        seen.frames.append(frame)
    assert seen.verdicts(9.0)[0].code == "name_unanswered"


def test_query_in_the_capture_twice() -> None:
    """A query that the capture has twice was asked once."""
    seen = _query(_query(_names(), 0.0, 1, "a.example"), 0.0001, 1, "a.example")
    assert seen.verdict(60.0).verdict == "cannot_judge"


def test_name_asked_much_later() -> None:
    """A name that is asked a minute later is asked anew: the capture may have lost its answer."""
    seen = _answer(_query(_names(), 0.0, 1, "b.example"), 0.1, 1, "b.example")
    seen = _query(_query(seen, 1.0, 2, "a.example"), 61.0, 3, "a.example")
    assert _answer(seen, 61.1, 3, "a.example").verdict(99.0).verdict == "healthy"


@pytest.mark.parametrize(
    ("asked", "given", "outcome"),
    [
        ("www.a.example.corp.example", "www.a.example", "healthy"),
        ("mail.lab.example", "mail.corp.example", "healthy"),
        ("mail.lab.example", "www.corp.example", "application"),
    ],
)
def test_search_suffixes(asked: str, given: str, outcome: str) -> None:
    """A name that exists under another search suffix is no failure."""
    seen = _answer(_query(_names(), 0.0, 1, asked), 0.1, 1, asked, "3|1")
    seen = _answer(_query(seen, 0.2, 2, given), 0.3, 2, given)
    found = seen.verdict()
    assert found.verdict == outcome
    assert ("NXDOMAIN in frame 2" in found.meaning) == (outcome == "healthy")


def test_names_in_one_frame() -> None:
    """Over TCP several queries, and several answers, may be in one frame."""
    seen = Dialogue(port=53).opened()
    fields = {"dns__id": "1|2", "dns__qry__name": "a.example|b.example", "dns__qry__type": "1|1"}
    found = seen.asked(0.1, **fields).said(0.2, **fields, dns__flags__rcode="0|0").verdict(60.0)
    assert (found.verdict, found.answered) == ("healthy", 2)


def test_many_unknown_names() -> None:
    """However many names do not exist, memory is bounded and all are counted."""
    seen = _names()
    for number in range(1100):
        name = f"{number}.example"
        _answer(_query(seen, number / 100, number, name), number / 100 + 0.001, number, name, "3|1")
    assert seen.verdict().code == "name_unknown"


def test_name_asked_once() -> None:
    """A query that was not asked again had perhaps an answer, which the capture lost."""
    seen = _answer(_query(_names(), 0.0, 1, "a.example"), 0.1, 1, "a.example")
    assert _query(seen, 1.0, 2, "b.example").verdict(60.0).code == "name_asked_once"


def test_name_asked_twice() -> None:
    """A name that had to be asked for twice is slow, and nobody is accused."""
    seen = _query(_query(_names(), 0.0, 1, "a.example"), 5.0, 1, "a.example")
    found = _answer(seen, 5.01, 1, "a.example").verdict()
    assert (found.verdict, found.code) == ("slow", "name_repeated")
    assert found.evidence[-1] == "frame 3: the answer, 10.0 ms after that"


def _files(*turns: tuple[str, str]) -> Verdict:
    """Requests by their command, each with the status of its reply."""
    seen = Dialogue(port=445).opened()
    for number, (command, status) in enumerate(turns):
        one = {"smb2.cmd": command, "smb2.msg_id": str(number)}
        seen.client(number + 0.1, length=50, fields=one)
        if status:
            seen.server(number + 0.2, length=50, fields=one | {"smb2.nt_status": status})
        else:
            seen.server(number + 0.2)
    return seen.client(99.0).verdict()


def test_file_service() -> None:
    """A file that is not there is an answer like any other."""
    turns = ("0", "0x0"), ("1", "0xc0000016"), ("1", "0x0"), ("3", "0x0"), ("5", "0xc0000034")
    found = _files(*turns)
    assert (found.verdict, found.answered, found.protocol) == ("healthy", 5, "SMB2")


@pytest.mark.parametrize(("command", "name"), [("1", "session setup"), ("3", "tree connect")])
def test_shut_door(command: str, name: str) -> None:
    """A log-in or a share that stays shut is the server's answer, with its status."""
    found = _files(("0", "0x0"), (command, "0xc0000022"))
    assert found.code == "refused_for_good"
    assert f"To the {name} it said: STATUS_ACCESS_DENIED" in found.meaning


def _share(seen: Dialogue, at: float, number: int, name: str, status: str) -> Dialogue:
    one = {"smb2__cmd": "3", "smb2__msg_id": str(number)}
    seen.asked(at, 50, **one, smb2__tree=f"\\\\ws1\\{name}")
    return seen.said(at + 0.01, 50, **one, smb2__nt_status=status)


def test_other_door_opened() -> None:
    """A share that was refused stays so, though another one is opened; asked again it may open."""
    seen = _share(Dialogue(port=445).opened(), 0.1, 1, "ADMIN$", "0xc00000cc")
    found = _share(seen, 0.2, 2, "IPC$", "0x0").verdict()
    assert found.code == "refused_for_good"
    assert "To the tree connect to ADMIN$ it said: STATUS_BAD_NETWORK_NAME" in found.meaning
    assert _share(seen, 0.3, 3, "admin$", "0x0").verdict().verdict == "healthy"


def test_denied_within() -> None:
    """A file or pipe that may not be opened ends nothing, and is told."""
    found = _files(("3", "0x0"), ("5", "0xc0000022"))
    assert (found.verdict, "STATUS_ACCESS_DENIED (not allowed) in frame 7" in found.meaning) == (
        "healthy",
        True,
    )
    assert "remote calls" in found.meaning


def test_file_service_that_closed() -> None:
    """A server that answers one request and closes before another has left that unanswered."""
    seen = Dialogue(port=445).opened()
    seen.asked(0.1, 99, smb2__cmd="5|5", smb2__msg_id="1|2")
    seen.said(0.2, 50, smb2__cmd="5", smb2__msg_id="2", smb2__nt_status="0x0")
    found = seen.server(0.3, flags=FIN | ACK).verdict()
    assert (found.verdict, found.code) == ("application", "closed_unanswered")
    seen = Dialogue(port=445).opened().asked(0.1, 99, smb2__cmd="8|5", smb2__msg_id="1|2")
    assert seen.said(0.2, 50).server(0.3, flags=FIN | ACK).verdict().code == "not_understood"


def test_door_opened_later() -> None:
    """A log-in that is refused first and given later is no failure."""
    assert _files(("1", "0xc000006d"), ("1", "0x0")).verdict == "healthy"


def test_file_service_that_waits() -> None:
    """A reply that the server has put off, or a request made for waiting, is not missed."""
    assert _files(("0", "0x0"), ("15", "")).verdict == "healthy"
    assert _files(("0", "0x0"), ("5", "0x103")).verdict == "healthy"
    assert _files(("0", "0x0"), ("12", "")).verdict == "healthy"


def test_file_service_that_waited() -> None:
    """A reply to a request that is made for waiting is not slow, however late it comes."""
    seen = Dialogue(port=445).opened()
    one = {"smb2.cmd": "15", "smb2.msg_id": "1"}
    seen.client(0.1, length=50, fields=one)
    found = seen.server(60.0, length=50, fields=one | {"smb2.nt_status": "0x0"}).verdict()
    assert (found.verdict, found.answered) == ("healthy", 1)


def test_reply_captured_before_the_request() -> None:
    """A reply that the capture has before its request is not missed, in any protocol."""
    one = {"smb2__cmd": "5", "smb2__msg_id": "1"}
    seen = Dialogue(port=445).opened()
    seen.server(0.1, length=50, taken=51, fields={"smb2.cmd": "5", "smb2.msg_id": "1"})
    seen.asked(0.1001, 50, **one)
    assert seen.client(60.0, flags=FIN | ACK).verdict().verdict != "application"
    web = Dialogue(port=80).opened()
    web.server(0.1, length=50, taken=51, fields={"http.response.code": "200"})
    web.asked(0.1001, 50, http__request__method="GET")
    assert web.client(60.0, flags=FIN | ACK).verdict().verdict != "application"


def test_reset_in_a_lossy_capture() -> None:
    """Where the capture lost frames, nothing is known to have been pending at a reset."""
    seen = Dialogue(port=445).opened().asked(0.1, 50, smb2__cmd="5", smb2__msg_id="1")
    assert (
        seen.client(0.2, acked_unseen=True).server(9.0, flags=RST).verdict().code == "capture_lost"
    )


def test_refusal_in_a_lossy_capture() -> None:
    """A refusal is told with a warning where the capture lost frames."""
    meaning = _web("500").client(1.0, acked_unseen=True).verdict().meaning
    assert "HTTP 500; the capture lost frames (see frame 8): perhaps" in meaning
    cut = _web("500").client(1.0, length=9, captured=60).verdict().meaning
    assert "HTTP 500; frames were captured in part: perhaps" in cut


def test_file_service_silent() -> None:
    """A request that is never answered is missed, unknown commands too."""
    assert "replied to the create" in _files(("0", "0x0"), ("5", "")).meaning
    assert "replied to the command 77" in _files(("0", "0x0"), ("77", "")).meaning


def test_file_service_encrypted() -> None:
    """Encrypted messages are not called healthy, and their server is not accused."""
    seen = Dialogue(port=445).opened()
    fields = {"smb2.header.transform.msg_size": "100"}
    seen.client(0.1, length=100, fields=fields).server(0.2, flags=RST)
    assert seen.verdict().code == "reset"
    quiet = Dialogue(port=445).opened().client(0.1, length=100, fields=fields)
    assert quiet.server(0.2, length=90, fields=fields).verdict(60.0).code == "encrypted"


def test_nothing_known() -> None:
    """What is spoken on an unknown port is said to be unread, with the port."""
    found = Dialogue(port=9999).opened().asked(0.1).verdict()
    assert (found.code, "9999" in found.meaning) == ("unread", True)
    cut = Dialogue(port=9999).opened().client(0.1, length=10, captured=54).verdict()
    assert cut.code == "frames_cut"


def test_who_is_the_server() -> None:
    """Without a call, the known or the lower port is the server's."""
    seen = Dialogue(port=50000).client(0.0, length=1).server(0.1, length=1)
    found = seen.verdict()
    assert (found.server_port, found.client_port) == (40000, 50000)


def test_answer_that_is_healthy_in_a_lossy_capture() -> None:
    """What was answered stays healthy where the capture lost frames, and that is said."""
    seen = _web("200").client(1.0, acked_unseen=True)
    assert "The capture lost frames (see frame 8)" in seen.verdict().meaning
