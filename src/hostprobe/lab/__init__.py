"""Emulated Windows hosts on loopback, over real SMB: for tests, the demo and load tests."""
