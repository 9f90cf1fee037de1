"""`hostprobe connections` against what its users would use instead: whole processes, same work."""

import functools
import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.rounds import COMMAND, installed, least, python, running_bed, show, timed
from tests.beds.proxy import Proxy
from tests.winehost.host import WineHost

_HERE = Path(__file__).parent


def main() -> None:
    """Print the ratios, near and far."""
    host = running_bed()
    with tempfile.TemporaryDirectory() as folder:
        near = least(_contestants(host, host.port, folder))
        with Proxy(host.port, delay_ms=20) as proxy:
            far = least(_contestants(host, proxy.port, folder))
    show("hostprobe", near["hostprobe"], "bare pypsexec", near["pypsexec"], 1.25)
    if "impacket" in near:
        show("hostprobe", near["hostprobe"], "impacket", near["impacket"], 0.55)
    print("with 20 ms added each way:")
    show("hostprobe", far["hostprobe"], "bare pypsexec", far["pypsexec"], 0.55)
    if "impacket" in far:
        show("hostprobe", far["hostprobe"], "impacket", far["impacket"], 0.55)


def _contestants(host: WineHost, port: int, folder: str) -> dict[str, Callable[[], float]]:
    environment = {"HOSTPROBE_PASSWORD": host.password, "HOSTPROBE_STATE_DIR": folder}
    peer = ("127.0.0.1", str(port), host.username, COMMAND)
    ours = ("connections", "127.0.0.1", "--smb-port", str(port), "-u", host.username)
    programs = {
        "hostprobe": installed("hostprobe") + ours,
        "pypsexec": python(str(_HERE / "bare_pypsexec.py"), *peer),
    }
    if importlib.util.find_spec("impacket"):
        programs["impacket"] = python(str(_HERE / "impacket_psexec.py"), *peer)
    else:
        print("impacket is not installed: python -m pip install --group bench")
    return {
        name: functools.partial(timed, program, environment) for name, program in programs.items()
    }


if __name__ == "__main__":
    main()
