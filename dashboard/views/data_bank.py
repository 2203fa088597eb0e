"""Rounds side by side, as rows: facts of each round, and which indicators were computed by which definition."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.context import PageContext
from dashboard.services.data_bank import Bank
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
    """A row an indicator: the version of its definition in each round; where versions differ, that is said."""
    _ = context.gettext
    rows = []
    for code, definition in bank.definitions.items():
        versions = [one.indicators.get(code) for one in bank.rounds]
        used = {version for version in versions if version is not None}
        cells = ["–" if version is None else _("version {number}", number=version) for version in versions]
        changed = _("definition changed: figures cannot be compared as they are") if len(used) > 1 else ""
        rows.append([f"{context.in_language(definition['label'])} ({code})", *cells, changed])
    return rows
