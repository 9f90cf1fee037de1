"""Change hosts: one or many, planned on all of them first, confirmed, then carried out."""

from hostprobe.cli.acting._act import Act, Done, Planned, Question, Spared
from hostprobe.cli.acting._run import act_on, act_on_plans
from hostprobe.cli.acting._telling import hosts_in_words
from hostprobe.cli.acting._visiting import Rounds

__all__ = [
    "Act",
    "Done",
    "Planned",
    "Question",
    "Rounds",
    "Spared",
    "act_on",
    "act_on_plans",
    "hosts_in_words",
]
