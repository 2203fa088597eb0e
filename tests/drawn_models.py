"""One draw of an uncertain model as a model of its own, which the plain functions calibrate and evaluate."""

from __future__ import annotations

import dataclasses

from budget_model.coverage.assumptions import DrawnParameters
from budget_model.coverage.types import BudgetModel


def model_of_draw(model: BudgetModel, drawn: DrawnParameters, draw: int) -> BudgetModel:
    """The model with the parameters of one draw; an axis of length 1 holds for every draw."""

    def own(values, axis):
        return values.take(min(draw, values.shape[axis] - 1), axis=axis)

    return dataclasses.replace(
        model,
        deficit=own(drawn.deficit, 1),
        unit_cost=own(drawn.unit_cost, 1),
        links=dataclasses.replace(model.links, reach=own(drawn.reach, 1), effectiveness=own(drawn.effectiveness, 1)),
    )
