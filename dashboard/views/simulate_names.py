"""What programmes, needs, areas and money of a model are called on its pages. No Dash here."""

from __future__ import annotations

from budget_model.coverage.types import BudgetModel
from dashboard.context import PageContext
from dashboard.services.simulate import Workbench
from dashboard.services.simulate_models import LoadedModel
from dashboard.views.words import group_names, round_sources


def budget_of(model: BudgetModel) -> float:
    """The total that may be allocated: the stated budget, else what is spent today."""
    return float(model.constraints.budget if model.constraints.budget is not None else model.baseline.sum())


def group_name(code: str, context: PageContext) -> str:
    return group_names(context).get(code, code)


def need_name(loaded: LoadedModel, code: str, context: PageContext) -> str:
    """Of those who lack it: for persons uncovered, and for the need as such."""
    lacking, covered = loaded.need_names.get(code), loaded.covered_names.get(code)
    name = context.in_language(lacking, code)
    if lacking and lacking == covered:  # higher is better, and nobody named those who lack it
        return context.gettext("{indicator}: those who do not", indicator=name)
    return name


def covered_name(loaded: LoadedModel, code: str, context: PageContext) -> str:
    """Of those who do not lack it: for shares covered, which the name of the lack would turn round."""
    covered = context.in_language(loaded.covered_names.get(code))
    return covered or context.gettext("Not affected: {need}", need=need_name(loaded, code, context))


def programme_name(loaded: LoadedModel, code: str, context: PageContext) -> str:
    return context.in_language(loaded.programme_names.get(code), code)


def source_parts(workbench: Workbench, context: PageContext) -> list[str]:
    """Round, year and model, for the note under the pictures and at the head of downloads."""
    _ = context.gettext
    year = workbench.loaded.budget_year
    return [
        *round_sources(workbench.survey_round, context),
        _("budget of {year}", year=year) if year else _("amounts as stated by the programmes"),
        _("model {hash}", hash=workbench.loaded.sha256[:12]),
    ]
