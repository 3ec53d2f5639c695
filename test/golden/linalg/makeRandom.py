"""Writes random.json: the sequences of createRandom(seed) by an implementation of its own.

Both generators are first held against their authors' published vectors: xoshiro128** 1.1 from the state 1, 2, 3, 4 and SplitMix64 from the seed 1234567.
Usage: python makeRandom.py
"""

import json
import math
from pathlib import Path

MASK32 = (1 << 32) - 1
MASK64 = (1 << 64) - 1


def split_mix_64(seed):
    state = seed & MASK64
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK64
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
        yield z ^ (z >> 31)


def rotate_left(x, by):
    return ((x << by) | (x >> (32 - by))) & MASK32


def xoshiro128(state):
    s = list(state)
    while True:
        yield (rotate_left((s[1] * 5) & MASK32, 7) * 9) & MASK32
        t = (s[1] << 9) & MASK32
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate_left(s[3], 11)


def take(generator, count):
    return [next(generator) for _ in range(count)]


def seeded(seed):
    a, b = take(split_mix_64(seed), 2)
    return xoshiro128([a & MASK32, a >> 32, b & MASK32, b >> 32])


def uniform(bits):
    return ((next(bits) >> 5) * 2**26 + (next(bits) >> 6)) * 2.0**-53


def integer(bits, n):
    fair = 2**32 - 2**32 % n
    while True:
        value = next(bits)
        if value < fair:
            return value % n


def normal_pair(bits):
    while True:
        x, y = 2 * uniform(bits) - 1, 2 * uniform(bits) - 1
        square = x * x + y * y
        if 0 < square < 1:
            factor = math.sqrt(-2 * math.log(square) / square)
            return [x * factor, y * factor]


def sequences(seed):
    bits = seeded(seed)
    uniforms = [uniform(bits) for _ in range(6)]
    bits = seeded(seed)
    integers = [integer(bits, n) for n in (2, 10, 1000, 3_000_000_000, 2**32)]
    bits = seeded(seed)
    normals = normal_pair(bits) + normal_pair(bits)
    return {"seed": seed, "uniforms": uniforms, "integers": integers, "normals": normals}


assert take(xoshiro128([1, 2, 3, 4]), 5) == [11520, 0, 5927040, 70819200, 2031721883]
assert take(split_mix_64(1234567), 3) == [6457827717110365317, 3203168211198807973, 9817491932198370423]

golden = {"integerBounds": [2, 10, 1000, 3_000_000_000, 2**32], "sequences": [sequences(s) for s in (0, 1, 42, -7, 2**53 - 1)]}
Path(__file__).with_name("random.json").write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")
