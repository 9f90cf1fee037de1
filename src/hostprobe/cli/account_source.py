"""The account that is used, and where it and its password come from, in words."""

from hostprobe.cli.credentials import PASSWORD_VARIABLE, Login


def origin(found: Login) -> str:
    r"""Such as `CORP\ops (-u), password from HOSTPROBE_PASSWORD`; never a secret."""
    name = f"{found.credentials.username} ({found.user_from})"
    if not found.credentials.can_be_locked:
        return f"{name}, no password"
    return f"{name}, password {_PASSWORD.get(found.proof_from, f'from the {found.proof_from}')}"


_PASSWORD = {PASSWORD_VARIABLE: f"from {PASSWORD_VARIABLE}", "prompt": "as typed"}
