"""Names of many environments, kept as numbers: four bytes each instead of a string."""

from __future__ import annotations

from typing import Any

import numpy as np


class Numbered:
    """A column of names: number 7 is `e7` (started on demand), -2 and below `p0`, `p1` … (provisioned), -1 no name."""

    def __init__(self, numbers: np.ndarray):
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, key: Any) -> Any:
        chosen = self.numbers[key]
        return Numbered(chosen) if isinstance(chosen, np.ndarray) else _name(int(chosen))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        different, places = np.unique(self.numbers, return_inverse=True)
        names: np.ndarray = np.array([_name(int(number)) for number in different], dtype=object)[places]
        return names


def _name(number: int) -> str:
    return f"e{number}" if number >= 0 else f"p{-number - 2}" if number < -1 else ""
