"""A large budget file after its preview: it is imported in the background, or at once where its owner wants that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import State, dcc, html

from budget_model.errors import NotFoundError
from dashboard.components import card
from dashboard.components.forms import hidden, plain_form, submit
from dashboard.components.job_panel import JobPanel
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.pages.budget_imports_parts import NAME, action, counts_table, refused_parts, totals_table
from dashboard.services import Services
from dashboard.services.jobs import JobNews
from dashboard.views.budget_imports import record_counts
from data.jobs.kinds.budget_reading import problems_of
from data.store.jobs import JobState
from data.workflows.staging import Stage

KIND = "budget-import"
KEEP, REMOVE = "keep", "remove"
DRAFT, GONE = "budget-imports-run-draft", "budget-imports-run-gone"


def question(_services: Services, _context: PageContext, token: Any, gone: Any) -> Mapping[str, Any]:
    return {"draft": token, "gone": gone}


def show_import(services: Services, context: PageContext, news: JobNews) -> Any:
    """What came of it: the report, or why the file cannot come in."""
    _ = context.gettext
    problems = problems_of(news.result)
    if problems:
        return refused_parts(problems, context)
    detail = services.budget_imports.detail(context.user, context.site, int(news.result["import"]))
    record = detail.record
    href = context.address(NAME, **{"import": str(record.id)})
    told = _("{file} is imported.", file=record.source_file)
    parts = [
        html.P(html.Strong(told)),
        totals_table(record.totals, context),
        counts_table(record_counts(record, detail.counts), context),
        html.A(_("See what it changed"), href=href, className="btn btn-primary"),
    ]
    return html.Div(parts, className="import-done")


PANEL = JobPanel(
    "budget-imports-running",
    KIND,
    mark("Import it in the background"),
    show_import,
    question,
    (State(DRAFT, "data"), State(GONE, "data")),
)


def running_cards(services: Services, job_id: str, context: PageContext) -> list[Any]:
    """How an import of the person stands. NotFoundError for a job that is not hers, or of another kind."""
    _ = context.gettext
    news = import_of(services, job_id, context)
    stores = [
        dcc.Store(id=DRAFT, data=news.parameters.get("draft")),
        dcc.Store(id=GONE, data=news.parameters.get("gone")),
    ]
    listed = html.A(_("My calculations"), href=context.address("calculations"))
    told = _("A large file is imported in the background. You may leave this page; how it went stands in")
    hint = html.P([told, " ", listed, "."], className="hint")
    panel = PANEL.layout(services, context, news, hint)
    ways = [] if news.state is JobState.DONE else [at_once(news, context)]
    back = html.P(html.A(_("All imports"), href=context.address(NAME)))
    return [card(_("Import of a budget file"), [*stores, panel, *ways]), back]


def import_of(services: Services, job_id: str, context: PageContext) -> JobNews:
    """An import of the person; NotFoundError for a job that is not hers, or of another kind."""
    news = services.jobs.job(context.user, context.site, job_id)
    if news.kind != KIND:
        raise NotFoundError("import", job_id)
    return news


def at_once(news: JobNews, context: PageContext) -> html.Div:
    _ = context.gettext
    fields = [hidden("draft", str(news.parameters["draft"])), hidden("gone", str(news.parameters["gone"]), "gone-now")]
    button = submit(_("Import it at once"), kind="outline-secondary")
    told = html.P(_("Nobody does it, or you want to wait for it here? The next page then opens when it is imported."))
    form = plain_form(action(context, "finish"), [*fields, hidden("now", "1"), button])
    return html.Div([told, form], className="import-at-once")


def start_import(services: Services, stage: Stage, removes: bool, context: PageContext) -> str:
    """Have a large file imported; the address that tells how it stands. InputError where another one is under way."""
    asked = {"draft": stage.token, "gone": REMOVE if removes else KEEP}
    news = services.jobs.start(context.user, context.site, KIND, asked)
    return context.address(NAME, job=news.id)


def end_imports(services: Services, stage: Stage, context: PageContext) -> None:
    """Nobody waits for the import of this upload any more."""
    for gone in (KEEP, REMOVE):
        news = services.jobs.latest(context.user, context.site, KIND, {"draft": stage.token, "gone": gone})
        if news is not None and news.state.is_active:
            services.jobs.cancel(context.user, context.site, news.id)
