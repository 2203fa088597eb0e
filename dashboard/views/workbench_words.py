"""Words of the workbench: parameters by path, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from data.workflows.programme_texts import percent

PARAMETERS: dict[str, str] = {
    "name.es": mark("Name in Spanish"),
    "name.en": mark("Name in English"),
    "heading.es": mark("Heading in Spanish"),
    "heading.en": mark("Heading in English"),
    "unit_cost.value": mark("Unit cost"),
    "unit_cost.low": mark("Unit cost, lowest"),
    "unit_cost.high": mark("Unit cost, highest"),
    "unit_cost.source": mark("Unit cost, source"),
    "capacity.value": mark("Capacity"),
    "capacity.source": mark("Capacity, source"),
    "durability_years.value": mark("Durability"),
    "durability_years.source": mark("Durability, source"),
    "running_cost.value": mark("Running cost"),
    "running_cost.source": mark("Running cost, source"),
    "beneficiaries.women": mark("Women served, register"),
    "beneficiaries.men": mark("Men served, register"),
    "beneficiaries.source": mark("Register"),
    "baseline.value": mark("Money of today, stated"),
    "baseline.source": mark("Money of today, source"),
    "floor.value": mark("Least money"),
    "floor.source": mark("Least money, source"),
    "ceiling.value": mark("Most money"),
    "ceiling.source": mark("Most money, source"),
    "locked": mark("Locked"),
    "locked.reason.es": mark("Reason of the lock, in Spanish"),
    "locked.reason.en": mark("Reason of the lock, in English"),
    "locked.source": mark("Lock, source"),
    "area_split": mark("Split over the sectors"),
}
PARTS: dict[str, str] = {  # of a need or a line
    "need": mark("need"),
    "code": mark("budget line"),
    "share": mark("share of the line"),
    "reach": mark("reach"),
    "reach.women": mark("reach, women"),
    "reach.men": mark("reach, men"),
    "reach.survey": mark("reach, indicator"),
    "effectiveness": mark("effectiveness"),
    "effectiveness.low": mark("effectiveness, lowest"),
    "effectiveness.high": mark("effectiveness, highest"),
    "effectiveness_range": mark("effectiveness, lowest and highest"),
    "ceiling": mark("ceiling of coverage"),
    "response": mark("response"),
    "source": mark("source"),
}
UNITS: dict[str, str] = {
    "unit_cost.value": mark("{currency} a person and year"),
    "unit_cost.low": mark("{currency} a person and year"),
    "unit_cost.high": mark("{currency} a person and year"),
    "capacity.value": mark("persons a year"),
    "durability_years.value": mark("years"),
    "running_cost.value": mark("{currency} a person served and later year"),
    "beneficiaries.women": mark("persons a year"),
    "beneficiaries.men": mark("persons a year"),
    "baseline.value": mark("{currency} a year"),
    "floor.value": mark("{currency} a year"),
    "ceiling.value": mark("{currency} a year"),
}
ACTIONS: dict[str, str] = {
    "add": mark("added"),
    "change": mark("changed"),
    "remove": mark("removed"),
    "found": mark("as it stood before"),
}
ORIGINS: dict[str, str] = {"grid": mark("grid of the workbench"), "form": mark("form of the workbench")}
MONEY_PATHS = ("unit_cost", "running_cost", "baseline", "floor", "ceiling")

PROBLEMS: dict[str, str] = {
    "programme-number": mark("“{value}” cannot be read as a number of 0 or more. Write 1234.50 or 1,234.50."),
    "programme-thousands": mark("“{value}” may be thousands or decimals: it is not guessed. Write 1500, or 1.5."),
    "programme-missing": mark("It is missing. Fill it in."),
    "programme-greater_than": mark("“{value}” is too small: it must be above {gt}."),
    "programme-greater_than_equal": mark("“{value}” is too small: it must be at least {ge}."),
    "programme-less_than_equal": mark("“{value}” is too large: it may be {le} at most."),
    "programme-amount_negative": mark("An amount is a number of 0 or more."),
    "programme-amount_decimals": mark("An amount has at most four decimals."),
    "programme-int_from_float": mark("“{value}” must be a whole number."),
    "programme-too_short": mark("It is missing. Fill it in."),
    "programme-string_too_short": mark("The text is too short: write a few words."),
    "programme-string_too_long": mark("The text is too long."),
    "programme-range_order": mark("Lowest {low}, value {value}, highest {high} must rise in this order."),
    "programme-reach_unreadable": mark(
        "Say whom it reaches: by need, by the register, by an indicator of the survey, or with shares of women and men."
    ),
    "programme-reach_outside": mark("A share of reach lies between 0 and 100 %."),
    "programme-reach_above_one": mark("Women and men together are above 100 %; they are parts of the same people."),
    "programme-lines_or_baseline": mark(
        "Name the budget lines that feed it, or state today's money: one of the two, not both and not neither."
    ),
    "programme-area_split_sum": mark("The shares of the sectors must add up to 100 %."),
    "programme-register_missing": mark("Reach by the register needs the number of women and men served."),
    "programme-need_twice": mark("The same need stands twice."),
    "programme-line_twice": mark("The same budget line stands twice."),
    "programme-code": mark("“{value}” cannot be a code. Use up to 80 small letters, digits and hyphens."),
    "programme-exists": mark("There is a programme “{value}” already. Choose another code."),
    "programme-unchanged": mark("Nothing differs from what is stored. Nothing was saved."),
    "need_unknown": mark("There is no need “{value}” here. Nearest: {near}."),
    "line_unknown": mark("The budget of {year} has no line “{value}”. Nearest: {near}."),
    "need_unknown_far": mark("There is no need “{value}” here, and none of a similar name. Choose one from the list."),
    "line_unknown_far": mark("The budget of {year} has no line “{value}”, and none of a similar code."),
    "area_unknown_far": mark("There is no sector “{value}” here, and none of a similar name."),
    "area_unknown": mark("There is no sector “{value}” here. Nearest: {near}."),
    "shares_above_one": mark("The shares of line {value} add up to {total}, more than the whole line ({names})."),
    "baseline_outside_limits": mark(
        "{programme}: today's money {baseline} lies outside its limits, {floor} to {ceiling}. Mend least or most money."
    ),
    "reach_unknown": mark(
        "{programme}: the survey has no count of women and men for {indicator}. Run the indicators, or state the reach."
    ),
    "portable_axes": mark(
        "Currency, sectors or groups of the model are not those of the site. Start from its own model."
    ),
    "portable_lost": mark(
        "{programme}: the site cannot keep this as the model says it. It keeps one value for all sectors, split like "
        "today's money."
    ),
    "programme-changed": mark(
        "“{programme}” was changed by {who} ({when}) after you opened it: {what}. Nothing of yours was stored. Load "
        "the page again and enter your change anew."
    ),
}


def word(words: Mapping[str, str], key: str, context: PageContext) -> str:
    """A word of a table in the reader's language."""
    return context.gettext(words[key])


def parameter_name(path: str, context: PageContext, needs: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """A parameter in words: `unit_cost.low`, `serves.WATER.reach`, `lines.20-1.share`, `area_split.S1`."""
    _ = context.gettext
    if path in PARAMETERS:
        return _(PARAMETERS[path])
    kind, _dot, rest = path.partition(".")
    if kind == "area_split" and rest:
        return _("{name}, sector {area}", name=word(PARAMETERS, kind, context), area=rest)
    if kind in ("serves", "lines") and rest:
        subject, part = _subject_and_part(rest)
        return f"{_subject_name(kind, subject, context, needs)}: {_(PARTS[part])}" if part in PARTS else subject
    value = f"{path}.value"
    return _(PARAMETERS[value]) if value in PARAMETERS else path


def _subject_and_part(rest: str) -> tuple[str, str]:
    """`WATER.reach.women` -> WATER, reach.women; codes of lines may have points of their own."""
    for part in sorted(PARTS, key=len, reverse=True):
        if rest.endswith(f".{part}"):
            return rest[: -len(part) - 1], part
    return rest, ""


def _subject_name(kind: str, subject: str, context: PageContext, needs: Mapping[str, Mapping[str, str]] | None) -> str:
    _ = context.gettext
    if subject.isdecimal() and len(subject) < 4:
        number = str(int(subject) + 1)
        return _("Need {number}", number=number) if kind == "serves" else _("Budget line {number}", number=number)
    return context.in_language((needs or {}).get(subject), subject) if kind == "serves" else subject


def is_share(path: str) -> bool:
    """Whether numbers of this place are shares, which forms and the history write in per cent."""
    return path.split(".")[0] in ("serves", "lines", "area_split")


def value_text(path: str, value: Any, context: PageContext) -> str:
    """A value of the history as people read it; an en dash where it was not stated."""
    if value is None:
        return "–"
    if isinstance(value, list):
        return "–".join(value_text(path, part, context) for part in value)
    text, kind = str(value), path.split(".")[0]
    if not text.replace(".", "", 1).isdecimal():
        return text
    number = float(text)
    if is_share(path):
        return f"{percent(text)}\u00a0%"
    decimals = 2 if kind in MONEY_PATHS else 0
    return context.formats.number(number, decimals)
