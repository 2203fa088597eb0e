"""Rounds side by side, as rows: facts of each round, and which indicators were computed by which definition."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dashboard.context import PageContext
from dashboard.services.data_bank import Bank
from dashboard.services.map import changed_meaning
from dashboard.views.indicator import KEYS
from dashboard.views.validation_words import STATES
from data.workflows.bank_packages import BankRound


def fact_rows(rounds: Sequence[BankRound], context: PageContext) -> list[list[str]]:
    """A row a fact, a column a round."""
    _ = context.gettext
    number, date, share = context.formats.number, context.formats.date, context.formats.share
    facts = [
        (_("State"), [_(STATES[one.state]) if one.state in STATES else one.state for one in rounds]),
        (_("First day"), [date(one.starts_on) for one in rounds]),
        (_("Last day"), [date(one.ends_on) for one in rounds]),
        (_("Area covered"), [context.stored(one.coverage_area) for one in rounds]),
        (_("Share of its households that answered"), [share(one.coverage_rate) for one in rounds]),
        (_("Design"), [_("census") if one.is_census else _("sample") for one in rounds]),
        (_("Households"), [number(one.households) for one in rounds]),
        (_("Persons"), [number(one.persons) for one in rounds]),
        (_("Corrections"), [number(one.corrections) for one in rounds]),
        (_("Form"), [one.form or "–" for one in rounds]),
        (_("Indicators computed"), [number(len(one.indicators)) for one in rounds]),
        (_("Source"), [context.stored(one.source) for one in rounds]),
    ]
    return [[name, *values] for name, values in facts]


def definition_rows(bank: Bank, context: PageContext) -> list[list[str]]:
    """A row an indicator: the version of its definition in each round, and what of it changed its meaning."""
    _ = context.gettext
    rows = []
    for code, definition in bank.definitions.items():
        versions = [one.indicators.get(code) for one in bank.rounds]
        cells = ["–" if version is None else _("version {number}", number=version) for version in versions]
        rows.append([f"{context.in_language(definition['label'])} ({code})", *cells, note_of(bank, code, context)])
    return rows


def note_of(bank: Bank, code: str, context: PageContext) -> str:
    """Whether figures of an indicator can be compared between the rounds that have it."""
    _ = context.gettext
    used = [one.definitions[code] for one in bank.rounds if code in one.definitions]
    keys = dict.fromkeys(key for later, earlier in pairwise(used) for key in changed_meaning(earlier, later))
    if keys:
        names = ", ".join(_(KEYS[key]) if key in KEYS else key for key in keys)
        return _("definition changed ({keys}): figures cannot be compared as they are", keys=names)
    if len({one["version"] for one in used}) > 1:
        return _("another version that means the same")
    return ""
