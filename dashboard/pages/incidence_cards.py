"""Who benefits, card by card: by sex, by income, the curve, by programme, unpaid work, and the method."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    folded_table,
    source_note,
)
from dashboard.context import PageContext
from dashboard.figures.incidence import concentration_figure, fifths_figure
from dashboard.services.incidence import IncidenceFound
from dashboard.views import incidence as view
from dashboard.views.words import group_names, round_sources, short_unit


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
