"""Pictures of who talks to whom; one file for each format.

Whatever is drawn may be hostile text of a host: each format makes it harmless in its own way.
"""

from hostprobe.drawings._picture import Picture, picture
from hostprobe.drawings.dot import write_dot
from hostprobe.drawings.html import write_html
from hostprobe.drawings.svg import write_svg

__all__ = ["Picture", "picture", "write_dot", "write_html", "write_svg"]
