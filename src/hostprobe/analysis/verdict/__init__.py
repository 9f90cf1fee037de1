"""What went wrong in a captured conversation, and on which layer; one file for each question."""

from hostprobe.analysis.verdict._conversation import MAIL_PORTS
from hostprobe.analysis.verdict._finding import Scene, seconds
from hostprobe.analysis.verdict._gathering import MOST, Gathering
from hostprobe.analysis.verdict._texts import Outcome, Page, pages
from hostprobe.analysis.verdict._verdict import QUESTIONS, Verdict, judge, judge_all

__all__ = [
    "MAIL_PORTS",
    "MOST",
    "QUESTIONS",
    "Gathering",
    "Outcome",
    "Page",
    "Scene",
    "Verdict",
    "judge",
    "judge_all",
    "pages",
    "seconds",
]
