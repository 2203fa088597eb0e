"""Who benefits from spending, in sentences and rows. No Dash here.

`document` is what `incidence run --json` prints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.context import PageContext
from dashboard.views.incidence_words import ASSUMPTIONS, ORIGINS
from dashboard.views.words import STAGES, group_names

INDEX_DECIMALS = 3
SHOWN_PROGRAMMES = 12
Document = Mapping[str, Any]


def finding(document: Document, context: PageContext) -> str:
    """What women and the poorest fifth have of the money, beside their part of the people."""
    _, share = context.gettext, context.formats.share
    women, poorest = document["by_group"]["women"], document["by_fifth"][0]
    return _(
        "Women have {women} of the money (they are {people} of the people), the poorest fifth {poorest}. {index}",
        women=share(women["share"]),
        people=share(women["population_share"]),
        poorest=share(poorest["share"]),
        index=index_sentence(document, context),
    )


def index_sentence(document: Document, context: PageContext) -> str:
    """Which way the money leans; said to be even where its interval has 0 in it."""
    _, found = context.gettext, document["concentration"]
    if found["index"] is None:
        return _("How it is spread over incomes is not known.")
    figure = index_text(found, context)
    low, high = found["index_low"], found["index_high"]
    if low is not None and low <= 0 <= high:
        return _("Concentration index {index}: no clear leaning to poor or rich.", index=figure)
    if found["index"] < 0:
        return _("Concentration index {index}: the poor have more than their share.", index=figure)
    if found["index"] > 0:
        return _("Concentration index {index}: the rich have more than their share.", index=figure)
    return _("Concentration index {index}: evenly spread.", index=figure)


def index_text(found: Mapping[str, Any], context: PageContext) -> str:
    """`−0.123 (−0.150 to −0.096)`"""
    number = context.formats.number
    figure = number(found["index"], INDEX_DECIMALS)
    if found["index_low"] is None:
        return figure
    low, high = (number(found[key], INDEX_DECIMALS) for key in ("index_low", "index_high"))
    return context.gettext("{figure} ({low} to {high})", figure=figure, low=low, high=high)


def group_cells(document: Document, context: PageContext) -> list[list[str]]:
    names = group_names(context)
    return [
        [names.get(group, group), *_money_cells(row, document, context)] for group, row in document["by_group"].items()
    ]


def fifth_cells(document: Document, context: PageContext) -> list[list[str]]:
    """A row a fifth, poorest first; money whose users' incomes are not known stands in a row of its own."""
    rows = [[fifth_name(row["fifth"], context), *_money_cells(row, document, context)] for row in document["by_fifth"]]
    if document["amount_without_fifth"] > 0:
        money = context.formats.money(document["amount_without_fifth"], document["currency"])
        rows.append([context.gettext("Incomes of the users not known"), money, "–", "–", "–"])
    return rows


def fifth_name(fifth: int, context: PageContext) -> str:
    _ = context.gettext
    ends = {1: _("1 (poorest)"), 5: _("5 (richest)")}
    return ends.get(fifth, str(fifth))


def _money_cells(row: Mapping[str, Any], document: Document, context: PageContext) -> list[str]:
    formats, currency = context.formats, document["currency"]
    money = formats.money(row["amount"], currency)
    if row["amount_low"] is not None:
        low, high = (formats.number(row[key]) for key in ("amount_low", "amount_high"))
        money = context.gettext("{figure} ({low} to {high})", figure=money, low=low, high=high)
    per_person = formats.money(row["per_person"], currency, 2)
    return [money, formats.share(row["share"]), formats.share(row["population_share"]), per_person]


def crossed_cells(document: Document, context: PageContext) -> list[list[str]]:
    """A row a fifth: money of women and of men, and for each of them."""
    formats, currency, crossed = context.formats, document["currency"], document["by_group_and_fifth"]
    rows = []
    for q, fifth in enumerate(document["by_fifth"]):
        cells = [crossed[group][q] for group in crossed]
        money = [formats.money(cell["amount"], currency) for cell in cells]
        each = [formats.money(cell["per_person"], currency, 2) for cell in cells]
        rows.append([fifth_name(fifth["fifth"], context), *money, *each])
    return rows


def curve_cells(document: Document, context: PageContext) -> list[list[str]]:
    share = context.formats.share
    curve = document["concentration"]["curve"]
    return [[share(point["people"], 0), share(point["spending"]), share(point["income"])] for point in curve]


def programme_cells(document: Document, context: PageContext) -> list[list[str]]:
    """A row a programme, the dearest first."""
    formats, currency = context.formats, document["currency"]
    ordered = sorted(document["programmes"], key=lambda part: -part["net"])
    return [
        [
            context.in_language(part["name"], part["programme"]),
            formats.money(part["net"], currency),
            formats.number(sum(part["users"].values())) if part["users"] else "–",
            formats.money(part["cost_per_user"], currency, 2),
            formats.share(part["by_group"]["women"]["share"]),
            formats.share(part["by_fifth"][0]["share"]),
            index_text(part["concentration"], context) if part["concentration"]["index"] is not None else "–",
            " · ".join(origins(part, context)),
        ]
        for part in ordered
    ]


def origins(part: Mapping[str, Any], context: PageContext) -> tuple[str, str]:
    """Where the sexes of the users and their incomes are from."""
    sexes, incomes = ORIGINS[part["women_and_men_from"]], ORIGINS[part["incomes_from"]]
    return context.gettext(sexes), context.gettext(incomes)


# ---- unpaid work -----------------------------------------------------------------------------------------------------


def hours_sentence(document: Document, context: PageContext) -> str:
    """What the programmes spare women and men, and at what wage it is valued."""
    _, formats, hours = context.gettext, context.formats, document["unpaid_hours"]
    spared = _(
        "These programmes spare women {women} and men {men} hours of unpaid work a year.",
        women=formats.number(hours["hours"]["women"]),
        men=formats.number(hours["hours"]["men"]),
    )
    rate = hours["hour_value"]
    if rate is None:
        return f"{spared} {_('No wage is stated, so the hours are not valued in money.')}"
    return _(
        "{spared} At {wage} an hour that is {women} for women and {men} for men.",
        spared=spared,
        wage=formats.money(rate["value"], document["currency"], 2),
        women=formats.money(hours["value"]["women"], document["currency"]),
        men=formats.money(hours["value"]["men"], document["currency"]),
    )


def hours_cells(document: Document, context: PageContext) -> list[list[str]]:
    """A row a programme with stated hours, and their sum."""
    found = [part for part in document["programmes"] if part["unpaid_hours"]]
    rows = [
        [
            context.in_language(part["name"], part["programme"]),
            *_hours_row(part["unpaid_hours"], document, context),
            context.stored(part["unpaid_hours"]["source"]),
        ]
        for part in found
    ]
    return [*rows, [context.gettext("All together"), *_hours_row(document["unpaid_hours"], document, context), ""]]


def _hours_row(hours: Mapping[str, Any], document: Document, context: PageContext) -> list[str]:
    formats, groups = context.formats, ("women", "men")
    value = [formats.money(hours["value"][g], document["currency"]) if hours["value"] else "–" for g in groups]
    return [*(formats.number(hours["hours"][group]) for group in groups), *value]


# ---- what it rests on ------------------------------------------------------------------------------------------------


def assumption_sentences(document: Document, context: PageContext) -> list[str]:
    return [context.gettext(ASSUMPTIONS[key]) for key in ASSUMPTIONS if key in document["assumptions"]]


def left_out(document: Document, context: PageContext) -> str:
    """People who could not be ranked; nothing where everybody could."""
    persons = document["persons_left_out"]
    if persons < 0.5:
        return ""
    number = context.formats.number(persons)
    return context.gettext("{number} people are left out: their income or sex is not known.", number=number)


def money_words(document: Document, context: PageContext) -> str:
    """Which money it is: `Modified budget (PIM) of 2026`."""
    _ = context.gettext
    words = STAGES[document["stage"]]
    stage = _(words)
    if document["budget_year"] is None:
        return _("amounts as stated by the programmes")
    return _("{stage} of {year}", stage=stage, year=document["budget_year"])


def crossed_amounts(document: Document) -> dict[str, Sequence[float]]:
    """Group -> money by fifth, for the picture."""
    return {group: [cell["amount"] for cell in cells] for group, cells in document["by_group_and_fifth"].items()}
