"""How the pace of a sweep grows with its jobs, near and far; Linux only.

Prints the table of docs/performance.md.
"""

from benchmarks.network import Kind, network, sweep

_JOBS = (1, 8, 32, 128, 512)
_ROUND_TRIPS_MS = (0, 20, 100)
_HOSTS = {1: 20, 8: 80, 32: 320, 128: 1000, 512: 2000}  # so many that start and end do not count


def main() -> None:
    """Print hosts a second and the CPU of the client for each number of jobs and distance."""
    print("| jobs | hosts |" + "".join(f" {ms} ms |" for ms in _ROUND_TRIPS_MS))
    print("|---" * (len(_ROUND_TRIPS_MS) + 2) + "|")
    rows = {jobs: [f"{jobs}", f"{hosts:,}"] for jobs, hosts in _HOSTS.items()}
    for ms in _ROUND_TRIPS_MS:
        with network(max(_HOSTS.values()), Kind(round_trip_s=ms / 1000)) as found:
            for jobs in _JOBS:
                took = sweep(found, jobs, _HOSTS[jobs])
                rows[jobs].append(f"{took.pace:.1f} ({took.cpu_ms:.0f} ms)")
    for row in rows.values():
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
