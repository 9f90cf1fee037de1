"""The version numbers that Windows states of itself.

Source: `ver`, `[Environment]::OSVersion.Version`.
"""

from hostprobe.lab.machine.machine import Windows


def version(windows: Windows) -> str:
    """`10.0.20348`."""
    major, minor = windows.version
    return f"{major}.{minor}.{windows.build}"


def banner(windows: Windows) -> str:
    """`Microsoft Windows [Version 10.0.20348.2849]`; the last number is that of its PowerShell."""
    numbers = (windows.powershell or "").split(".")
    revision = f".{numbers[3]}" if len(numbers) == 4 and windows.version >= (10, 0) else ""
    return f"Microsoft Windows [Version {version(windows)}{revision}]"
