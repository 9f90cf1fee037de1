"""A thread pool of plain pypsexec clients: what a user writes for a sweep with that library alone.

Usage: pypsexec_pool.py JOBS PORT USER COMMAND HOST...; the password is HOSTPROBE_PASSWORD.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from pypsexec.client import Client  # noqa: TID251  # the peer that is measured

jobs, port, user, command, *hosts = sys.argv[1:]


def ask(host: str) -> bool:
    """Whether the host answered."""
    client = Client(host, username=user, password=os.environ["HOSTPROBE_PASSWORD"], port=int(port))
    client.connect(timeout=10)
    try:
        client.create_service()
        stdout, _, code = client.run_executable("cmd.exe", arguments=f"/c {command}")
        return bool(stdout) and code == 0
    finally:
        client.remove_service()
        client.disconnect()


with ThreadPoolExecutor(int(jobs)) as pool:
    answered = sum(pool.map(ask, hosts))
sys.exit(answered != len(hosts))
