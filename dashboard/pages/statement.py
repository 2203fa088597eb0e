"""Gender budget statement: money by marker, women's share, policy and beneficiary; declared and executed; the floor."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

from dash import Input, Output, State, html

from budget_model.spending.statement import Breakdown
from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    folded_table,
    keep_in_address,
    no_budget_lines,
    notice,
    page_header,
    select,
    tile,
    tiles,
)
from dashboard.components.folding import PRINTED, folding_card
from dashboard.context import PageContext
from dashboard.figures.bars import Bar, money_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.queries import unknown_choice
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.statement import StatementChoices
from dashboard.views import statement as views
from dashboard.views.budget import currency_of, stage_names
from dashboard.views.words import short_unit
from data.workflows.statement import Statement
from data.workflows.statement_document import TITLES, Place, statement_file

NAME = "statement"
TITLE = mark("Gender budget statement")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
MIME_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHOICES = ("year", "scheme", "stage")
SHOWN_LINES = 4  # of a table; the others are folded away
NOTE = "folded-note"


class Ids(StrEnum):
    """Components that callbacks talk to."""

    YEAR = "statement-year"
    SCHEME = "statement-scheme"
    STAGE = "statement-stage"
    CONTENT = "statement-content"
    DOWNLOADS = "statement-downloads"
    CHART = "statement-chart"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    chosen = choices(services, context, *(context.query.get(name) for name in CHOICES))
    subtitle = _("What the approved tags of the budget lines add up to. What nobody has tagged is unknown, never 0.")
    if chosen.year is None:
        return html.Div([page_header(_(TITLE), subtitle), no_budget_lines(context)])
    header = page_header(_(TITLE), subtitle, [html.Div(downloads(chosen, context), id=Ids.DOWNLOADS)])
    shown = html.Div(content(services, context, chosen), id=Ids.CONTENT)
    return html.Div([header, html.Div(filters(services, chosen, context), className="filters"), shown])


def choices(
    services: Services, context: PageContext, year: str | None, scheme: str | None, stage: str | None
) -> StatementChoices:
    return services.statement.choices(context.user, context.site, year, scheme, stage)


def filters(services: Services, chosen: StatementChoices, context: PageContext) -> list[Any]:
    _ = context.gettext
    schemes = services.tags.schemes()
    years = [{"label": str(year), "value": str(year)} for year in reversed(chosen.years)]
    names = [{"label": context.in_language(schemes[name].label), "value": name} for name in chosen.schemes]
    stages = [{"label": name, "value": stage} for stage, name in stage_names(context).items()]
    return [
        select(Ids.YEAR, _("Year"), years, str(chosen.year)),
        select(Ids.SCHEME, _("Scheme that counts the money"), names, chosen.scheme),
        select(Ids.STAGE, _("Stage"), stages, chosen.stage),
    ]


def content(services: Services, context: PageContext, chosen: StatementChoices) -> list[Any]:
    """The statement of the chosen year."""
    _ = context.gettext
    found = services.statement.statement(context.user, context.site, chosen)
    schemes = services.tags.schemes()
    return [
        html.P(views.finding(found, schemes, context), className="lead-sentence"),
        figures(found, context),
        html.P(context.in_language(schemes[chosen.scheme].about), className="hint"),
        card(_("Declared and executed"), execution(found, context)),
        card(_("Who makes the total"), contributors(found, context)),
        card(_("Floor of 5 %"), notice([views.floor_sentence(found, schemes, context)], floor_kind(found))),
        *[breakdown_card(one, found, schemes, context) for one in found.breakdowns.values()],
        card(_("Policy and beneficiary"), cross(found, schemes, context)),
    ]


def figures(found: Statement, context: PageContext) -> html.Dl:
    _, formats = context.gettext, context.formats
    currency, counted, stage = currency_of(context), found.counted, found.stage
    named = views.stage_in_sentence(stage, context)
    share = formats.share(counted.share(stage))
    items = [
        tile(_("Counted, {stage}", stage=named), formats.millions(counted.amounts[stage], currency), share),
        tile(_("Counted and accrued"), formats.millions(counted.amounts["accrued"], currency)),
        tile(_("Execution of what counts"), formats.share(counted.counted_execution.rate)),
        tile(_("Execution of the rest"), formats.share(counted.rest_rate)),
        tile(_("Unknown, {stage}", stage=named), formats.millions(counted.unknown[stage], currency)),
    ]
    return tiles(items, _("Figures of {year}", year=found.year))


def floor_kind(found: Statement) -> str:
    return "info" if found.floor is not None and found.floor.verdict == "met" else "warning"


def execution(found: Statement, context: PageContext) -> list[Any]:
    _ = context.gettext
    columns = [Column(title, place > 0) for place, title in enumerate(views.execution_header(context))]
    caption = _("Lines that have both stages, {year}", year=found.year)
    sentence = html.P(views.execution_sentence(found, context), className="finding")
    note = html.P(views.execution_note(found, context), className="hint")
    return [sentence, data_table(caption, columns, views.execution_rows(found, context)), note]


def contributors(found: Statement, context: PageContext) -> list[Any]:
    _ = context.gettext
    rows = views.contributor_rows(found, context)
    if not rows:
        return [html.P(_("No line is counted by this scheme yet."))]
    columns = [Column(title, place > 1) for place, title in enumerate(views.contributor_header(context))]
    caption = _(
        "The largest lines of what counts, {year}, {stage}",
        year=found.year,
        stage=views.stage_in_sentence(found.stage, context),
    )
    return folded_table(caption, columns, rows, SHOWN_LINES, others(len(rows) - SHOWN_LINES, context))


def others(number: int, context: PageContext) -> str:
    return context.ngettext("{number} more row", "{number} more rows", number, number=number)


def breakdown_card(one: Breakdown, found: Statement, schemes: Any, context: PageContext) -> html.Section | html.Details:
    """One classification as a table: under its heading, or under a chart for the marker. Paper shows all of them."""
    _ = context.gettext
    header = views.breakdown_header(one.scheme, context)
    columns = [Column(title, 0 < place < len(header) - 1) for place, title in enumerate(header)]
    title = _(TITLES[one.scheme])
    table = data_table(f"{title}, {found.year}", columns, views.breakdown_rows(one, found, schemes, context))
    about = html.P(context.in_language(schemes[one.scheme].about), className="hint")
    if one.scheme != "oecd_dac":
        return folding_card(title, [about, table], class_count(one, context), is_printed=True)
    summary = html.Summary(
        [_("All stages and the largest lines"), html.Span(class_count(one, context), className=NOTE)]
    )
    folded = html.Details([summary, table], className=PRINTED)
    return card(title, [about, chart(one, found, schemes, context), folded])


def class_count(one: Breakdown, context: PageContext) -> str:
    """How many rows wait in a folded table, and how many of them have a line."""
    parts = [*one.classes, *one.unknown]
    used = sum(part.lines > 0 for part in parts)
    return context.ngettext(
        "{number} class, {used} with lines",
        "{number} classes, {used} with lines",
        len(parts),
        number=len(parts),
        used=used,
    )


def chart(one: Breakdown, found: Statement, schemes: Any, context: PageContext) -> html.Figure:
    """Money by marker; what is unknown has its bar, too."""
    _, formats = context.gettext, context.formats
    currency, rows = currency_of(context), views.breakdown_rows(one, found, schemes, context)[:-1]
    parts = [*one.classes, *one.unknown]
    shown = [(row[0], amount) for row, part in zip(rows, parts, strict=True) if (amount := part.amounts[found.stage])]
    bars = [Bar(float(amount) / 1e6, formats.millions(amount, currency)) for _name, amount in shown]
    unit = _(
        "Millions of {currency}, {stage}",
        currency=formats.symbol(currency),
        stage=views.stage_in_sentence(found.stage, context),
    )
    table = data_table(
        _("Amounts by gender marker"),
        [Column(_("Class")), Column(stage_names(context)[found.stage], True)],
        [(name, formats.money(amount, currency, 2)) for name, amount in shown],
    )
    sentence = _("Money by gender marker, {year}: a marker says what a line is for, not how much of it counts.")
    return captioned_figure(
        Ids.CHART,
        money_figure([name for name, _amount in shown], bars, short_unit(context)),
        context,
        sentence=sentence.format(year=found.year),
        unit=unit,
        table=table,
        sources=list(found.files),
    )


def cross(found: Statement, schemes: Any, context: PageContext) -> Any:
    _ = context.gettext
    header, rows = views.cross_rows(found, schemes, context)
    if not rows:
        return html.P(_("No approved tag states both policy and beneficiary yet."))
    columns = [Column(title, place > 0) for place, title in enumerate(header)]
    caption = _(
        "Lines with both, {stage}; an empty cell has no line", stage=views.stage_in_sentence(found.stage, context)
    )
    return html.Div(folded_table(caption, columns, rows, SHOWN_LINES, others(len(rows) - SHOWN_LINES, context)))


# --- files ---------------------------------------------------------------------------------------------------------


def downloads(chosen: StatementChoices, context: PageContext) -> list[html.A]:
    query = {"year": str(chosen.year), "scheme": chosen.scheme, "stage": chosen.stage}
    _ = context.gettext
    labels = (("pdf", _("Download PDF")), ("csv", _("Download CSV")), ("xlsx", _("Download XLSX")))
    return [
        html.A(
            label,
            href=context.address(f"{NAME}/statement.{kind}", **query),
            className="btn btn-outline-secondary btn-sm",
        )
        for kind, label in labels
    ]


def export(services: Services, context: PageContext, kind: str) -> Resource:
    """All tables of the page, exact, with scheme, stage, site and source files in them."""
    _ = context.gettext
    asked = {name: context.query.get(name) for name in CHOICES}
    chosen = choices(services, context, *asked.values())
    known = {
        "year": [str(year) for year in chosen.years],
        "scheme": chosen.schemes,
        "stage": list(stage_names(context)),
    }
    for name, value in asked.items():
        if value and value not in known[name]:
            raise unknown_choice(name, value, known[name], context)
    if chosen.year is None:
        raise unknown_choice("year", asked["year"] or "", [], context)
    found = services.statement.statement(context.user, context.site, chosen)
    name = f"{context.site.slug if context.site else ''}-{NAME}-{found.year}.{kind}"
    site = context.site
    place = Place(site.name, site.currency, site.is_synthetic) if site else Place("", "", False)
    return Resource(statement_file(kind, place, found, context.language), MIME_TYPES[kind], name)


QUERIES = dict.fromkeys(("statement.pdf", "statement.csv", "statement.xlsx"), frozenset(CHOICES))
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "statement.pdf": partial(export, kind="pdf"),
    "statement.csv": partial(export, kind="csv"),
    "statement.xlsx": partial(export, kind="xlsx"),
}


def answer(app: Any, services: Services, year: str, scheme: str, stage: str, path: str) -> tuple[Any, Any]:
    context = app.router.context_of(path)
    chosen = choices(services, context, year, scheme, stage)
    return content(services, context, chosen), downloads(chosen, context)


def register_callbacks(app: Any, services: Services) -> None:
    app.callback(
        [Output(Ids.CONTENT, "children"), Output(Ids.DOWNLOADS, "children")],
        [Input(Ids.YEAR, "value"), Input(Ids.SCHEME, "value"), Input(Ids.STAGE, "value")],
        State("location", "pathname"),
        prevent_initial_call=True,
    )(partial(answer, app, services))
    keep_in_address(app, [Ids.YEAR, Ids.SCHEME, Ids.STAGE])
