"""How awkward the host is: Windows' own delays by default, faults where a scenario wants them.

Source: measured with PAExec 1.29 and pypsexec; [MS-SCMR] 3.1.4.2 and 3.1.4.19 (pending states).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """The host's delays, in real seconds, and its faults.

    Attributes:
        latency_s: Passes before each SMB message is read, one after the other.
        round_trip_s: Passes between a message and its answer, as on a long line, whatever else is
            under way; latency_s does not count then.
        service_start_s: A service stays START_PENDING for so long.
        service_stop_s: A service stays STOP_PENDING for so long.
        pipe_late_s: PAExec's main pipe comes so long after its service is RUNNING.
        standard_pipes_late_s: The pipes of stdin, stdout and stderr come so late.
        image_locked_s: A program's file cannot be deleted for so long after its process ended.
        image_stays_locked: It cannot be deleted at all.
        silent_after: After so many SMB messages to the host, nothing is answered any more, on no
            connection.
        cut_after: The first connection is aborted at this SMB message.
        blocks_upload: Security software removes PAExec as soon as its file is closed.
        self_delete: The service marks itself for deletion when it stops, as PAExec does at times.
        shutdown_s: It goes on for so long once a shutdown has come due.
        reboot_s: How long the host is gone when it restarts.
        pace: How long the host's own second lasts, such as the one between two answers of ping.
    """

    latency_s: float = 0.0
    round_trip_s: float = 0.0
    service_start_s: float = 0.01
    service_stop_s: float = 0.05
    pipe_late_s: float = 0.02
    standard_pipes_late_s: float = 0.02
    image_locked_s: float = 0.05
    image_stays_locked: bool = False
    silent_after: int | None = None
    cut_after: int | None = None
    blocks_upload: bool = False
    self_delete: bool = False
    shutdown_s: float = 0.5
    reboot_s: float = 2.0
    pace: float = 1.0
