"""Limits that an allocation breaks, as sentences in the language of the reader. No Dash here."""

from __future__ import annotations

from collections.abc import Sequence

from budget_model.errors import InputError, Problem
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.simulate_models import LoadedModel
from dashboard.views.simulate_names import programme_name

LIMIT_SENTENCES = {
    "above-budget": mark(
        "The amounts add up to {excess} more than the total of {limit}. Take that much from other programmes."
    ),
    "locked": mark("{programme} is locked by law and stays at {limit}."),
    "below-floor": mark("{programme}: {amount} is below its minimum."),
    "above-ceiling": mark("{programme}: {amount} is above its maximum."),
    "beyond-max-change": mark("{programme}: {amount} changes today's amount by more than is allowed."),
    "unknown-programme": mark("There is no programme “{programme}” in this model."),
    "amount-unreadable": mark("{programme}: “{value}” is not an amount of 0 or more with at most two decimals."),
}


def problem_sentences(problems: Sequence[Problem], loaded: LoadedModel, context: PageContext) -> list[str]:
    """Limits that an allocation breaks, one sentence each, in the reader's language."""
    return list(dict.fromkeys(_problem_sentence(problem, loaded, context) for problem in problems))


def told_below(problems: Sequence[Problem]) -> list[Problem]:
    """Without the total: the page says that beside the sum itself, at once and without the server."""
    return [problem for problem in problems if problem.rule != "above-budget"]


def save_sentences(error: InputError, loaded: LoadedModel, free_name: str, context: PageContext) -> list[str]:
    """Why a scenario was not saved, and what to do; a name that is taken comes with one that is free."""
    _ = context.gettext
    sentences = {
        "scenario-name": _("Give the scenario a name of 1 to 120 characters."),
        "scenario-name-long": _("The name of the scenario is too long: at most 120 characters are kept. Shorten it."),
        "scenario-exists": _(
            "You already have a scenario of this name; scenarios are never overwritten. “{name}” is free.",
            name=free_name,
        ),
        "scenario-note": _("The note is too long: at most 2,000 characters are kept."),
    }
    found = [sentences.get(problem.rule) or _problem_sentence(problem, loaded, context) for problem in error.problems]
    return [_("Not saved."), *dict.fromkeys(found)]


def _problem_sentence(problem: Problem, loaded: LoadedModel, context: PageContext) -> str:
    sentence = LIMIT_SENTENCES.get(problem.rule)
    if sentence is None:
        return problem.message
    currency = loaded.model.currency
    money = {
        name: context.formats.money(float(problem.facts[name]), currency, 2)
        for name in ("amount", "limit", "excess")
        if name in problem.facts
    }
    code = str(problem.facts.get("programme", ""))
    facts = {
        "programme": programme_name(loaded, code, context),
        "value": str(problem.facts.get("value", "")),
        **money,
    }
    return context.gettext(sentence, **facts)
