"""Run a command on one host."""
