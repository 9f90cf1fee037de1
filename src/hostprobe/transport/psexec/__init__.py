"""Sessions over SMB with PAExec: the one door to pypsexec and smbprotocol.

Importing this package imports both libraries, so it is imported when a host is to be asked.
"""

from hostprobe.transport.psexec._lazily import lazily

# pyspnego imports it for CredSSP, which is not used here: a fifth of what both libraries cost.
lazily("cryptography.x509")

from hostprobe.transport.psexec.line import Options  # noqa: E402 - see above
from hostprobe.transport.psexec.session import connector  # noqa: E402 - see above

__all__ = ["Options", "connector"]
