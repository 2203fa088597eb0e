"""A proposal as a file: every amount by programme and area (and year), with the question and the certificate."""

from __future__ import annotations

from typing import Any

from budget_model.errors import NotFoundError
from dashboard.context import PageContext
from dashboard.pages.optimise_answer import sources_of
from dashboard.pages.simulate_files import XLSX
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.jobs import JobNews
from dashboard.services.optimise import KIND
from dashboard.services.simulate_models import LoadedModel
from dashboard.views.optimise import binding_cells, finding
from dashboard.views.optimise_question import question_words
from dashboard.views.scenario_tables import exact
from dashboard.views.simulate_names import programme_name
from dashboard.views.words import full_precision
from data.store.jobs import JobState
from data.writers.tables import Table, csv_bytes, xlsx_bytes


def optimum_file(services: Services, context: PageContext, kind: str) -> Resource:
    """The proposal of a finished search of one's own.

    Raises
    ------
    NotFoundError : no such calculation of this person, or none with a proposal.
    """
    _ = context.gettext
    news = services.jobs.job(context.user, context.site, context.query.get("job", ""))
    if news.kind != KIND or news.state is not JobState.DONE or not news.result["optimum"]["allocation"]:
        raise NotFoundError("calculation", news.id)
    loaded = services.simulate.loaded(context.user, context.site, str(news.parameters["model"]))
    areas = services.simulate.area_names(context.user, context.site)
    notes = proposal_notes(news, loaded, areas, " · ".join(sources_of(services, context, news)), context)
    tables = [proposal_table(news, loaded, areas, context), binding_table(news, loaded, areas, context)]
    what = _("proposal")
    name = f"{context.site.slug if context.site else ''}-{what}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


def proposal_notes(
    news: JobNews, loaded: LoadedModel, areas: dict[str, str], source: str, context: PageContext
) -> list[tuple[str, str]]:
    """The question, what was found, and how sure it is."""
    _, site = context.gettext, context.site
    found = finding(news.result, context)
    notes = [
        (_("Site"), site.name if site else ""),
        (_("Asked for"), question_words(news.parameters, loaded, areas, context)),
        (_("Found"), f"{found.sentence} {found.certainty}"),
        (_("Source"), source),
        (_("Model"), loaded.sha256),
        (_("Currency"), loaded.model.currency),
        (_("Reading"), _("A proposal of the model, not a promise; amounts are money of their own year.")),
        (_("Precision"), full_precision(context)),
    ]
    if site and site.is_synthetic:
        notes.insert(0, (_("Synthetic data"), _("An invented population. No figure here describes real people.")))
    return notes


def proposal_table(news: JobNews, loaded: LoadedModel, areas: dict[str, str], context: PageContext) -> Table:
    _ = context.gettext
    header = [_("Year"), _("Code"), _("Programme"), _("Area code"), _("Area"), _("Proposed amount")]
    rows = [
        [
            row.get("year", 1),
            row["programme"],
            programme_name(loaded, row["programme"], context),
            row["area"],
            areas.get(row["area"], row["area"]),
            exact(row["amount"]),
        ]
        for row in news.result["optimum"]["allocation"]
    ]
    return Table(_("Proposal"), header, rows)


def binding_table(news: JobNews, loaded: LoadedModel, areas: dict[str, str], context: PageContext) -> Table:
    """Every condition that binds, with what a loosening would bring, as on the page and to the last one."""
    _ = context.gettext
    rows: list[list[Any]] = [
        list(row)
        for row in binding_cells(news.result, loaded, context, areas, news.parameters.get("max_change") is not None)
    ]
    return Table(_("What holds it back"), [_("What holds it back"), _("Loosening it would bring")], rows)
