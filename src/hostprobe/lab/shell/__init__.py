"""cmd.exe, and how programs are started."""
