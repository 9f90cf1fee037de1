"""Which processes of saved answers talk to a network: who_talks_to.py NETWORK FILE...

The files are what --save-raw keeps.
"""

import ipaddress
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from hostprobe import ConnectionFilter, HostprobeError, owned, snapshot


def lines(network: str, files: Sequence[str]) -> Iterator[str]:
    """One line for each connection to `network`."""
    wanted = ConnectionFilter(remote=ipaddress.ip_network(network))
    for file in files:
        answer = snapshot.read(Path(file).read_bytes(), name=file)
        for row in owned(answer):
            if wanted.matches(row):
                owner = row.process or row.note
                yield f"{answer.host_name} {row.remote_address}:{row.remote_port} {row.pid} {owner}"


if __name__ == "__main__":
    try:
        for line in lines(sys.argv[1], sys.argv[2:]):
            print(line)
    except HostprobeError as error:
        sys.exit(str(error))
