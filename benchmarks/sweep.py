"""A sweep over thousands of lab hosts, a tenth of them silent and a tenth refusing; Linux only.

The lab has a process of its own, on the same cores as the sweep.
"""

from benchmarks.network import Kind, Took, network, sweep
from benchmarks.rounds import verdict

_LIMITS_S = {32: 100.0, 128: 60.0}
_MEMORY_LIMIT = 1.3
_KIND = Kind(dead=0.1)


def main() -> None:
    """Print time, pace, CPU and memory of sweeps over 2,500 hosts, and memory of one over 250."""
    with network(250, _KIND) as small:
        few = {jobs: _told(sweep(small, jobs), jobs) for jobs in _LIMITS_S}
    with network(2500, _KIND) as large:
        for jobs, limit_s in _LIMITS_S.items():
            took = _told(sweep(large, jobs), jobs)
            print(f"{jobs} jobs: {took.wall_s:.1f} s {verdict(took.wall_s, limit_s)}")
            ratio = took.peak_mb / few[jobs].peak_mb
            print(f"memory against 250 hosts: {ratio:.2f} {verdict(ratio, _MEMORY_LIMIT)}")


def _told(took: Took, jobs: int) -> Took:
    print(
        f"{took.hosts} hosts, {jobs} jobs: {took.pace:.1f} hosts/s,"
        f" {took.cpu_ms:.1f} ms of CPU an answer, {took.peak_mb:.0f} MB"
    )
    return took


if __name__ == "__main__":
    main()
