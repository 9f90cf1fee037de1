"""Which router is asked, and as whom: accounts of its own, never those of Windows."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from hostprobe.cli.console import ask, ask_secret, is_terminal
from hostprobe.errors import InputFileError, UsageError
from hostprobe.inventory.credentials import read_password_file
from hostprobe.inventory.quoting import quoted_path
from hostprobe.inventory.targets import Target, parse_target
from hostprobe.transport import routers
from hostprobe.transport.routers import RouterLogIn, RouterQuestion

PASSWORD_VARIABLE: Final = "HOSTPROBE_ROUTER_PASSWORD"  # noqa: S105 - the name of a variable
_SSH_PORT: Final = 22

DeviceType = StrEnum("DeviceType", routers.DEVICE_TYPES)  # type: ignore[misc] # their one list
_IOS = DeviceType("cisco_ios")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterOptions:
    """Which router is asked over SSH, and as whom."""

    router: Annotated[
        str | None,
        typer.Option(
            metavar="HOST[:PORT]",
            help="ask a router over SSH instead of reading files, with one show command; needs"
            " the extra `network`",
        ),
    ] = None
    device_type: Annotated[
        DeviceType, typer.Option(help="what the router runs, as netmiko calls it")
    ] = _IOS
    monitor: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="of Flexible NetFlow: show flow monitor NAME cache"),
    ] = None
    router_username: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar="HOSTPROBE_ROUTER_USERNAME",
            help="its password is taken from HOSTPROBE_ROUTER_PASSWORD, or asked for; the account"
            " of Windows is never used here",
        ),
    ] = None
    router_password_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="its first line is the password")
    ] = None
    router_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="an SSH key without a passphrase, not a password"),
    ] = None
    router_agent: Annotated[
        bool,
        typer.Option("--router-agent", help="the keys of the SSH agent, not a password"),
    ] = False
    known_hosts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="the router's key must be there  [default: ~/.ssh/known_hosts and the system's]",
            show_default=False,
        ),
    ] = None
    router_timeout: Annotated[
        float, typer.Option(min=1, max=3600, metavar="S", help="seconds for its whole answer")
    ] = 120.0

    def target(self) -> Target:
        """The router.

        Raises:
            TargetError: `--router` names none.
        """
        return parse_target(self.router or "", _SSH_PORT)

    def question(self, dialect: str | None) -> tuple[str, RouterQuestion]:
        """The dialect that the router prints, and what it is asked.

        Args:
            dialect: That the user wants; None for the usual one.

        Raises:
            UsageError: No router prints that.
        """
        known, command = routers.show_command(dialect, self.monitor)
        question = RouterQuestion(
            command=command, device_type=self.device_type.value, timeout_s=self.router_timeout
        )
        return known, question

    def log_in(self) -> RouterLogIn:
        """Who logs in, and how; whoever is not named is asked for.

        Raises:
            UsageError: Two proofs, or none and nobody to ask.
            InputFileError: A file cannot be read.
        """
        chosen = (self.router_password_file, self.router_key, self.router_agent or None)
        if sum(each is not None for each in chosen) > 1:
            msg = "one of --router-password-file, --router-key and --router-agent"
            raise UsageError(msg)
        for option, file in (("router-key", self.router_key), ("known-hosts", self.known_hosts)):
            if file is not None and not os.access(file, os.R_OK):
                msg = f"--{option} {quoted_path(file)} cannot be read"
                raise InputFileError(msg)
        name = self.router_username or _asked_name()
        has_key = self.router_agent or self.router_key is not None
        return RouterLogIn(
            username=name,
            password=None if has_key else _password(name, self.router_password_file),
            key_file=self.router_key,
            uses_agent=self.router_agent,
            known_hosts=self.known_hosts,
        )


def _asked_name() -> str:
    name = ask("User name on the router") if is_terminal() else ""
    if not name:
        msg = "no user name on the router: give --router-username NAME"
        raise UsageError(msg)
    return name


def _password(name: str, file: str | None) -> str:
    if file is not None:
        return read_password_file(file)
    if known := os.environ.get(PASSWORD_VARIABLE):
        return known
    if not is_terminal():
        msg = (
            f"no password of {name} on the router: set {PASSWORD_VARIABLE}, or give"
            " --router-password-file FILE, --router-key FILE or --router-agent"
        )
        raise UsageError(msg)
    return ask_secret(f"Password of {name} on the router")
