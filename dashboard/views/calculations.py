"""A person's own calculations as rows: what was asked, where it stands, where the answer is. No Dash here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.jobs import JobNews
from dashboard.views.jobs import IMPORT, READING, job_view
from dashboard.views.optimise import OBJECTIVES
from dashboard.views.years_question import address_of
from data.store.jobs import JobState

KINDS = {
    "optimise": mark("Best reallocation"),
    "frontier": mark("Needs met against the gap"),
    "draws": mark("Intervals of amounts"),
    "plan-draws": mark("Intervals of a scenario"),
    "compare": mark("Scenarios compared draw by draw"),
    "vote-study": mark("Other rules of a vote, and chance"),
    READING: mark("Reading of a budget file"),
    IMPORT: mark("Import of a budget file"),
}
STATES = {
    JobState.QUEUED: mark("waits"),
    JobState.RUNNING: mark("is computed"),
    JobState.DONE: mark("done"),
    JobState.FAILED: mark("failed"),
    JobState.CANCELLED: mark("cancelled"),
}
Parameters = Mapping[str, Any]


def _compared(parameters: Parameters) -> dict[str, str]:
    return {f"s{number}": "on" for number in parameters["scenarios"]}


# kind -> page that shows its answer, and the query that asks for it
ANSWERS: dict[str, tuple[str, Callable[[JobNews], dict[str, str]]]] = {
    "optimise": ("optimise", lambda news: {"job": news.id}),
    "frontier": ("optimise", lambda news: {"frontier": news.id}),
    "plan-draws": ("certainty", lambda news: address_of(news.parameters)),
    "compare": ("compare", lambda news: _compared(news.parameters)),
    "vote-study": ("results", lambda news: {"vote": str(news.parameters["vote"])}),
    READING: ("budget-imports", lambda news: {"draft": news.parameters["draft"]}),
    IMPORT: ("budget-imports", lambda news: {"job": news.id}),
}


@dataclass(frozen=True)
class CalculationRow:
    """One calculation. `address` is where its answer stands; empty where it has none (yet)."""

    id: str
    kind: str
    question: str
    asked_on: str
    state: str
    details: tuple[str, ...]
    address: str
    is_active: bool
    can_cancel: bool


@dataclass(frozen=True)
class Names:
    """What parameters only point to: the site's scenarios by number, the person's uploads that are there by token."""

    scenarios: Mapping[int, str]
    uploads: Mapping[str, str]


def calculation_rows(jobs: Sequence[JobNews], names: Names, context: PageContext) -> list[CalculationRow]:
    """Rows in the order given."""
    return [_row(news, names, context) for news in jobs]


def _row(news: JobNews, names: Names, context: PageContext) -> CalculationRow:
    _, view = context.gettext, job_view(news, context)
    state = _("is being cancelled") if view.is_active and news.is_cancel_wanted else _(STATES[news.state])
    return CalculationRow(
        id=news.id,
        kind=_(KINDS[news.kind]) if news.kind in KINDS else _("Calculation ({kind})", kind=news.kind),
        question=question_words(news, names, context),
        asked_on=context.formats.moment(news.created_at),
        state=state,
        details=view.sentences,
        address=answer_address(news, names, context),
        is_active=view.is_active,
        can_cancel=view.can_cancel,
    )


def answer_address(news: JobNews, names: Names, context: PageContext) -> str:
    """Where the answer of a finished calculation is shown; that of a reading is gone with the upload."""
    if news.state is not JobState.DONE or news.kind not in ANSWERS:
        return ""
    if news.kind == READING and news.parameters["draft"] not in names.uploads:
        return ""
    page, query = ANSWERS[news.kind]
    return context.address(page, **query(news))


def question_words(news: JobNews, names: Names, context: PageContext) -> str:
    """The scenarios that were asked about, what a search was to do, or the file."""
    _, asked = context.gettext, news.parameters
    if news.kind in (READING, IMPORT):
        return names.uploads.get(asked["draft"]) or _("A file that is imported or removed")
    if news.kind in ("optimise", "frontier"):
        return _search_words(asked, context) if news.kind == "optimise" else _years_words(asked, context)
    if news.kind == "compare":
        return ", ".join(_scenario(number, names.scenarios, context) for number in asked.get("scenarios", []))
    if news.kind == "plan-draws":
        years = context.ngettext("{number} year", "{number} years", asked["years"], number=asked["years"])
        parts = [_scenario(asked["scenario"], names.scenarios, context), years]
        if asked["against"] is not None:
            parts.append(_("held against {scenario}", scenario=_scenario(asked["against"], names.scenarios, context)))
        return " · ".join(parts)
    return ""


def _search_words(asked: Parameters, context: PageContext) -> str:
    objective = OBJECTIVES.get(asked["objective"], "")
    years = _years_words(asked, context)
    return " · ".join(part for part in (context.gettext(objective) if objective else "", years) if part)


def _years_words(asked: Parameters, context: PageContext) -> str:
    years = int(asked.get("years", 1))
    return "" if years == 1 else context.ngettext("{number} year", "{number} years", years, number=years)


def _scenario(number: int | None, names: Mapping[int, str], context: PageContext) -> str:
    _ = context.gettext
    if number is None:
        return _("Today's budget")
    return _("“{name}”", name=names[number]) if number in names else _("scenario {number}", number=number)
