"""How long `hostprobe --help` takes, against importing typer alone."""

import functools

from benchmarks.rounds import installed, least, python, show, timed


def main() -> None:
    """Print the ratio."""
    best = least(
        {
            "help": functools.partial(timed, (*installed("hostprobe"), "--help"), {}),
            "typer": functools.partial(timed, python("-c", "import typer"), {}),
        }
    )
    show("hostprobe --help", best["help"], "import typer", best["typer"], 3.0)


if __name__ == "__main__":
    main()
