"""Rounds side by side, as rows: facts of each round, and which indicators were computed by which definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.data_bank import Bank
from dashboard.services.map import changed_meaning
from dashboard.views.indicator import KEYS
from dashboard.views.validation_words import STATES
from data.workflows.bank_packages import BankRound
from data.workflows.extract_changes import CHANGES, OF_THE_TOTAL

CHANGE_WORDS = {
    "universe_unknown": mark("Belongs to the universe: unknown"),
    "value_unknown": mark("What is counted: unknown"),
    "value_changed": mark("Another value"),
    "sector_unknown": mark("Sector: unknown"),
    "age_band_unknown": mark("Age band: unknown"),
}


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


def change_rows(protection: Mapping[str, Any], bank: Bank, context: PageContext) -> list[list[str]]:
    """A row for each indicator that the extract changes: persons of whom it no longer tells something."""
    number = context.formats.number
    return [
        [_named(one["indicator"], bank, context), *(number(one[name]) for name in CHANGES)]
        for one in protection["indicators"]
        if "left_out" not in one and any(one[name] for name in CHANGES)
    ]


def change_sentences(protection: Mapping[str, Any], context: PageContext) -> list[str]:
    """What was recoded, which indicators stay as they are in total, and which can no longer be computed."""
    _, number = context.gettext, context.formats.number
    entries = protection["indicators"]
    counted = [one for one in entries if "left_out" not in one]
    same = sum(not any(one[name] for name in OF_THE_TOTAL) for one in counted)
    lacking = [one["indicator"] for one in entries if "left_out" in one]
    told = [
        _(
            "Households without sector: {homes}. Persons with a wide age band only: {wide}; with none: {blank}. Still "
            "rare after that: {rare} persons.",
            homes=number(protection["households_without_sector"]),
            wide=number(protection["persons_with_wide_age_band"]),
            blank=number(protection["persons_without_age_band"]),
            rare=number(protection["rare_after"]),
        ),
        _(
            "Of {all} indicators {same} give in total what the original gives, to the last digit.",
            all=number(len(entries)),
            same=number(same),
        ),
    ]
    if lacking:
        names = ", ".join(lacking)
        told.append(_("Cannot be computed from it, because their columns are left out: {names}.", names=names))
    return told


def _named(code: str, bank: Bank, context: PageContext) -> str:
    label = (bank.definitions.get(code) or {}).get("label")
    return f"{context.in_language(label)} ({code})" if label else code
