"""Log-in: NTLMv2, and SPNEGO around it; the acceptor's side.

Source: [MS-NLMP], RFC 4178 and [MS-SPNG], each module by the paragraph.
"""

from hostprobe.lab.logon.ntlm import Identity
from hostprobe.lab.logon.spnego import Acceptor, hint

__all__ = ["Acceptor", "Identity", "hint"]
