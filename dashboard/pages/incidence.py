"""Who benefits: public money by sex and fifth of income, hours of unpaid work spared, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, html

from budget_model.errors import InputError, NotFoundError
from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    folded_table,
    notice,
    page_header,
    source_note,
)
from dashboard.components.forms import file_field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.figures.incidence import concentration_figure, fifths_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.simulate_files import XLSX
from dashboard.queries import unknown_choice
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import PLANNERS
from dashboard.services.incidence import FIRST_STAGE, IncidenceChoices, IncidenceFound
from dashboard.shown_errors import ToldError, not_found_sentence
from dashboard.views import incidence as view
from dashboard.views import incidence_tables
from dashboard.views.incidence_words import KINDS, problem_sentences
from dashboard.views.words import STAGES, group_names, round_sources, short_unit
from data.store.audit import COMMAND_LINE
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "incidence"
TITLE = mark("Who benefits")
GROUP = Group.BUDGET
ROLES = PLANNERS
FILES = (".csv", ".xlsx", ".yaml", ".yml")
ASKED = ("round", "year", "stage")
LATEST = "-"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    subtitle = _(
        "Net spending of the programmes divided among their users: women and men, poor and rich. Not for publication: "
        "programmes with few users show single households."
    )
    choices = services.incidence.choices(context.user, context.site)
    parts: list[Any] = [choice_form(choices, context)]
    header = page_header(_(TITLE), subtitle)
    try:
        found = load(services, context, choices)
    except InputError as error:
        parts.append(
            notice([_("The money cannot be divided:"), *problem_sentences(error.problems, context)], "warning")
        )
    except NotFoundError as error:
        parts.append(notice([not_found_sentence(error, context)], "warning"))
    else:
        header = page_header(_(TITLE), subtitle, downloads(context))
        parts += figures(found, context)
    return html.Div([header, *parts, inputs(services, context)], className="incidence")


def load(services: Services, context: PageContext, choices: IncidenceChoices) -> IncidenceFound:
    """The figures that the address asks for.

    Raises
    ------
    ToldError : a year or a stage that there is not. InputError, NotFoundError : as the service.
    """
    year, stage, code = (context.query.get(name, "") for name in ("year", "stage", "round"))
    if year not in ("", LATEST) and year not in {str(one) for one in choices.years}:
        raise unknown_choice("year", year, [str(one) for one in choices.years], context)
    if stage and stage not in choices.stages:
        raise unknown_choice("stage", stage, choices.stages, context)
    number = int(year) if year not in ("", LATEST) else None
    return services.incidence.run(
        context.user, context.site, code if code not in ("", LATEST) else None, number, stage or FIRST_STAGE
    )


def choice_form(choices: IncidenceChoices, context: PageContext) -> html.Form:
    """A form that only asks: round, year, stage."""
    _, query = context.gettext, context.query
    latest = (LATEST, _("newest"))
    fields = [
        picked("round", _("Survey round"), [latest, *((code, code) for code in choices.rounds)], query),
        picked("year", _("Budget year"), [latest, *((str(year), str(year)) for year in choices.years)], query),
        picked(
            "stage", _("Stage of the money"), [(code, _(STAGES[code])) for code in choices.stages], query, FIRST_STAGE
        ),
    ]
    button = html.Button(_("Show"), type="submit", className="btn btn-primary", disable_n_clicks=True)
    return html.Form(
        [*fields, button], action=context.address(NAME), method="GET", className="filters", disable_n_clicks=True
    )


def picked(name: str, label: str, options: Sequence[tuple[str, str]], query: Any, otherwise: str = LATEST) -> html.Div:
    values = [{"value": value, "label": text} for value, text in options]
    known = {value for value, _text in options}
    chosen = query.get(name, otherwise)
    select = dbc.Select(
        id=f"incidence-{name}", name=name, options=values, value=chosen if chosen in known else otherwise
    )
    return html.Div([html.Label(label, htmlFor=f"incidence-{name}", className="form-label"), select])


def downloads(context: PageContext) -> list[Any]:
    _ = context.gettext
    query = {name: context.query[name] for name in ASKED if context.query.get(name)}
    return [
        html.A(label, href=context.address(f"{NAME}/incidence.{kind}", **query), className="btn btn-outline-secondary")
        for kind, label in (("csv", _("Download CSV")), ("xlsx", _("Download XLSX")))
    ]


# ---- figures ---------------------------------------------------------------------------------------------------------


def figures(found: IncidenceFound, context: PageContext) -> list[Any]:
    document = found.document
    parts = [by_sex(found, context), by_income(found, context), by_curve(found, context), by_programme(found, context)]
    hours = [unpaid_work(found, context)] if document["unpaid_hours"] else []
    return [*parts, *hours, method(found, context)]


def sources(found: IncidenceFound, context: PageContext) -> list[str]:
    return [view.money_words(found.document, context), *round_sources(found.survey_round, context)]


def money_columns(first: str, found: IncidenceFound, context: PageContext) -> list[Column]:
    _ = context.gettext
    is_sample = found.document["concentration"]["index_low"] is not None
    money = _("Money a year (95 % interval)") if is_sample else _("Money a year")
    return [
        Column(first),
        Column(money, True),
        Column(_("Share of the money"), True),
        Column(_("Share of the people"), True),
        Column(_("Money a person"), True),
    ]


def by_sex(found: IncidenceFound, context: PageContext) -> html.Section:
    _, document = context.gettext, found.document
    return card(
        _("Women and men"),
        [
            html.P(view.finding(document, context), className="finding"),
            data_table(
                _("Net spending by sex of the users"),
                money_columns(_("Group"), found, context),
                view.group_cells(document, context),
            ),
            source_note(context, sources(found, context)),
        ],
    )


def by_income(found: IncidenceFound, context: PageContext) -> html.Section:
    _, document, names = context.gettext, found.document, group_names(context)
    labels = [str(row["fifth"]) for row in document["by_fifth"]]
    titles = (_("Fifth of income (1: the poorest)"), short_unit(context))
    columns = [
        Column(_("Fifth")),
        *(Column(_("{group}: money", group=names.get(group, group)), True) for group in document["by_group"]),
        *(Column(_("{group}: each", group=names.get(group, group)), True) for group in document["by_group"]),
    ]
    figure = captioned_figure(
        "incidence-fifths",
        fifths_figure(labels, view.crossed_amounts(document), names, titles),
        context,
        sentence=view.index_sentence(document, context),
        unit=_("Net spending a year by fifth of income and sex of the users, in millions"),
        table=data_table(
            _("Money by fifth and sex, and for each person"), columns, view.crossed_cells(document, context)
        ),
        sources=sources(found, context),
    )
    table = data_table(
        _("Net spending by fifth of income"),
        money_columns(_("Fifth"), found, context),
        view.fifth_cells(document, context),
    )
    return card(_("Poor and rich"), [figure, table])


def by_curve(found: IncidenceFound, context: PageContext) -> html.Section:
    _, document, number = context.gettext, found.document, context.formats.number
    concentration = document["concentration"]
    sentence = _(
        "Concentration index {index}; Gini index of income {gini}; Kakwani index {kakwani} (below 0: the money narrows "
        "inequality).",
        index=view.index_text(concentration, context) if concentration["index"] is not None else "–",
        gini=number(concentration["gini_of_income"], view.INDEX_DECIMALS),
        kakwani=number(concentration["kakwani"], view.INDEX_DECIMALS),
    )
    names = (_("Money"), _("Income"), _("Even spread"))
    titles = (_("Poorest share of the people, %"), _("Their share, %"))
    columns = [Column(_("Poorest share of the people")), Column(_("Of the money"), True), Column(_("Of income"), True)]
    return card(
        _("Concentration curve"),
        captioned_figure(
            "incidence-curve",
            concentration_figure(concentration["curve"], names, titles),
            context,
            sentence=sentence,
            unit=_("A curve above the even spread: the poor have more than their share"),
            table=data_table(_("Shares that the poorest have"), columns, view.curve_cells(document, context)),
            sources=sources(found, context),
        ),
    )


def by_programme(found: IncidenceFound, context: PageContext) -> html.Section:
    _ = context.gettext
    columns = [
        Column(_("Programme")),
        Column(_("Net spending a year"), True),
        Column(_("Users a year"), True),
        Column(_("Net cost of a user"), True),
        Column(_("Women"), True),
        Column(_("Poorest fifth"), True),
        Column(_("Concentration index"), True),
        Column(_("Sexes from · incomes from")),
    ]
    caption = _("Each programme, the dearest first; shares are of its own money")
    rows = view.programme_cells(found.document, context)
    return card(
        _("Programme by programme"),
        [
            *folded_table(caption, columns, rows, view.SHOWN_PROGRAMMES, _("All other programmes")),
            source_note(context, sources(found, context)),
        ],
    )


def unpaid_work(found: IncidenceFound, context: PageContext) -> html.Section:
    _, document = context.gettext, found.document
    columns = [
        Column(_("Programme")),
        Column(_("Women: hours a year"), True),
        Column(_("Men: hours a year"), True),
        Column(_("Women: value a year"), True),
        Column(_("Men: value a year"), True),
        Column(_("Source")),
    ]
    rate = document["unpaid_hours"]["hour_value"]
    wage = _("wage: {source}", source=context.stored(rate["source"])) if rate else ""
    return card(
        _("Unpaid work that programmes spare"),
        [
            html.P(view.hours_sentence(document, context), className="finding"),
            data_table(_("Hours of unpaid work spared at home, a year"), columns, view.hours_cells(document, context)),
            source_note(context, [wage, *sources(found, context)]),
        ],
    )


def method(found: IncidenceFound, context: PageContext) -> html.Section:
    _ = context.gettext
    rule = _(
        "Net spending of a programme (its money less what its users pay) is divided equally among its users: the net "
        "cost of one user times the users of a group. The concentration index is twice the area between the curve and "
        "the even spread; below 0 the poor have more than their share."
    )
    missing = _(
        "The method leaves out quality, who would have used a service otherwise, the taxes that pay for it, and costs "
        "that fall on users (time, transport)."
    )
    left_out = view.left_out(found.document, context)
    listed = html.Ul([html.Li(text) for text in view.assumption_sentences(found.document, context)])
    return card(
        _("Method and assumptions"),
        [html.P(rule), html.P(_("Assumed here:")), listed, html.P(missing), html.P(left_out) if left_out else None],
        id="incidence-method",
    )


# ---- what is brought in ----------------------------------------------------------------------------------------------


def inputs(services: Services, context: PageContext) -> html.Section:
    _, formats = context.gettext, context.formats
    found = services.incidence.inputs(context.user, context.site)
    said = {"taken": _("The file was taken in."), "withdrawn": _("It is not used any more.")}.get(
        context.query.get("done", "")
    )
    rows = [
        [
            formats.moment(one.saved_at),
            _("command line") if one.saved_by == COMMAND_LINE else one.saved_by,
            _(KINDS[one.kind]),
            one.file_name or _("withdrawn"),
            formats.number(one.programmes),
        ]
        for one in found.history
    ]
    columns = [
        Column(_("When (UTC)")),
        Column(_("Who")),
        Column(_("What")),
        Column(_("File")),
        Column(_("Programmes"), True),
    ]
    gone = [notice([_("No programme of this site any more, so not used: {codes}.", codes=", ".join(found.gone))])]
    return card(
        _("Users, fees and hours of this site"),
        [
            notice([said], "info", role="status") if said else None,
            html.P(explanation(context)),
            *(gone if found.gone else []),
            upload(context),
            *[withdrawal(kind, context) for kind in counted_kinds(found)],
            data_table(_("What was brought in, the newest first; the newest of a kind counts"), columns, rows)
            if rows
            else html.P(
                _("Nothing has been brought in yet: users are those of registers, stated reach and the survey.")
            ),
        ],
        id="incidence-inputs",
    )


def explanation(context: PageContext) -> str:
    return context.gettext(
        "Where somebody counted a programme's users by sex and fifth of income, bring in the table: it goes before "
        "registers and survey. Fees, hours spared at home and questions of the survey come in a YAML file."
    )


def counted_kinds(found: Any) -> list[str]:
    return [*(["users"] if found.users else []), *(["questions"] if found.has_questions else [])]


def upload(context: PageContext) -> html.Form:
    _ = context.gettext
    template = html.A(_("Table to fill in (CSV)"), href=context.address(f"{NAME}/users.csv"))
    hint = _(
        "Columns: programme, sex, fifth (1 the poorest), users, source. Ten rows a programme. Or the questions file."
    )
    return plain_form(
        f"{context.address(NAME)}/take",
        [
            file_field("file", _("Table of users (CSV, XLSX) or questions (YAML)"), FILES, hint, required=True),
            html.Div([submit(_("Bring in")), template], className="buttons"),
        ],
        has_files=True,
    )


def withdrawal(kind: str, context: PageContext) -> html.Form:
    _ = context.gettext
    label = _("Stop using: {what}", what=_(KINDS[kind]))
    return plain_form(
        f"{context.address(NAME)}/withdraw", [hidden("kind", kind), submit(label, kind="outline-secondary")]
    )


def take(services: Services, context: PageContext, posted: Posted) -> str:
    """Take in a file whole, or say everything that is wrong with it and where."""
    files = posted.files.get("file", ())
    if not files:
        raise ToldError([context.gettext("No file was chosen. Go back and choose one.")])
    name, stream = files[0]
    try:
        services.incidence.take_in(context.user, context.site, name, stream.read())
    except InputError as error:
        told = [context.gettext("Nothing was stored."), *problem_sentences(error.problems, context)]
        raise ToldError(told) from error
    return f"{context.address(NAME, done='taken')}#incidence-inputs"


def withdraw(services: Services, context: PageContext, posted: Posted) -> str:
    kind = posted.fields.get("kind", "")
    if kind not in KINDS:
        raise unknown_choice("kind", kind, KINDS, context)
    try:
        services.incidence.withdraw(context.user, context.site, kind)
    except InputError as error:
        raise ToldError(problem_sentences(error.problems, context)) from error
    return f"{context.address(NAME, done='withdrawn')}#incidence-inputs"


ACTIONS = {"take": take, "withdraw": withdraw}


# ---- files -----------------------------------------------------------------------------------------------------------


def tables_file(services: Services, context: PageContext, kind: str) -> Resource:
    _ = context.gettext
    try:
        found = load(services, context, services.incidence.choices(context.user, context.site))
    except InputError as error:
        raise ToldError(problem_sentences(error.problems, context)) from error
    notes = incidence_tables.notes(found, sources(found, context), context)
    tables = incidence_tables.tables(found.document, context)
    name = f"{context.site.slug if context.site else ''}-{_('incidence')}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


def users_file(services: Services, context: PageContext) -> Resource:
    """A table to fill in: what counts now, else ten empty rows for each programme."""
    codes = services.incidence.programmes(context.user, context.site)
    known = services.incidence.inputs(context.user, context.site).users
    return Resource(incidence_tables.users_csv(codes, known), "text/csv", "users.csv")


QUERIES = {
    **dict.fromkeys(("incidence.csv", "incidence.xlsx"), frozenset(ASKED)),
    "users.csv": frozenset(),
}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "incidence.csv": partial(tables_file, kind="csv"),
    "incidence.xlsx": partial(tables_file, kind="xlsx"),
    "users.csv": users_file,
}


def register_callbacks(app: Dash, services: Services) -> None:
    """Nothing on this page answers back."""
