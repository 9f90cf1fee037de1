"""One file for each change to a host: plan, confirm, carry out."""
