"""Texts of protocol logs, and what is in them."""

from collections.abc import Iterable
from itertools import chain

from hostprobe.evidence.smtp_log import Item, Kind, LogReader, Message, Session, blocks
from hostprobe.evidence.unread import Unread

HEADER = (
    "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n"
    "#Log-type: SMTP Send Protocol Log\r\n#Date: 2026-01-08T00:00:00.000Z\r\n"
    "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,"
    "event,data,context\r\n"
)
ORIGIN = (
    "2009-01-08T22:36:19.495Z,SendConn,08CB3FF87FA34699,16,exchsvr:20709,relayhost:25,>,"
    "RCPT TO:<someone@there.com>,\n"
    "2009-01-08T22:36:19.495Z,SendConn,08CB3FF87FA34699,17,exchsvr:20709,relayhost:25,<,"
    "\u201d250 Requested mail action okay, completed.\u201d,\n"
    "2009-01-08T22:36:19.589Z,SendConn,08CB3FF87FA34699,18,exchsvr:20709,relayhost:25,>,DATA,\n"
    "2009-01-08T22:36:19.589Z,SendConn,08CB3FF87FA34699,19,exchsvr:20709,relayhost:25,<,"
    "\u201d354 Enter mail, end with \u201c\u201d.\u201d\u201d on a line by itself.\u201d,\n"
    "2009-01-08T22:36:25.417Z,SendConn,08CB3FF87FA34699,20,exchsvr:20709,relayhost:25,-,,Remote\n"
    "2009-01-08T22:37:25.431Z,SendConn,08CB3FF87FA346A1,0,,relayhost:25,*,,attempting to connect\n"
    "2009-01-08T22:37:25.431Z,SendConn,08CB3FF87FA346A1,1,exchsvr:20736,relayhost:25,+,,\n"
)
START = ("+,,", "<,220 there.com ESMTP,", ">,EHLO here.com,", "<,250-there.com,", "<,250 SIZE,")
MAIL = (
    ">,MAIL FROM:<a@here.com> SIZE=1234,",
    "<,250 OK,",
    ">,RCPT TO:<b@there.com>,",
    "<,250 OK,",
    ">,DATA,",
    "<,354 Go on,",
)
ACCEPTED = ("<,250 2.6.0 Queued,",)
END = (">,QUIT,", "<,221 Bye,", "-,,Local")


def lines(
    dialogue: Iterable[str],
    *,
    session: str = "08DE000000000001",
    at_s: int = 0,
    step_s: int = 1,
    peer: str = "192.0.2.9:25",
) -> str:
    """A dialogue, each line so much after the one before it, as a log has it."""
    return "".join(
        f"2026-01-08T{(at := at_s + number * step_s) // 3600:02}:{at // 60 % 60:02}:{at % 60:02}"
        f".000Z,To the relay,{session},{number},10.0.0.1:4711,{peer},{line}\r\n"
        for number, line in enumerate(dialogue)
    )


def items(text: str | bytes, kind: Kind = "send", *, most_open: int = 100) -> list[Item]:
    """What is in one file."""
    reader = LogReader(kind, most_open=most_open)
    data = text if isinstance(text, bytes) else text.encode()
    return [*chain(reader.read(blocks([data]), "a.log"), reader.finish())]


def sessions(text: str | bytes, kind: Kind = "send", *, most_open: int = 100) -> list[Session]:
    """The sessions in one file."""
    found = items(text, kind, most_open=most_open)
    return [item for item in found if isinstance(item, Session)]


def session(dialogue: Iterable[str], kind: Kind = "send") -> Session:
    """The only session of a dialogue."""
    (found,) = sessions(lines(dialogue), kind)
    return found


def messages(text: str, kind: Kind = "send") -> list[Message]:
    """The messages in one file."""
    return [item for item in items(text, kind) if isinstance(item, Message)]


def unread(text: str | bytes) -> list[Unread]:
    """The lines that were not understood."""
    return [item for item in items(text) if isinstance(item, Unread)]
