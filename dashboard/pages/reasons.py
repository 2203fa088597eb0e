"""Reasons: whose work the met needs are, where the next 1,000 would meet most, and why money moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, html

from budget_model.coverage.portable_outlook import MAX_YEARS
from budget_model.errors import BudgetModelError, InputError, NotFoundError
from dashboard.components import Column, card, data_table, folded_table, no_data, notice, page_header, source_note
from dashboard.context import PageContext
from dashboard.figures.flow_svg import DESK, PHONE, FlowSize, flow_svg
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.reasons_asked import ASKED, PLAN, TODAY, Explained, explained
from dashboard.pages.simulate import nothing_yet
from dashboard.pages.simulate_files import XLSX
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.simulate import TRYERS
from dashboard.shown_errors import ToldError, sentences_of
from dashboard.views import reasons as view
from dashboard.views import scenario_tables
from dashboard.views.reasons_period import ALL_YEARS, period_words
from dashboard.views.reasons_tables import tables
from dashboard.views.simulate_names import source_parts
from dashboard.views.words import full_precision
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "reasons"
TITLE = mark("Reasons")
GROUP = Group.SIMULATION
ROLES = TRYERS
BOXES = {"desk": 12, "phone": 8}
SIZES: Mapping[str, FlowSize] = {"desk": DESK, "phone": PHONE}


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    subtitle = _(
        "Whose work the met needs are, where more money would help most, and why money moves from one programme to "
        "another."
    )
    try:
        found = explained(services, context)
    except (InputError, NotFoundError, ToldError) as error:
        return html.Div([page_header(_(TITLE), subtitle), *refused(error, services, context)], className="reasons")
    return html.Div(
        [
            page_header(_(TITLE), subtitle, downloads(context)),
            choice(services, found, context),
            notice([*period_words(found.reasons, context).told, *found.told], "info") if found.reasons.period else None,
            work(found, context),
            following(found, context),
            moves(found, context),
            method(found, context),
        ],
        className="reasons",
    )


def refused(error: BudgetModelError | ToldError, services: Services, context: PageContext) -> list[Any]:
    """Why nothing is shown; where the address is to blame, a way back to today's budget."""
    _ = context.gettext
    if not any(context.query.get(name) for name in ASKED) and isinstance(error, BudgetModelError):
        return [nothing_yet(error, context)]
    back = html.A(_("Show the reasons of today's budget"), href=context.address(NAME))
    return [notice(sentences_of(error, context), "danger"), html.P(back)]


def downloads(context: PageContext) -> list[Any]:
    _, query = context.gettext, query_kept(context)
    return [
        html.A(label, href=context.address(f"{NAME}/reasons.{kind}", **query), className="btn btn-outline-secondary")
        for kind, label in (("csv", _("Download CSV")), ("xlsx", _("Download XLSX")))
    ]


def query_kept(context: PageContext) -> dict[str, str]:
    return {name: context.query[name] for name in ASKED if context.query.get(name)}


def choice(services: Services, found: Explained, context: PageContext) -> html.Section:
    """What is explained, and a plain form that asks for something else."""
    _ = context.gettext
    listed = services.scenarios.list(context.user, context.site)
    wanted = context.query.get("scenario", TODAY)
    options = [(TODAY, _("Today's budget")), *((str(one.id), f"{one.name} · {one.owner}") for one in listed)]
    select = html.Div(
        [
            html.Label(_("Explain"), htmlFor="reasons-scenario", className="form-label"),
            scenario_select(options, wanted),
        ],
        className="field",
    )
    button = html.Button(_("Show"), type="submit", className="btn btn-primary", disable_n_clicks=True)
    form = html.Form(
        [select, *year_choices(found, context), button],
        action=context.address(NAME),
        method="GET",
        className="reasons-choice",
        disable_n_clicks=True,
    )
    return card(found.title, [form, *links(found, context)])


def year_choices(found: Explained, context: PageContext) -> list[Any]:
    """How many years, and of a plan which of them; its growth stays as the address has it."""
    _, query, period = context.gettext, context.query, found.reasons.period
    years = 1 if period is None else period.n_years
    numbers = [
        (str(n), context.ngettext("{number} year", "{number} years", n, number=n)) for n in range(1, MAX_YEARS + 1)
    ]
    parts: list[Any] = [_select("years", _("How many years"), numbers, str(years))]
    if years > 1:
        each = [(str(n), _("Year {year}", year=n)) for n in range(1, years + 1)]
        wanted = query.get("year") or ALL_YEARS
        parts.append(_select("year", _("Look at"), [(ALL_YEARS, _("All years together")), *each], wanted))
    kept = [name for name in ("prices", "people", "money") if query.get(name)]
    return [*parts, *(dbc.Input(type="hidden", id=f"reasons-{name}", name=name, value=query[name]) for name in kept)]


def _select(name: str, label: str, options: list[tuple[str, str]], value: str) -> html.Div:
    values = [{"value": key, "label": text} for key, text in options]
    made = dbc.Select(id=f"reasons-{name}", name=name, options=values, value=value)
    return html.Div([html.Label(label, htmlFor=f"reasons-{name}", className="form-label"), made], className="field")


def scenario_select(options: list[tuple[str, str]], wanted: str) -> Any:
    values = [{"value": value, "label": label} for value, label in options]
    return dbc.Select(id="reasons-scenario", name="scenario", options=values, value=wanted)


def links(found: Explained, context: PageContext) -> list[Any]:
    """Where the same amounts can be moved on, unless they are a proposal that is not saved yet."""
    _, query = context.gettext, query_kept(context)
    if "proposal" in query:
        return [html.P(html.A(_("Back to the proposal"), href=context.address("optimise")))]
    if found.reasons.period is not None:
        kept = {name: value for name, value in query.items() if name in ("scenario", *PLAN)}
        return [html.P(html.A(_("Over the years"), href=context.address("years", **kept)))]
    query = {name: value for name, value in query.items() if value != TODAY}
    return [html.P(html.A(_("Open these amounts in Simulate"), href=context.address("simulate", **query)))]


# ---- panels ----------------------------------------------------------------------------------------------------------


def work(found: Explained, context: PageContext) -> html.Section:
    _, reasons, names = context.gettext, found.reasons, found.names
    sentence = view.work_sentence(reasons, names, context)
    groups, words = [Column(name, True) for name in names.groups], period_words(reasons, context)
    money = [Column(_("Programme")), Column(words.money, True)]
    ends = [Column(_("Together"), True), Column(_("Against today"), True)]
    by_need = [Column(_("Need")), Column(_("Covered by")), *groups, Column(_("Together"), True)]
    has_flow = reasons.persons.sum() > view.HALF_A_PERSON
    return card(
        _("Whose work is it?"),
        [
            html.P(sentence, className="finding"),
            picture(sentence, words.flow, context) if has_flow else None,
            *folded_table(
                words.work,
                [*money, *groups, *ends],
                view.programme_cells(reasons, names, context),
                view.SHOWN_PROGRAMMES,
                _("All other programmes"),
            ),
            html.Details(
                [
                    html.Summary(_("Each need: who covers it, adding up to the whole")),
                    data_table(
                        words.needs,
                        by_need,
                        view.need_cells(reasons, names, context),
                    ),
                ]
            ),
            source_note(context, sources(found, context)),
        ],
    )


def picture(sentence: str, unit: str, context: PageContext) -> html.Div:
    """The flow as a picture of its own for desks and for phones; the tables below have its figures."""
    _, query = context.gettext, query_kept(context)
    label = _("Flow from programmes to needs to women and men. {sentence}", sentence=sentence)
    phone = html.Source(srcSet=context.address(f"{NAME}/flow.svg", **query, size="phone"), media="(max-width: 760px)")
    desk = html.Img(src=context.address(f"{NAME}/flow.svg", **query, size="desk"), alt=label)
    return html.Div([html.P(unit, className="unit"), html.Picture([phone, desk])], className="flow-picture")


def following(found: Explained, context: PageContext) -> html.Section:
    _, reasons, names = context.gettext, found.reasons, found.names
    amount = context.formats.money(reasons.moves.next.amount, reasons.model.currency)
    columns = [
        Column(_("Programme")),
        *([Column(_("Where it meets most"))] if len(names.areas) > 1 else []),
        *([Column(_("Spent in year"), True)] if reasons.period else []),
        *(Column(name, True) for name in names.groups),
        Column(_("Together"), True),
        Column(_("What stands against it")),
    ]
    rows = view.next_cells(reasons, names, context)
    caption = period_words(reasons, context).following
    return card(
        _("The next {amount}: where does it meet most?", amount=amount),
        [
            html.P(view.next_sentence(reasons, names, context), className="finding"),
            *folded_table(caption, columns, rows, view.SHOWN_NEXT, _("All other programmes")),
            source_note(context, sources(found, context)),
        ],
        id="reasons-next",
    )


def moves(found: Explained, context: PageContext) -> html.Section:
    _, reasons, names = context.gettext, found.reasons, found.names
    title = _("Why was money taken away?")
    if not reasons.moves.cuts:
        nothing = _("No programme has less than today.")
        how = _("Choose a scenario above, or move money in Simulate and come back.")
        return card(title, no_data(nothing, how), id="reasons-cuts")
    more, words = len(reasons.moves.cuts) - view.SHOWN_CUTS, period_words(reasons, context)
    columns = [
        Column(_("Programme")),
        Column(words.change, True),
        *(Column(name, True) for name in names.groups),
        Column(_("Together"), True),
        Column(_("Today's last 1,000"), True),
        Column(_("The scenario's last 1,000"), True),
    ]
    changes = [*reasons.moves.cuts, *reasons.moves.increases]
    told = view.cut_sentences(reasons, names, context)
    rest = _("{number} smaller cuts are in the table.", number=more)
    return card(
        title,
        [
            html.Ol([html.Li(sentence) for sentence in told], className="reasons-cuts"),
            html.P(rest) if more > 0 else None,
            html.Details(
                [
                    html.Summary(_("All cuts and increases as a table")),
                    data_table(
                        words.changes,
                        columns,
                        view.change_cells(changes, reasons, names, context),
                    ),
                ]
            ),
            source_note(context, sources(found, context)),
        ],
        id="reasons-cuts",
    )


def method(found: Explained, context: PageContext) -> html.Section:
    _ = context.gettext
    texts = [
        _(
            "Where several programmes reach the same people, each gets the part that it adds on average over all "
            "orders in which they could come (Shapley value). What is covered without them comes first and is "
            "nobody's merit."
        ),
        _(
            "A programme's part is not what would be lost if it alone were cut: others would catch some of it. That is "
            "the yield of 1,000, counted with all other money as it is."
        ),
        _("These are point estimates of the model; costs and effectiveness are partly assumptions (see Programmes)."),
    ]
    if view.is_weighted(found.reasons):
        texts.append(_("Persons are counted as they are here, without the priority weights of the needs."))
    return card(_("How to read this"), [html.P(text) for text in texts])


def sources(found: Explained, context: PageContext) -> list[str]:
    return [*source_parts(found.workbench, context), context.gettext("projection of the model, not a promise")]


# ---- files -----------------------------------------------------------------------------------------------------------


def flow_file(services: Services, context: PageContext) -> Resource:
    found = explained(services, context)
    size = context.query.get("size", "desk")
    if size not in SIZES:
        raise ToldError([context.gettext("“{value}” is no size of this picture.", value=size[:40])])
    _ = context.gettext
    flow = view.flow_of(found.reasons, found.names, BOXES[size], context)
    titles = [_("Programmes"), _("Needs"), _("Women and men")]
    label = view.work_sentence(found.reasons, found.names, context)
    drawn = flow_svg(flow, found.reasons.model.groups, titles, label, SIZES[size], context.formats.number)
    return Resource(drawn.encode(), "image/svg+xml")


def tables_file(services: Services, context: PageContext, kind: str) -> Resource:
    _, found = context.gettext, explained(services, context)
    if found.reasons.run is not None:
        sources = scenario_tables.notes(found.workbench, found.reasons.run, context, full_precision(context))
    else:
        sources = plan_notes(found, context)
    notes = [(_("Explained"), found.title), *sources]
    made = tables(found.reasons, found.names, context)
    name = f"{context.site.slug if context.site else ''}-{_('reasons')}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, made), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, made), XLSX, name)


def plan_notes(found: Explained, context: PageContext) -> list[tuple[str, str]]:
    """What the file of a plan holds, where it comes from and what it assumes."""
    _, site = context.gettext, context.site
    told = [*period_words(found.reasons, context).told, *found.told]
    notes = [
        (_("Site"), site.name if site else ""),
        *((_("Plan"), sentence) for sentence in told),
        (_("Model"), found.reasons.loaded.sha256),
        (_("Source"), " · ".join(source_parts(found.workbench, context))),
        (_("Currency"), found.reasons.model.currency),
        (_("Precision"), full_precision(context)),
    ]
    if site and site.is_synthetic:
        notes.insert(0, (_("Synthetic data"), _("An invented population. No figure here describes real people.")))
    return notes


QUERIES = {
    "flow.svg": frozenset({*ASKED, "size"}),
    **dict.fromkeys(("reasons.csv", "reasons.xlsx"), frozenset(ASKED)),
}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "flow.svg": flow_file,
    "reasons.csv": partial(tables_file, kind="csv"),
    "reasons.xlsx": partial(tables_file, kind="xlsx"),
}


def register_callbacks(app: Dash, services: Services) -> None:
    """Nothing on this page answers back."""
