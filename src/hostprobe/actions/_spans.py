"""How long something takes, for a person."""

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def span(seconds: float) -> str:
    """A time that passes, in its two largest units: `4 d 3 h`, `90 s`."""
    left = max(0, round(seconds))
    if left < 120:
        return f"{left} s"
    numbers = []
    for name, size in _UNITS:
        number, left = divmod(left, size)
        numbers.append((number, name))
    first = next(at for at, (number, _) in enumerate(numbers) if number)
    return " ".join(f"{number} {name}" for number, name in numbers[first : first + 2] if number)
