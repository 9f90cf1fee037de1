"""The version numbers that Windows states of itself.

Source: `ver`, `[Environment]::OSVersion.Version`.
"""

from hostprobe.lab.machine.machine import Windows

_BEFORE_10 = {6001: "6.0", 6002: "6.0", 6003: "6.0", 7600: "6.1", 7601: "6.1", 9200: "6.2"}
_WINDOWS_8_1 = 9600


def version(windows: Windows) -> str:
    """`10.0.20348`."""
    if windows.build == _WINDOWS_8_1:
        return f"6.3.{windows.build}"
    return f"{_BEFORE_10.get(windows.build, '10.0')}.{windows.build}"


def banner(windows: Windows) -> str:
    """`Microsoft Windows [Version 10.0.20348.2849]`; the last number is that of its PowerShell."""
    numbers = (windows.powershell or "").split(".")
    revision = f".{numbers[3]}" if len(numbers) == 4 and windows.build > _WINDOWS_8_1 else ""
    return f"Microsoft Windows [Version {version(windows)}{revision}]"
