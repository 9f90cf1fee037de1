"""What the words mean that hostprobe prints and reads; one file = one kind of term.

What the documentation or the code says already is read from there: a module that defines `KIND`.
The rest is in `texts/`, one TOML file for each kind.
"""

from hostprobe.analysis.glossary._base import Entry, Kind
from hostprobe.analysis.glossary._kinds import kinds
from hostprobe.analysis.glossary._search import Glossary

__all__ = ["Entry", "Glossary", "Kind", "kinds"]
