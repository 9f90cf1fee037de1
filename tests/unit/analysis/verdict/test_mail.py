"""Layer 7, mail: transactions, silence, and what is no failure."""

import pytest
from tests.unit.analysis.verdict.dialogue import ACK, FIN, RST, Dialogue

from hostprobe.analysis.verdict import MAIL_PORTS


class _Mail:
    """A mail session, a tenth of a second a step."""

    def __init__(self, greeting: str | None = "220 relay ready") -> None:
        self.seen = Dialogue().opened()
        self.at = 0.1
        if greeting:
            self.reply(greeting)

    def ask(self, *lines: str, wait: float = 0.1) -> "_Mail":
        self.seen.asked(self.at, smtp__command_line="|".join(f"{line}\\r\\n" for line in lines))
        self.at += wait
        return self

    def reply(self, *lines: str, wait: float = 0.1) -> "_Mail":
        codes = "|".join(line[:3] for line in lines)
        texts = "|".join(f"{line}\\r\\n" for line in lines)
        self.seen.said(self.at, smtp__response=texts, smtp__response__code=codes)
        self.at += wait
        return self

    def talk(self, *turns: tuple[str, str]) -> "_Mail":
        for asked, replied in turns:
            self.ask(asked).reply(replied)
        return self

    def message(self, wait: float = 0.1) -> "_Mail":
        self.seen.asked(self.at, 1000).asked(self.at + 0.05, 3, smtp__eom="1")
        self.at += wait
        return self


_EHLO = ("EHLO exchsvr", "250 relay")
_MAIL = ("MAIL FROM:<a@example.com>", "250 ok")
_RCPT = ("RCPT TO:<b@example.com>", "250 ok")
_DATA = ("DATA", "354 go on")


def test_accepted() -> None:
    """A message that was taken is healthy; the slowest three replies are told."""
    found = _Mail().talk(_EHLO, _MAIL, _RCPT, _DATA).message().reply("250 queued").seen.verdict()
    assert (found.verdict, found.answered, len(found.evidence)) == ("healthy", 6, 3)
    assert "(6 replies)" in found.meaning


def test_no_reply_to_the_message() -> None:
    """The story of 2009: all was delivered, the dot too, and the relay's program says nothing."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, _DATA).message()
    found = mail.seen.client(7.0, flags=FIN | ACK).verdict()
    assert (found.verdict, found.code, found.layer) == ("application", "no_reply", 7)
    assert "never replied to the end of the message: nothing came in 6.0 s" in found.meaning
    assert "took all of it in frame 25, after 1.0" in found.meaning
    assert found.meaning.endswith("The standard allows the server 10 minutes.")
    assert [text.split(":")[0] for text in found.evidence] == ["frame 24", "frame 25", "frame 26"]


def test_hello_whose_second_form_was_lost() -> None:
    """Who is let send mail has been greeted, though the capture does not have how."""
    mail = _Mail().talk(("EHLO exchsvr", "500 what?"), _MAIL, _RCPT, _DATA)
    assert mail.seen.verdict().code == "unfinished"
    assert mail.message().ask("QUIT").seen.verdict().verdict != "application"


def test_refused_before_tls() -> None:
    """A command that was refused until TLS began may have been made good within it."""
    refused = ("MAIL FROM:<a@example.com>", "530 5.7.0 Must issue a STARTTLS command first")
    mail = _Mail().talk(_EHLO, refused, ("STARTTLS", "220 go on"))
    sealed = {"tls__record__content_type": "20|23"}
    assert mail.seen.asked(2.0, **sealed).said(2.1, **sealed).verdict().code == "encrypted"


def test_greeting_that_refuses() -> None:
    """Nobody is said to have sent the greeting that refuses; it is a reply to the connection."""
    found = _Mail("554 go away").seen.verdict()
    assert "To the new connection it said: 554 go away" in found.meaning
    assert found.evidence[0] == "frame 3: the connection stands; the server has to greet"
    slow = Dialogue().opened()
    slow.said(9.0, smtp__response="220 hi\\r\\n", smtp__response__code="220")
    assert "Its reply to the new connection took 9.0 s" in slow.verdict().meaning


def test_greeting_not_seen() -> None:
    """Nobody is said to have sent the greeting that a cut capture does not have."""
    found = Dialogue().opened().server(0.1, length=90, captured=60).verdict(9.0)
    assert found.code == "frames_cut"
    assert found.evidence == ("frame 3: the connection stands; the server has to greet",)


def test_silence_to_the_end() -> None:
    """Silence to the end of the capture counts, when that is long enough."""
    mail = _Mail().talk(_EHLO).ask("MAIL FROM:<a@example.com>")
    assert "then the capture ended" in mail.seen.verdict(11.0).meaning
    assert mail.seen.verdict(1.0).code == "too_short"
    assert mail.seen.verdict(9.0, is_cut=True).code == "file_cut"
    assert mail.seen.client(0.6, flags=FIN | ACK).verdict().code == "left_early"


def test_closed_without_a_reply() -> None:
    """A server that closes instead of replying is named, however quickly."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, _DATA).message()
    found = mail.seen.server(1.2, flags=FIN | ACK).verdict()
    assert (found.code, found.verdict) == ("closed_unanswered", "application")
    assert "the server closed the connection" in found.meaning


def test_never_against_a_lossy_capture() -> None:
    """A reply whose bytes the client acknowledged was there: the capture lost it."""
    mail = _Mail().talk(_EHLO).ask("MAIL FROM:<a@example.com>")
    mail.seen.client(2.0, acked_unseen=True).client(9.0, flags=FIN | ACK)
    found = mail.seen.verdict()
    assert (found.code, found.look_not) == ("capture_lost", ("the server: it is not accused",))


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"lost_before": True, "length": 5, "sequence": 99}, "capture_lost"),
        ({"captured": 50, "length": 5}, "frames_cut"),
        ({"length": 5}, "not_understood"),
    ],
)
def test_never_against_a_capture_that_tells_less(how: dict[str, int], code: str) -> None:
    """Frames that are missing, cut or not understood are said to be so."""
    mail = _Mail().talk(_EHLO).ask("MAIL FROM:<a@example.com>")
    mail.seen.server(2.0, **how)
    assert mail.seen.verdict(9.0).code == code


def test_late_bytes() -> None:
    """Bytes of the server that came late are not missing."""
    mail = _Mail().talk(_EHLO)
    mail.seen.server(0.5, length=5, sequence=60, lost_before=True)
    mail.seen.server(0.6, length=5, sequence=40, resent=True)
    assert mail.ask("MAIL FROM:<a@example.com>").seen.verdict(9.0).code != "capture_lost"


def test_request_that_was_not_taken() -> None:
    """Silence after a request that the server's TCP never took is not the program's."""
    mail = _Mail().talk(_EHLO)
    mail.seen.client(1.0, length=20, fields={"smtp__command_line": "MAIL FROM:<>"})
    assert mail.seen.verdict(9.0).code == "not_taken"


def test_client_that_hears_nothing() -> None:
    """A client that sends again what was taken long before does not hear the server."""
    mail = _Mail().talk(_EHLO).ask("MAIL FROM:<a@example.com>")
    mail.seen.client(5.0, length=10, resent=True, spurious=True)
    assert mail.seen.verdict(9.0).code == "not_heard"


def test_no_greeting() -> None:
    """A mail server has to speak first; one that does not is told so."""
    found = _Mail(None).seen.client(5.3, flags=FIN | ACK).verdict()
    assert (found.code, found.verdict) == ("no_greeting", "application")
    assert "5 minutes" in found.meaning


def test_mail_on_another_port() -> None:
    """On a port that is not known for mail nobody is expected to greet, unless it is named."""
    seen = Dialogue(port=10025).opened()
    assert seen.verdict(9.0).code == "empty"
    (found,) = seen.verdicts(11.0, mail=MAIL_PORTS | {10025})
    assert found.code == "no_greeting"


@pytest.mark.parametrize(
    ("turns", "code", "name"),
    [
        ((_EHLO, _MAIL, (_RCPT[0], "550 5.1.1 unknown")), "refused_for_good", "RCPT"),
        ((_EHLO, _MAIL, (_RCPT[0], "421 4.3.2 later")), "refused_for_now", "RCPT"),
        ((_EHLO, (_MAIL[0], "452 full")), "refused_for_now", "MAIL"),
        ((_EHLO, _MAIL, _RCPT, (_DATA[0], "554 no")), "refused_for_good", "DATA"),
        ((_EHLO, ("AUTH PLAIN", "535 bad")), "refused_for_good", "AUTH"),
        ((("EHLO x", "550 go away"),), "refused_for_good", "EHLO"),
    ],
)
def test_refused(turns: tuple[tuple[str, str], ...], code: str, name: str) -> None:
    """A refusal that nothing made good is the verdict, with the server's words."""
    found = _Mail().talk(*turns, ("QUIT", "221 bye")).seen.verdict()
    assert (found.verdict, found.code) == ("application", code)
    assert f"To {name} it said: {turns[-1][1]}" in found.meaning


def test_refused_at_the_door() -> None:
    """A greeting that refuses is a failure."""
    assert _Mail("554 no service").seen.verdict().code == "refused_for_good"


def test_refused_message() -> None:
    """A message that is refused after its end fails its transaction, though another was taken."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, _DATA).message().reply("250 queued")
    mail.talk(_MAIL, _RCPT, _DATA).message().reply("552 too large")
    found = mail.talk(("QUIT", "221 bye")).seen.verdict()
    assert found.code == "refused_for_good"
    assert "To the end of the message it said: 552 too large" in found.meaning


def test_recovered() -> None:
    """EHLO that an old server does not know, and HELO after it, is no failure."""
    mail = _Mail().talk(("EHLO x", "500 unknown"), ("HELO x", "250 hello"), _MAIL, _RCPT, _DATA)
    assert mail.message().reply("250 ok").seen.verdict().verdict == "healthy"


def test_judged_by_transaction() -> None:
    """Bad replies outside of a transaction that went well are told, and are no failure."""
    mail = _Mail().talk(_EHLO, (_RCPT[0], "503 need MAIL"), _MAIL, _RCPT, _DATA)
    found = mail.message().reply("250 ok").seen.verdict()
    assert found.verdict == "healthy"
    assert "Some replies were bad and ended nothing: 503 need MAIL in frame 12." in found.meaning


def test_one_recipient_refused() -> None:
    """A recipient that is refused beside one that is not does not fail the message."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, (_RCPT[0], "550 unknown"), _DATA)
    found = mail.message().reply("250 ok").seen.verdict()
    assert (found.verdict, "550 unknown in frame" in found.meaning) == ("healthy", True)


def test_pipelining() -> None:
    """Replies belong to commands in their order, however many are in a frame."""
    mail = _Mail().talk(_EHLO).ask(_MAIL[0], _RCPT[0], "DATA")
    mail.reply("250 ok", "250 ok", "354 go on").message()
    assert mail.reply("250 queued").seen.verdict().answered == 6


def test_long_replies() -> None:
    """A reply that comes in several frames is one reply."""
    mail = _Mail("220-relay").reply("220 ready").ask("EHLO x").reply("250-relay").reply("250 SIZE")
    assert (mail.seen.verdict().answered, mail.seen.verdict().verdict) == (2, "healthy")


def test_chunks() -> None:
    """BDAT has a reply for each chunk, and is a message without a dot."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, ("BDAT 86 LAST", "250 queued"), ("QUIT", "221 bye"))
    assert mail.seen.verdict().verdict == "healthy"


def test_log_in_in_steps() -> None:
    """A question of the server's is no reply: its time runs again when the client has answered."""
    mail = _Mail().talk(_EHLO).ask("AUTH LOGIN").reply("334 VXNlcm5hbWU6", wait=30.0)
    mail.seen.asked(mail.at, 12)
    mail.at += 0.1
    mail.reply("235 welcome")
    assert mail.seen.verdict().verdict == "healthy"


def test_idle_session_closed() -> None:
    """A server that ends an idle session with a temporary error has failed nobody."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, _DATA).message().reply("250 ok", wait=300.0)
    assert (
        mail.reply("451 4.7.0 Timeout waiting for client input").seen.verdict().verdict == "healthy"
    )


def test_what_the_reader_missed() -> None:
    """A reply to what was not seen as a command is no riddle; a bad one is told."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, _DATA)
    mail.seen.asked(mail.at, 500)
    mail.at += 0.1
    mail.reply("250 queued")
    mail.seen.asked(mail.at, 6)
    mail.at += 0.1
    found = mail.reply("503 what?").seen.verdict()
    assert found.verdict == "healthy"
    assert "503 what?" in found.meaning


def test_end_in_a_message() -> None:
    """A capture that ends while a message is on its way judges nobody."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, _DATA)
    assert mail.seen.asked(mail.at, 900).verdict().code == "unfinished"


def test_reset_in_a_message() -> None:
    """A reset while a message is on its way is the network's verdict, with what was pending."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, _DATA)
    found = mail.seen.asked(mail.at, 900).server(2.0, flags=RST).verdict()
    assert (found.code, "the message was on its way" in found.meaning) == ("reset", True)


def test_reset_instead_of_a_reply() -> None:
    """A reset while a reply is due says which."""
    found = _Mail().talk(_EHLO).ask("MAIL FROM:<>").seen.server(1.0, flags=RST).verdict()
    assert "the client waited for the reply to MAIL" in found.meaning


def test_client_that_resets() -> None:
    """A client that gives up with a reset was left without a reply; the reset is not the cause."""
    found = _Mail().talk(_EHLO).ask("MAIL FROM:<>").seen.client(9.0, flags=RST).verdict()
    assert found.code == "no_reply"


def test_quit_without_a_reply() -> None:
    """Nobody misses the reply to a good-bye."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, _DATA).message().reply("250 ok").ask("QUIT")
    assert mail.seen.client(9.0, flags=FIN | ACK).verdict().verdict == "healthy"


def test_slow() -> None:
    """A reply after two seconds is slow, and the way's share of it is told."""
    found = _Mail().ask("EHLO x", wait=4.0).reply("250 relay").seen.verdict()
    assert (found.verdict, found.code) == ("slow", "slow")
    assert found.slowest_s == pytest.approx(4.0)
    assert "4.0 s: 1.00 ms until its TCP had taken the request, then 4.0 s in" in found.meaning


def test_slow_way() -> None:
    """On a slow way ten round trips are allowed."""
    seen = Dialogue().client(0.0, flags=2).server(0.5, flags=18).client(1.0)
    seen.said(3.0, smtp__response="220 hi", smtp__response__code="220")
    assert seen.verdict().verdict == "healthy"


def test_starttls() -> None:
    """After STARTTLS nothing is missed, for nothing can be read."""
    mail = _Mail().talk(_EHLO, ("STARTTLS", "220 go"))
    mail.seen.asked(1.0, tls__record__content_type="22", tls__handshake__type="1")
    mail.seen.said(1.1, tls__record__content_type="22|23", tls__handshake__type="2")
    found = mail.seen.asked(1.2, tls__record__content_type="23").verdict(60.0)
    assert (found.code, found.protocol) == ("encrypted", "SMTP")


def test_starttls_refused() -> None:
    """A server that refuses encryption to a client that leaves has refused."""
    assert _Mail().talk(_EHLO, ("STARTTLS", "454 not now")).seen.verdict().code == "refused_for_now"


def test_tls_from_the_first_byte() -> None:
    """On a mail port that begins with TLS no greeting is missed."""
    seen = _Mail(None).seen
    seen.asked(1.0, tls__record__content_type="22", tls__handshake__type="1")
    assert (
        seen.said(1.1, tls__record__content_type="22", tls__handshake__type="2").verdict(1.5).code
        == "encrypted"
    )


def test_hostile_words() -> None:
    """Words of a server are bounded, and braces in them mean nothing."""
    found = _Mail("554 {headline} " + "x" * 5000).seen.verdict()
    assert "{headline}" in found.meaning
    assert len(found.meaning) < 500


def test_out_of_order() -> None:
    """A command that came too early ends no transaction, and is told where that succeeds."""
    mail = _Mail().talk(_EHLO, (_MAIL[0], "503 EHLO first"), _MAIL, ("DATA", "503 no RCPT"), _RCPT)
    mail.talk((_RCPT[0], "550 unknown"), _DATA).message().reply("250 ok")
    found = mail.talk((_MAIL[0], "503 nested"), ("QUIT", "221 bye")).seen.verdict()
    assert found.verdict == "healthy"
    assert "503 EHLO first in frame 12 and 3 more" in found.meaning


def test_out_of_order_to_the_end() -> None:
    """A transaction in which nothing but a command out of order was answered has failed."""
    mail = _Mail().talk(_EHLO, _MAIL, ("DATA", "503 no RCPT"), ("RSET", "250 ok"))
    assert "To DATA it said: 503 no RCPT" in mail.seen.verdict().meaning


def test_malformed_chunk() -> None:
    """A chunk that the server refuses fails its message."""
    mail = _Mail().talk(_EHLO, _MAIL, _RCPT, ("BDAT 10", "250 ok"), ("BDAT x LAST", "521 what?"))
    assert "To BDAT LAST it said: 521 what?" in mail.seen.verdict().meaning
