"""Mail logs beside a capture: which session is which conversation, and what both say together.

They are joined on their ends and times. Clocks differ, so the difference is found first, and
printed; where it cannot be found without doubt, nothing is joined, and the reason is said.
"""

from hostprobe.analysis.verdict.mail_log._candidates import Candidates
from hostprobe.analysis.verdict.mail_log._clock import Clock
from hostprobe.analysis.verdict.mail_log._joining import Joined, NotJoined, join
from hostprobe.analysis.verdict.mail_log._reasons import clocks, reason
from hostprobe.analysis.verdict.mail_log._together import together

__all__ = ["Candidates", "Clock", "Joined", "NotJoined", "clocks", "join", "reason", "together"]
