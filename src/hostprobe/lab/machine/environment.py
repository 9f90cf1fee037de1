"""The environment of the host's processes.

Source: `set` on Windows Server 2022, as SYSTEM.
"""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"%([^%\s]+)%")
_OF_ALL_HOSTS = {
    "allusersprofile": r"C:\ProgramData",
    "commonprogramfiles": r"C:\Program Files\Common Files",
    "comspec": r"C:\Windows\system32\cmd.exe",
    "number_of_processors": "4",
    "os": "Windows_NT",
    "path": r"C:\Windows\system32;C:\Windows;C:\Windows\System32\Wbem;"
    r"C:\Windows\System32\WindowsPowerShell\v1.0" + "\\",
    "pathext": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC",
    "processor_architecture": "AMD64",
    "programdata": r"C:\ProgramData",
    "programfiles": r"C:\Program Files",
    "programfiles(x86)": r"C:\Program Files (x86)",
    "public": r"C:\Users\Public",
    "systemdrive": "C:",
    "systemroot": r"C:\Windows",
    "temp": r"C:\Windows\TEMP",
    "tmp": r"C:\Windows\TEMP",
    "userprofile": r"C:\Windows\system32\config\systemprofile",
    "windir": r"C:\Windows",
}


def environment_of(name: str, domain: str) -> dict[str, str]:
    """The variables of a service's process; names in lower case."""
    own = {"computername": name, "userdomain": domain, "username": f"{name}$"}
    return {**_OF_ALL_HOSTS, **own}


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Put in the values of %NAME%; one that is unknown stays as it is, as cmd.exe leaves it."""
    return _VARIABLE.sub(lambda found: variables.get(found[1].lower(), found[0]), text)
