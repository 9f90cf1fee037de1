"""What `if` asks.

Source: `if /?`: two numbers are compared as numbers, anything else as text.
"""

import operator
import re
from collections.abc import Callable

from hostprobe.lab.programs import Console
from hostprobe.lab.shell.state import State
from hostprobe.lab.shell.syntax import Condition

_NUMBER = re.compile(r"[+-]?[0-9]{1,10}")
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "equ": operator.eq,
    "neq": operator.ne,
    "lss": operator.lt,
    "leq": operator.le,
    "gtr": operator.gt,
    "geq": operator.ge,
}


def holds(state: State, console: Console, condition: Condition) -> bool:
    """Whether a condition is met."""
    left, right = state.expand_late(condition.left), state.expand_late(condition.right)
    return _is_met(state, console, condition, left, right) != condition.is_negated


def _is_met(state: State, console: Console, condition: Condition, left: str, right: str) -> bool:
    match condition.how:
        case "errorlevel":
            return _NUMBER.fullmatch(right) is not None and state.errorlevel >= int(right)
        case "exist":
            return console.find(right) is not None
        case "defined":
            return right.lower() in state.environment()
        case how:
            if condition.ignores_case:
                left, right = left.lower(), right.lower()
            return _compare(how, left, right)


def _compare(how: str, left: str, right: str) -> bool:
    if how == "==":
        return left == right
    if _NUMBER.fullmatch(left) and _NUMBER.fullmatch(right):
        return _COMPARE[how](int(left), int(right))
    return _COMPARE[how]((left > right) - (left < right), 0)
