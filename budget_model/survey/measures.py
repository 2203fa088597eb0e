"""Measures of an indicator that are more than one expression: poverty below a relative line, spread of a welfare."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]

MEDIAN_GAP, QUINTILE_RATIO = "median_gap", "quintile_ratio"


class Below(BaseModel):
    """Shortfall of `welfare` below `median_share` × its weighted median, to the power `order` (FGT: 0, 1, 2)."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    welfare: Text
    median_share: Annotated[float, Field(gt=0)]
    order: Annotated[int, Field(ge=0, le=2)]


class Spread(BaseModel):
    """How `welfare` is spread over people: `gini`, `quintile_ratio` (S80/S20), or the `median_gap` of those who lie
    below `median_share` × its weighted median (without one: below 1, the welfare being a multiple of a line)."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    welfare: Text
    measure: Literal["gini", "quintile_ratio", "median_gap"]
    median_share: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _line_fits(self) -> Spread:
        if self.median_share is not None and self.measure != "median_gap":
            raise ValueError("'median_share' draws a poverty line; only the measure 'median_gap' has one")
        return self
