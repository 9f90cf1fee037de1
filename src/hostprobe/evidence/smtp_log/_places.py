r"""Where Exchange puts its protocol logs, unless it is told otherwise.

Source: its documentation on protocol logging: 2007, 2010 (`V14`), 2013 to Subscription Edition
(`V15`), in each the folders of the services that write such logs.
"""

from pathlib import PureWindowsPath
from typing import Final

_INSTALLED: Final = PureWindowsPath(r"C:\Program Files\Microsoft\Exchange Server")
_SERVICES: Final = ("FrontEnd", "Hub", "Mailbox", "Edge")

USUAL_FOLDERS: Final = (
    *(_INSTALLED / rf"V15\TransportRoles\Logs\{name}\ProtocolLog" for name in _SERVICES),
    _INSTALLED / r"V14\TransportRoles\Logs\ProtocolLog",
    _INSTALLED / r"TransportRoles\Logs\ProtocolLog",
)
"""The folders with the logs of what is sent and received; a server has those of one version."""
