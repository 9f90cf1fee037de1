"""Which process talks to which, over the connections that many hosts listed.

A connection stands in the listings of both of its hosts, with its ends the other way round. Here
the two are found again, the side that serves is told from the one that calls, and what one process
has with another becomes one edge.
"""

from hostprobe.analysis.edges._edges import By, Edge
from hostprobe.analysis.edges._filters import TalkFilter
from hostprobe.analysis.edges._map import TalkMap, Wanted
from hostprobe.analysis.edges._talks import OUTSIDE, Outside

__all__ = ["OUTSIDE", "By", "Edge", "Outside", "TalkFilter", "TalkMap", "Wanted"]
