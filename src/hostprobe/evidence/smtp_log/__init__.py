"""Exchange's SMTP protocol logs: blocks of lines in, sessions and messages out, in one pass.

Source: Microsoft's "Protocol logging" pages for Exchange 2010 to 2019; real logs of 2007 to 2019.
"""

from hostprobe.evidence.smtp_log._detection import HEAD_BYTES, kind_of
from hostprobe.evidence.smtp_log._dialogue import Dialogue
from hostprobe.evidence.smtp_log._encoding import as_utf8
from hostprobe.evidence.smtp_log._lines import Block, blocks
from hostprobe.evidence.smtp_log._places import USUAL_FOLDERS
from hostprobe.evidence.smtp_log._reader import LogReader
from hostprobe.evidence.smtp_log._record import (
    OUTCOMES,
    Item,
    Kind,
    Line,
    Message,
    Outcome,
    Place,
    Session,
    Side,
)

__all__ = [
    "HEAD_BYTES",
    "OUTCOMES",
    "USUAL_FOLDERS",
    "Block",
    "Dialogue",
    "Item",
    "Kind",
    "Line",
    "LogReader",
    "Message",
    "Outcome",
    "Place",
    "Session",
    "Side",
    "as_utf8",
    "blocks",
    "kind_of",
]
