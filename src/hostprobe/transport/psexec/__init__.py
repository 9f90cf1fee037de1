"""Sessions over SMB with PAExec: the one door to pypsexec and smbprotocol.

Importing this package imports both libraries, so it is imported when a host is to be asked.
"""

from hostprobe.transport.psexec.session import Options, connector

__all__ = ["Options", "connector"]
