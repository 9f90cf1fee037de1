"""The commands of cmd.exe's own."""

from hostprobe.lab.shell.builtins import control, files, folders, text, variables
from hostprobe.lab.shell.state import Builtins

BUILTINS: Builtins = {
    **control.COMMANDS,
    **files.COMMANDS,
    **folders.COMMANDS,
    **text.COMMANDS,
    **variables.COMMANDS,
}
