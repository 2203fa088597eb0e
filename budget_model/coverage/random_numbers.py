"""Random numbers by name: what one assumption gets in one draw depends on the seed, its key and the draw's number.

So two scenarios meet the same draws, a model with its rows in another order meets the same draws, and a programme that
is added leaves those of all others as they were. Counter based: SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA
2014) from a starting point that is a hash of seed and key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.types import Array

Key = tuple[str, ...]
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def streams(seed: int, keys: Iterable[Key]) -> NDArray[np.uint64]:
    """The starting point of each key's numbers."""
    found = [hashlib.blake2b(_text(seed, key), digest_size=8).digest() for key in keys]
    return np.frombuffer(b"".join(found), dtype="<u8").astype(np.uint64)


def _text(seed: int, key: Key) -> bytes:
    """Seed and key as bytes; lengths go first, so that no two keys run together into the same text."""
    return "".join(f"{len(part)}:{part}" for part in (str(seed), *key)).encode()


def uniforms(start: NDArray[np.uint64], first: int, last: int) -> Array:
    """Numbers of the draws `first` … `last - 1` of each stream: (K, last - first), above 0 and below 1."""
    counter = np.arange(first + 1, last + 1, dtype=np.uint64)
    state = start[:, None] + counter * GOLDEN
    state = (state ^ (state >> np.uint64(30))) * MIX_1
    state = (state ^ (state >> np.uint64(27))) * MIX_2
    state ^= state >> np.uint64(31)
    return np.asarray(((state >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)
