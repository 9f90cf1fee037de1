"""The SMB 2 and 3 server of the emulated host, over TCP.

`Connection(machine, clients)` is the asyncio protocol of one client; `Clients()` is what all the
clients of one host share.

Source: [MS-SMB2].
"""
