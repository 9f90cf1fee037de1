"""How the answer of a piece of work travels from one process to another."""

import pickle
from concurrent.futures import Future


class LostAnswerError(Exception):
    """The work was done, and its answer cannot be sent or read."""


def packed(result: object, error: BaseException | None) -> bytes:
    """What the work returned or, where that is not None, what it raised."""
    try:
        return pickle.dumps((result, error))
    except Exception as problem:  # noqa: BLE001 - whatever a class does when it is pickled
        return pickle.dumps((None, LostAnswerError(f"its answer cannot be sent: {problem}")))


def settle(future: Future[object], answer: bytes) -> None:
    """Give a future the answer that `packed` made."""
    try:
        result, error = pickle.loads(answer)  # noqa: S301 - from a process that we gave the work to
    except Exception as problem:  # noqa: BLE001 - whatever a class does when it is unpickled
        result, error = None, LostAnswerError(f"its answer cannot be read: {problem}")
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
