"""The MD4 digest, of which NTLM makes the hash of a password; OpenSSL 3 no longer offers it.

Source: RFC 1320.
"""

import struct
from collections.abc import Callable

_BLOCK = struct.Struct("<16I")  # one block of 64 bytes: sixteen words, little-endian
_STATE = struct.Struct("<4I")  # the words A, B, C, D
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)  # 3.3
_WORD = 0xFFFFFFFF


def _choose(x: int, y: int, z: int) -> int:
    return x & y | ~x & z


def _majority(x: int, y: int, z: int) -> int:
    return x & y | x & z | y & z


def _parity(x: int, y: int, z: int) -> int:
    return x ^ y ^ z


# 3.4, each round: its function, its constant, the order of its words, its four rotations.
_ROUNDS: tuple[
    tuple[Callable[[int, int, int], int], int, tuple[int, ...], tuple[int, int, int, int]], ...
] = (
    (_choose, 0, tuple(range(16)), (3, 7, 11, 19)),
    (_majority, 0x5A827999, (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), (3, 5, 9, 13)),
    (_parity, 0x6ED9EBA1, (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)),
)


def md4(message: bytes) -> bytes:
    """The sixteen bytes of MD4."""
    state = _START
    for block in _BLOCK.iter_unpack(message + _padding(len(message))):
        state = _compressed(state, block)
    return _STATE.pack(*state)


def _padding(length: int) -> bytes:
    # 3.1 and 3.2: a one bit, zeros, and the length in bits; all of it fills whole blocks.
    zeros = bytes((55 - length) % _BLOCK.size)
    return b"\x80" + zeros + ((length * 8) & (1 << 64) - 1).to_bytes(8, "little")


def _compressed(
    state: tuple[int, int, int, int], block: tuple[int, ...]
) -> tuple[int, int, int, int]:
    a, b, c, d = state
    for mix, constant, order, rotations in _ROUNDS:
        for step, word in enumerate(order):
            total = (a + mix(b, c, d) + block[word] + constant) & _WORD
            shift = rotations[step % 4]
            a, b, c, d = d, (total << shift | total >> 32 - shift) & _WORD, b, c
    return (
        state[0] + a & _WORD,
        state[1] + b & _WORD,
        state[2] + c & _WORD,
        state[3] + d & _WORD,
    )
