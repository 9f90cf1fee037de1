"""A Kerberos realm on loopback: MIT's KDC, and a Samba that takes its tickets and has Wine behind.

It stands beside `tests/winehost`, whose shim, bridge and Windows folder it uses; all else is in a
folder of the test's own. Debian's krb5-kdc, krb5-admin-server and krb5-user; root.
"""

import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.winehost.host import WineHost

REALM: Final = "LAB.TEST"
USER: Final = "ops"
PASSWORD: Final = "Ticket-Passw0rd"
SERVICE: Final = "cifs/localhost"
_TOOLS: Final = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "smbd")
_DAY_S: Final = 86_400

_KRB5_CONF: Final = """\
[libdefaults]
  default_realm = {realm}
  dns_canonicalize_hostname = false
  rdns = false
  dns_lookup_kdc = false
  dns_lookup_realm = false
[realms]
  {realm} = {{
    kdc = 127.0.0.1:{port}
  }}
[domain_realm]
  localhost = {host_realm}
"""
_KDC_CONF: Final = """\
[kdcdefaults]
  kdc_listen = 127.0.0.1:{port}
  kdc_tcp_listen = 127.0.0.1:{port}
[realms]
  {realm} = {{
    database_name = {folder}/principal
    key_stash_file = {folder}/stash
    acl_file = {folder}/acl
    disable_pac = true
  }}
[logging]
  kdc = FILE:{folder}/kdc.log
"""
_SMB_CONF: Final = """\
[global]
  workgroup = LAB
  realm = {realm}
  netbios name = WINEHOST
  server role = standalone
  kerberos method = dedicated keytab
  dedicated keytab file = {folder}/keytab
  interfaces = 127.0.0.1
  bind interfaces only = yes
  smb ports = {port}
  username map = {folder}/users
  passdb backend = tdbsam
  private dir = {folder}/private
  state directory = {folder}/state
  cache directory = {folder}/cache
  lock directory = {folder}/lock
  pid directory = {folder}/pid
  ncalrpc dir = {folder}/ncalrpc
  log file = {folder}/smbd.log
  load printers = no
  rpc start on demand helpers = no
[ADMIN$]
  path = {windows}
  valid users = root
  read only = no
"""


def require_tools() -> None:
    """Skip where this machine has no Kerberos; `.ci/run` sees to it that it has."""
    pytest.importorskip("gssapi", reason="pip install --group kerberos, with libkrb5-dev and gcc")
    search = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    missing = [tool for tool in _TOOLS if not shutil.which(tool, path=search)]
    if missing:
        pytest.skip(f"Kerberos is tested with {', '.join(missing)} (krb5-kdc, krb5-admin-server)")


@dataclass(frozen=True, slots=True)
class Kdc:
    """A running KDC; what it keeps is in `folder`."""

    folder: Path
    port: int

    def environment(self, cache: Path, config: str = "krb5.conf") -> dict[str, str]:
        """Variables by which a program finds the realm, and the tickets in `cache`."""
        return {"KRB5_CONFIG": str(self.folder / config), "KRB5CCNAME": f"FILE:{cache}"}

    def ticket(self, name: str = "tickets") -> Path:
        """A new cache with a ticket of the user."""
        cache = self.folder / name
        _run("kinit", f"{USER}@{REALM}", said=PASSWORD, env=self.environment(cache))
        return cache

    def write_config(self, name: str, *, port: int | None = None, host_realm: str = REALM) -> str:
        """A krb5.conf of that name, with another KDC or another realm of localhost; the name."""
        text = _KRB5_CONF.format(realm=REALM, port=port or self.port, host_realm=host_realm)
        (self.folder / name).write_text(text)
        return name


@contextmanager
def running_kdc(folder: Path, *, service: str | None = SERVICE) -> Iterator[Kdc]:
    """A KDC that knows the user and, where it is named, the service, whose key is in `keytab`."""
    kdc = Kdc(folder, free_port())
    kdc.write_config("krb5.conf")
    where = {"folder": folder, "realm": REALM, "port": kdc.port}
    (folder / "kdc.conf").write_text(_KDC_CONF.format(**where))
    environment = kdc.environment(folder / "none") | {"KRB5_KDC_PROFILE": f"{folder}/kdc.conf"}
    _run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master", env=environment)
    _run("kadmin.local", "addprinc", "-pw", PASSWORD, USER, env=environment)
    if service:
        _run("kadmin.local", "addprinc", "-randkey", service, env=environment)
        _run("kadmin.local", "ktadd", "-k", f"{folder}/keytab", service, env=environment)
    with _running(("krb5kdc", "-n"), environment, folder / "kdc.out", kdc.port):
        yield kdc


@contextmanager
def running_samba(kdc: Kdc, bed: WineHost) -> Iterator[int]:
    """A Samba that takes the KDC's tickets for the bed's host; its port."""
    folder, port = kdc.folder, free_port()
    for name in ("private", "state", "cache", "lock", "pid", "ncalrpc/np"):
        (folder / name).mkdir(parents=True)
    (folder / "ncalrpc/np").chmod(0o700)  # Samba insists
    (folder / "users").write_text(f"root = LAB\\{USER}\n")
    where = {"folder": folder, "realm": REALM, "port": port, "windows": bed.windows}
    (folder / "smb.conf").write_text(_SMB_CONF.format(**where))
    environment = kdc.environment(folder / "none") | {
        "LD_PRELOAD": str(bed.root.parent / "smbd_shim.so"),
        "BRIDGE_PORT": str(bed.bridge_port),
    }
    program = ("smbd", "-F", "--no-process-group", "-s", f"{folder}/smb.conf")
    with _running(program, environment, folder / "smbd.out", port):
        yield port


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def expired(cache: Path) -> Path:
    """A copy of a cache, of which all tickets were over an hour ago."""
    content = bytearray(cache.read_bytes())
    now, found = time.time(), 0
    for at in range(len(content) - 12):  # authtime, starttime, endtime
        began, _, ends = struct.unpack_from(">3I", content, at)
        if abs(began - now) < 3600 and 0 < ends - began <= 2 * _DAY_S:
            times = (int(now) - 2 * _DAY_S, int(now) - 2 * _DAY_S, int(now) - 3600)
            struct.pack_into(">3I", content, at, *times)
            found += 1
    assert found
    return _copy(cache, "expired", bytes(content))


def skewed(cache: Path) -> Path:
    """A copy of a cache, by which the KDC's clock is a quarter of an hour ahead of this one."""
    content = cache.read_bytes()
    version, length = struct.unpack_from(">HH", content)
    assert version == 0x0504
    header = struct.pack(">HHHHii", version, 12, 1, 8, 900, 0)  # tag 1: the difference
    return _copy(cache, "skewed", header + content[4 + length :])


def _copy(cache: Path, name: str, content: bytes) -> Path:
    copy = cache.with_name(name)
    copy.write_bytes(content)
    return copy


@contextmanager
def _running(
    program: tuple[str, ...], environment: dict[str, str], log: Path, port: int
) -> Iterator[None]:
    """A program in the foreground, from when it listens until it is ended."""
    with (
        log.open("wb") as said,
        subprocess.Popen(  # noqa: S603 - of Debian
            program,
            env=_environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,  # Samba ends all of its process group with itself
        ) as process,
    ):
        try:
            _await(process, port, log)
            yield
        finally:
            process.terminate()


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)  # a poll: it needs a moment to listen
        else:
            return
    pytest.fail(f"{process.args!r} does not listen on {port}: {log.read_text()}")


def _run(*command: str, env: dict[str, str], said: str = "") -> None:
    subprocess.run(  # noqa: S603 - of Debian
        command, env=_environment(env), input=said.encode(), capture_output=True, check=True
    )


def _environment(own: dict[str, str]) -> dict[str, str]:
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    return os.environ | {"PATH": path} | own
