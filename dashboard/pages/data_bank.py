"""Data bank: survey rounds side by side, and extracts of them for researchers and for other installations."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

from dash import html

from dashboard.components import Column, card, data_table, no_data, page_header
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.data_bank import Bank
from dashboard.views.data_bank import CHANGE_WORDS, change_rows, change_sentences, definition_rows, fact_rows
from data.workflows.anonymise import LEAST, OLDEST_SHOWN
from data.workflows.bank_packages import BankRound
from data.workflows.extract_changes import CHANGES

NAME = "data-bank"
TITLE = mark("Data bank")
GROUP = Group.SURVEY
CHANGES_OF = "changes"  # in the address: the round whose extract is looked at
ROLES = SIGNED_IN


class Ids(StrEnum):
    CHANGES = "data-bank-changes"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    bank = services.data_bank.bank(context.user, context.site)
    header = page_header(_(TITLE), _("The survey rounds of this site side by side, and extracts of their answers."))
    if not bank.rounds:
        nothing = no_data(_("This site has no survey round yet."), _("Import one; it then stands here."))
        return html.Div([header, nothing])
    codes = [one.code for one in bank.rounds]
    parts = [
        header,
        card(
            _("Rounds"),
            data_table(
                _("Rounds side by side, the newest first"),
                [Column(_("Fact")), *(Column(code) for code in codes)],
                fact_rows(bank.rounds, context),
            ),
        ),
        extracts_card(bank, context),
        *changes_cards(services, bank, codes, context),
        definitions_card(bank, codes, context),
    ]
    return html.Div(parts)


def definitions_card(bank: Bank, codes: list[str], context: PageContext) -> html.Section:
    _ = context.gettext
    rows = definition_rows(bank, context)
    if not rows:
        how = _("Run them: python -m budget_model indicators run --help shows how.")
        return card(_("Indicators by round"), no_data(_("No indicators were computed yet."), how))
    header = [Column(_("Indicator")), *(Column(code) for code in codes), Column(_("Note"))]
    table = data_table(_("Version of the definition that each round was computed with"), header, rows)
    return card(_("Indicators by round"), table)


def extracts_card(bank: Bank, context: PageContext) -> html.Section:
    _ = context.gettext
    if not bank.may_extract:
        return card(_("Extracts"), html.P(_("Officials of the site may take extracts for researchers.")))
    told = _(
        "Extracts hold no names, addresses or other identities, no free text and no areas below the first level; ages "
        "from {age} stand together. Who shares sex, age band, sector and household size with fewer than {least} people "
        "is recoded, and what remains rare is counted in the description. Each extract is noted in the audit trail.",
        age=OLDEST_SHOWN,
        least=LEAST,
    )
    items = [html.Li(links(one, bank, context)) for one in bank.rounds]
    synthetic = (
        [html.P(_("The answers are invented; every extract says so."))]
        if context.site and context.site.is_synthetic
        else []
    )
    return card(_("Extracts"), [html.P(told), *synthetic, html.Ul(items, className="downloads-list")])


def changes_cards(services: Services, bank: Bank, codes: list[str], context: PageContext) -> list[html.Section]:
    """What the extract of the round in the address changes; nothing where none is asked for."""
    _ = context.gettext
    code = context.query.get(CHANGES_OF)
    if not code or not bank.may_extract:
        return []
    title = _("What the extract of round {code} changes", code=code)
    if code not in codes:
        return [card(title, no_data(_("This site has no such round."), _("Choose one of the list above.")))]
    protection = services.data_bank.protection(context.user, context.site, code)
    rows = change_rows(protection, bank, context)
    told = [html.P(text) for text in change_sentences(protection, context)]
    if rows:
        columns = [Column(_("Indicator")), *(Column(_(CHANGE_WORDS[name]), is_number=True) for name in CHANGES)]
        told.append(data_table(_("Persons by indicator of whom the extract no longer tells this"), columns, rows))
    return [card(title, told, id=Ids.CHANGES)]


def links(one: BankRound, bank: Bank, context: PageContext) -> list[Any]:
    """Downloads of a round: for researchers; and for administrators also with sensitive columns, and exact."""
    _ = context.gettext
    wanted = [("extract.zip", _("{code}: anonymised extract for researchers", code=one.code))]
    if bank.may_take_all:
        wanted += [
            ("sensitive.zip", _("{code}: anonymised extract with sensitive columns", code=one.code)),
            ("exact.zip", _("{code}: exact copy for another installation", code=one.code)),
        ]
    parts: list[Any] = []
    changes = html.A(
        _("{code}: what the extract changes", code=one.code),
        href=f"{context.address(NAME, **{CHANGES_OF: one.code})}#{Ids.CHANGES}",
    )
    parts += [changes, html.Br()]
    for name, text in wanted:
        parts += [html.A(text, href=f"{context.address(NAME)}/{name}?round={one.code}"), html.Br()]
    return parts[:-1]


def package(services: Services, context: PageContext, is_exact: bool, has_sensitive: bool, word: str) -> Resource:
    """A round as a ZIP with Parquet, CSV and their description."""
    code = context.query.get("round", "")
    _done, content = services.data_bank.extract(context.user, context.site, code, is_exact, has_sensitive)
    slug = context.site.slug if context.site else ""
    return Resource(content, "application/zip", f"{slug}-{code}-{word}.zip")


QUERIES = dict.fromkeys(("extract.zip", "sensitive.zip", "exact.zip"), frozenset({"round"}))
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "extract.zip": partial(package, is_exact=False, has_sensitive=False, word="extract"),
    "sensitive.zip": partial(package, is_exact=False, has_sensitive=True, word="sensitive"),
    "exact.zip": partial(package, is_exact=True, has_sensitive=True, word="exact"),
}


def register_callbacks(app: Any, services: Services) -> None:
    """None: everything is a link."""
