"""impacket's own psexec.py, on any port. Usage: impacket_psexec.py HOST PORT USER COMMAND.

The password comes from HOSTPROBE_PASSWORD. Two things are bypassed: its list of ports (139 and 445
only), and its search for a writable share, because the bed does not list shares.
"""

import importlib.util
import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

from impacket.examples.serviceinstall import ServiceInstall

host, port, user, command = sys.argv[1:]
os.dup2(os.pipe()[0], 0)  # it reads a shell's lines from stdin: nobody types
ServiceInstall.getShares = lambda _self: ["ADMIN$"]
ServiceInstall.findWritableShare = lambda _self, _shares: "ADMIN$"
loader = SourceFileLoader("psexec", str(Path(sys.executable).with_name("psexec.py")))
psexec = importlib.util.module_from_spec(ModuleSpec("psexec", loader))
loader.exec_module(psexec)
account = {"username": user, "password": os.environ["HOSTPROBE_PASSWORD"]}
client = psexec.PSEXEC(
    f"cmd.exe /c {command}", None, None, None, port=int(port), serviceName="", **account
)
client.run(host, host)
