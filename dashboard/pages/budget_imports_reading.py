"""A large budget file before its preview: it is read in the background, or at once where its owner wants that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import State, dcc, html

from dashboard.components import card
from dashboard.components.job_panel import JobPanel
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.pages.budget_imports_parts import NAME, abandon_form, refused_parts
from dashboard.services import Services
from dashboard.services.jobs import JobNews
from data.jobs.kinds.budget_reading import problems_of
from data.store.jobs import JobState
from data.workflows.staging import Stage

KIND = "budget-reading"
NOW = "now"  # in the address: the file is read while the page is made
DRAFT = "budget-imports-draft"


def question(_services: Services, _context: PageContext, token: Any) -> Mapping[str, Any]:
    return {"draft": token}


def show_reading(_services: Services, context: PageContext, news: JobNews) -> Any:
    """What came of reading: the way to the preview, or why the file cannot come in."""
    _, number = context.gettext, context.formats.number
    problems = problems_of(news.result)
    if problems:
        return refused_parts(problems, context)
    read, kept = (number(news.result[name]) for name in ("rows_read", "rows_kept"))
    href = context.address(NAME, draft=news.parameters["draft"])
    return [
        html.P(_("{read} rows read, {kept} kept. Nothing is stored yet.", read=read, kept=kept)),
        html.A(_("See what it would change"), href=href, className="btn btn-primary"),
    ]


PANEL = JobPanel(
    "budget-imports-reading",
    KIND,
    mark("Read it in the background"),
    show_reading,
    question,
    (State(DRAFT, "data"),),
)


def reading_cards(services: Services, stage: Stage, context: PageContext) -> list[Any]:
    _ = context.gettext
    size = context.formats.number(services.budget_imports.megabytes(context.user, context.site, stage), 1)
    title = _("{file} ({size} MB)", file=", ".join(stage.data), size=size)
    news = news_of(services, stage, context)
    panel = PANEL.layout(services, context, news, hint(context))
    now = context.address(NAME, draft=stage.token, **{NOW: "1"})
    at_once = html.P(
        [
            _("Nobody reads it, or you want to wait for it here?"),
            " ",
            html.A(_("Read it at once"), href=now),
            " ",
            _("The next page then opens when the file is read."),
        ],
        className="import-at-once",
    )
    is_refused = news is not None and news.state is JobState.DONE
    ways = [] if is_refused else [at_once]
    return [card(title, [dcc.Store(id=DRAFT, data=stage.token), panel, *ways]), abandon_form(stage, context)]


def hint(context: PageContext) -> html.P:
    _ = context.gettext
    listed = html.A(_("My calculations"), href=context.address("calculations"))
    text = _("A large file is read in the background. You may leave this page; what was read waits here and in")
    return html.P([text, " ", listed, "."], className="hint")


def news_of(services: Services, stage: Stage, context: PageContext) -> JobNews | None:
    """The last reading of this upload; not one that is done and whose lines are no longer kept."""
    news = services.jobs.latest(context.user, context.site, KIND, {"draft": stage.token})
    if news is not None and news.state is JobState.DONE and not problems_of(news.result):
        return None
    return news


def start_reading(services: Services, stage: Stage, context: PageContext) -> None:
    """Have a large file read; InputError (`job-active`) where another one of the person is being read."""
    if services.budget_imports.waits_for_reading(context.user, context.site, stage):
        services.jobs.start(context.user, context.site, KIND, {"draft": stage.token})


def end_reading(services: Services, stage: Stage, context: PageContext) -> None:
    """Nobody waits for the reading of this upload any more."""
    news = services.jobs.latest(context.user, context.site, KIND, {"draft": stage.token})
    if news is not None and news.state.is_active:
        services.jobs.cancel(context.user, context.site, news.id)
