"""What a user writes with pypsexec alone. Usage: bare_pypsexec.py HOST PORT USER COMMAND.

The password comes from HOSTPROBE_PASSWORD, as it does for hostprobe.
"""

import os
import sys

from pypsexec.client import Client  # noqa: TID251  # the peer that is measured

host, port, user, command = sys.argv[1:]
client = Client(host, username=user, password=os.environ["HOSTPROBE_PASSWORD"], port=int(port))
client.connect(timeout=10)
try:
    client.create_service()
    stdout, _, exit_code = client.run_executable("cmd.exe", arguments=f"/c {command}")
    sys.stdout.write(stdout.decode("cp437"))
finally:
    client.remove_service()
    client.disconnect()
sys.exit(exit_code)
