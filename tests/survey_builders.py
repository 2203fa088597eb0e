"""Small things that the survey tests share."""

from __future__ import annotations

from typing import Any

from budget_model.survey.catalogue import IndicatorDefinition


def share(
    numerator: str, universe: str = "TRUE", identifier: str = "SHARE", direction: str = "down"
) -> IndicatorDefinition:
    return IndicatorDefinition(
        id=identifier,
        level="person",
        universe=universe,
        numerator=numerator,
        direction=direction,
        version=1,
        label={"en": identifier},
    )


def mean(column: str, universe: str = "TRUE", identifier: str = "MEAN", direction: str = "down") -> IndicatorDefinition:
    return IndicatorDefinition(
        id=identifier,
        level="person",
        universe=universe,
        mean=column,
        direction=direction,
        version=1,
        label={"en": identifier},
    )


def only(frame: Any, **where: Any) -> dict[str, Any]:
    """The one row of a frame with these values (None: missing)."""
    for column, value in where.items():
        frame = frame[frame[column].isna()] if value is None else frame[frame[column] == value]
    assert len(frame) == 1, frame
    return frame.iloc[0].to_dict()
