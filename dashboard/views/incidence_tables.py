"""Who benefits, as tables to take away in full precision, and the table of users to fill in. No Dash here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dashboard.context import PageContext
from dashboard.services.incidence import IncidenceFound
from dashboard.views.incidence import assumption_sentences, left_out, origins
from dashboard.views.words import full_precision, group_names
from data.readers.incidence_users import COLUMNS, FIFTHS, SEXES, ProgrammeUsers
from data.writers.tables import Cell, Table

Document = Mapping[str, Any]


def notes(found: IncidenceFound, sources: Iterable[str], context: PageContext) -> list[tuple[str, str]]:
    _, site = context.gettext, context.site
    told = [
        (_("Site"), site.name if site else ""),
        (_("Source"), " · ".join(part for part in sources if part)),
        (_("Currency"), found.document["currency"]),
        *((_("Assumption"), text) for text in assumption_sentences(found.document, context)),
        (_("People left out"), left_out(found.document, context) or _("nobody")),
        (_("Use"), _("Not for publication: programmes with few users show single households.")),
        (_("Precision"), full_precision(context)),
    ]
    if site and site.is_synthetic:
        told.insert(0, (_("Synthetic data"), _("An invented population. No figure here describes real people.")))
    return told


def tables(document: Document, context: PageContext) -> list[Table]:
    """By sex and fifth, the curve, and each programme."""
    _, names = context.gettext, group_names(context)
    money = [_("Money"), _("Money, low (95 %)"), _("Money, high (95 %)"), _("Share of the money"), _("People")]
    more = [_("Share of the people"), _("Money a person")]
    groups = [[names.get(group, group), *_figures(row)] for group, row in document["by_group"].items()]
    fifths: list[list[Cell]] = [[row["fifth"], *_figures(row)] for row in document["by_fifth"]]
    crossed: list[list[Cell]] = [
        [names.get(group, group), cell["fifth"], cell["amount"], cell["share"], cell["population"], cell["per_person"]]
        for group, cells in document["by_group_and_fifth"].items()
        for cell in cells
    ]
    both = [_("Group"), _("Fifth"), _("Money"), _("Share of the money"), _("People"), _("Money a person")]
    curve: list[list[Cell]] = [[p["people"], p["spending"], p["income"]] for p in document["concentration"]["curve"]]
    return [
        Table(_("By sex"), [_("Group"), *money, *more], groups),
        Table(_("By fifth of income"), [_("Fifth"), *money, *more], fifths),
        Table(_("By sex and fifth"), both, crossed),
        Table(_("Concentration"), [_("What"), _("Figure")], list(_indices(document, context))),
        Table(_("Curve"), [_("Poorest share of the people"), _("Of the money"), _("Of income")], curve),
        _programmes(document, context),
    ]


def _figures(row: Mapping[str, Any]) -> list[Cell]:
    keys = ("amount", "amount_low", "amount_high", "share", "population", "population_share", "per_person")
    return [row[key] for key in keys]


def _indices(document: Document, context: PageContext) -> Iterator[list[Cell]]:
    _, found = context.gettext, document["concentration"]
    yield [_("Concentration index"), found["index"]]
    yield [_("Concentration index, low (95 %)"), found["index_low"]]
    yield [_("Concentration index, high (95 %)"), found["index_high"]]
    yield [_("Gini index of income"), found["gini_of_income"]]
    yield [_("Kakwani index"), found["kakwani"]]
    yield [_("Money whose users' incomes are not known"), document["amount_without_fifth"]]


def _programmes(document: Document, context: PageContext) -> Table:
    _ = context.gettext
    header = [_("Code"), _("Programme"), _("Spending"), _("Fees"), _("Net spending a year")]
    header += [
        _("Users: women"),
        _("Users: men"),
        _("Net cost of a user"),
        _("Women's share"),
        _("Poorest fifth's share"),
    ]
    header += [_("Concentration index"), _("Sexes from"), _("Incomes from")]
    header += [_("Women: hours a year"), _("Men: hours a year"), _("Women: value a year"), _("Men: value a year")]
    return Table(_("Programme by programme"), header, [_programme(part, context) for part in document["programmes"]])


def _programme(part: Mapping[str, Any], context: PageContext) -> list[Cell]:
    users, hours = part["users"] or {}, part["unpaid_hours"] or {}
    spared, value = hours.get("hours") or {}, hours.get("value") or {}
    return [
        part["programme"],
        context.in_language(part["name"], part["programme"]),
        part["spent"],
        part["fees"],
        part["net"],
        *(users.get(group) for group in SEXES),
        part["cost_per_user"],
        part["by_group"]["women"]["share"],
        part["by_fifth"][0]["share"],
        part["concentration"]["index"],
        *origins(part, context),
        *(spared.get(group) for group in SEXES),
        *(value.get(group) for group in SEXES),
    ]


def users_csv(programmes: Iterable[str], known: Mapping[str, ProgrammeUsers]) -> bytes:
    """The table of users: what counts now, and empty rows of the other programmes; delete those that stay empty."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for code in programmes:
        counted = known.get(code)
        for sex, name in enumerate(SEXES):
            for fifth in range(FIFTHS):
                figure = "" if counted is None else f"{counted.users[sex][fifth]:.15g}"
                writer.writerow([code, name, fifth + 1, figure, "" if counted is None else counted.source])
    return stream.getvalue().encode("utf-8-sig")
