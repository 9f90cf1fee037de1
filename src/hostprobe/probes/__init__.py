"""One file for each question to a host: a command and a pure parser of its answer."""
