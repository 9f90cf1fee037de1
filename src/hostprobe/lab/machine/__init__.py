"""The emulated Windows host itself: its processes, sockets, files, pipes, services, accounts."""
