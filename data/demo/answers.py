"""The tables under construction: raw arrays to reason with, and columns as the survey file will hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from data.demo.draws import Flags
from data.demo.figures import Figures


@dataclass
class AnswerTable:
    """Rows of one level (persons or households)."""

    size: int
    raw: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    columns: dict[str, pl.Series] = field(default_factory=dict)

    def __getitem__(self, name: str) -> np.ndarray[Any, Any]:
        return self.raw[name]

    def put_flag(self, name: str, flags: Flags, asked: Flags | None = None) -> None:
        """A yes/no question; those not asked have no answer."""
        self.put_words(name, flags.astype(np.int8), ("no", "yes"), asked)
        self.raw[name] = flags

    def put_words(
        self, name: str, codes: np.ndarray[Any, Any], words: Sequence[str], asked: Flags | None = None
    ) -> None:
        """A question with a list of answers; `codes` count from 0."""
        self.raw[name] = codes
        series = pl.Series(name, np.asarray(words, dtype=object)[codes], dtype=pl.String)
        self.columns[name] = series if asked is None else series.set(pl.Series(~asked), None)

    def put_number(self, name: str, values: np.ndarray[Any, Any], asked: Flags | None = None) -> None:
        """A number; those not asked have none."""
        self.raw[name] = values
        series = pl.Series(name, values)
        self.columns[name] = series if asked is None else series.set(pl.Series(~asked), None)


@dataclass
class Answers:
    """Both levels, who lives where, and the figures to be met."""

    generator: np.random.Generator
    figures: Figures
    households: AnswerTable
    persons: AnswerTable
    home: np.ndarray[Any, Any]  # (persons,) index of the household, ascending

    def at_home(self, name: str) -> np.ndarray[Any, Any]:
        """A household's raw array on each of its members."""
        return self.households[name][self.home]

    def sum_by_household(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Sum over the members of each household."""
        return np.bincount(self.home, weights=values, minlength=self.households.size)

    def any_in_household(self, flags: Flags) -> Flags:
        """Whether some member is flagged, on every member."""
        found: Flags = (self.sum_by_household(flags) > 0)[self.home]
        return found

    @property
    def female(self) -> Flags:
        return self.persons["female"]

    @property
    def age(self) -> np.ndarray[Any, Any]:
        return self.persons["age"]
