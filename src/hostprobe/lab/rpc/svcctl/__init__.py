"""The service control manager's interface.

Source: [MS-SCMR] 3.1.4 (the opnums), 2.1 (its pipe), 6 (its UUID and version).
"""

from uuid import UUID

from hostprobe.lab.rpc.interface import Interface, Operation
from hostprobe.lab.rpc.ndr import NO_HANDLE
from hostprobe.lab.rpc.svcctl import config, control, handles, listing, settings, status

INTERFACE = Interface(
    pipe="svcctl",
    address="\\PIPE\\ntsvcs",
    uuid=UUID("367abb81-9844-35f1-ad32-98f038001003"),
    version=2,
    operations={
        0: Operation(handles.close, on_error=NO_HANDLE),
        1: Operation(control.control, on_error=status.NO_STATUS),
        2: Operation(control.delete),
        6: Operation(status.query, on_error=status.NO_STATUS),
        11: Operation(settings.change, on_error=settings.NO_TAG),
        12: Operation(settings.create, on_error=settings.NO_TAG + NO_HANDLE),
        14: Operation(listing.list_status),
        15: Operation(handles.open_manager, on_error=NO_HANDLE),
        16: Operation(handles.open_service, on_error=NO_HANDLE),
        17: Operation(config.query, on_error=config.NO_CONFIG),
        19: Operation(control.start),
        20: Operation(config.display_name, on_error=config.NO_NAME),
        21: Operation(config.key_name, on_error=config.NO_NAME),
        39: Operation(config.query_optional),
        40: Operation(status.query_ex),
        42: Operation(listing.list_status_ex),
    },
)
