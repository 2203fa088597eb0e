"""What the Programmes page shows: every parameter of every programme with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.programmes import ProgrammeInfo, ProgrammeList, ServedNeed

ASSUMPTION = "assumption"
RESPONSES = {
    "linear": mark("linear up to the ceiling"),
    "exponential": mark("diminishing returns"),
    "tanh": mark("diminishing returns (tanh)"),
}


@dataclass(frozen=True)
class Fact:
    """A parameter: its name, its value, whence it comes, and whether that is an assumption."""

    name: str
    value: str
    source: str
    is_assumption: bool


@dataclass(frozen=True)
class ProgrammeCard:
    """One programme in words."""

    code: str
    name: str
    money: str
    lock: str | None
    facts: tuple[Fact, ...]
    serves_header: tuple[str, ...]
    serves: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class HeadingGroup:
    """Programmes under one heading."""

    heading: str
    programmes: tuple[ProgrammeCard, ...]


@dataclass(frozen=True)
class ProgrammesView:
    """Everything on the page."""

    groups: tuple[HeadingGroup, ...]
    summary: str


def programmes_view(found: ProgrammeList, context: PageContext) -> ProgrammesView:
    """Programmes by heading, in their stored order."""
    groups: dict[str, list[ProgrammeCard]] = {}
    for programme in found.programmes:
        heading = context.in_language(programme.heading, context.gettext("Without heading"))
        groups.setdefault(heading, []).append(programme_card(programme, found.year, context))
    cards = tuple(HeadingGroup(heading, tuple(members)) for heading, members in groups.items())
    return ProgrammesView(cards, summary_sentence(cards, context))


def summary_sentence(groups: tuple[HeadingGroup, ...], context: PageContext) -> str:
    facts = [fact for group in groups for programme in group.programmes for fact in programme.facts]
    assumed = sum(1 for fact in facts if fact.is_assumption)
    number = sum(len(group.programmes) for group in groups)
    return context.gettext(
        "{programmes} programmes with {parameters} parameters, {assumed} of them assumptions (marked).",
        programmes=context.formats.number(number),
        parameters=context.formats.number(len(facts)),
        assumed=context.formats.number(assumed),
    )


def programme_card(programme: ProgrammeInfo, year: int | None, context: PageContext) -> ProgrammeCard:
    _ = context.gettext
    return ProgrammeCard(
        code=programme.code,
        name=context.in_language(programme.name),
        money=context.formats.money(programme.baseline, currency_of(context)),
        lock=context.in_language(programme.lock_reason, _("Earmarked")) if programme.is_locked else None,
        facts=tuple(programme_facts(programme, year, context)),
        serves_header=(_("Need"), _("Effectiveness"), _("Ceiling of coverage"), _("Response"), _("Reach"), _("Source")),
        serves=tuple(serves_row(need, context) for need in programme.serves),
        lines=tuple(
            f"{line.code} · {context.formats.share(line.share)} · "
            f"{context.formats.money(line.amount, currency_of(context), 2)}"
            for line in programme.lines
        ),
    )


def currency_of(context: PageContext) -> str:
    return context.site.currency if context.site else ""


def programme_facts(programme: ProgrammeInfo, year: int | None, context: PageContext) -> list[Fact]:
    _, formats = context.gettext, context.formats
    sources = programme.sources
    facts = [
        fact(_("Unit cost, a person and year"), unit_cost(programme, context), sources, "unit_cost", context),
        fact(
            _("Capacity, persons a year"),
            number_or(programme.capacity, _("no limit known"), context),
            sources,
            "capacity",
            context,
        ),
        fact(
            _("A met need stays met for"),
            years(programme.durability_years, context),
            sources,
            "durability_years",
            context,
        ),
    ]
    money = formats.money(programme.baseline, currency_of(context), 2)
    if programme.is_baseline_stated:
        facts.append(fact(_("Money of today, stated"), money, sources, "baseline", context))
    else:
        source = _("budget lines {year}", year=year) if programme.lines else _("no budget line and no amount stated")
        facts.append(Fact(_("Money of today"), money, source, False))
    if programme.beneficiaries:
        facts.append(
            fact(
                _("Served today, by the register"),
                persons(programme.beneficiaries, context),
                sources,
                "beneficiaries",
                context,
            )
        )
    return facts


def fact(name: str, value: str, sources: Mapping[str, str], key: str, context: PageContext) -> Fact:
    source = sources.get(key, "")
    return Fact(name, value, context.stored(source), is_assumption(source))


def is_assumption(source: str) -> bool:
    """A source that says so, in either language; an unstated source is one as well."""
    return not source or source.strip().lower().startswith((ASSUMPTION, "supuesto"))


def unit_cost(programme: ProgrammeInfo, context: PageContext) -> str:
    formats, currency = context.formats, currency_of(context)
    value = formats.money(programme.unit_cost, currency, 2)
    if programme.unit_cost_low is None or programme.unit_cost_high is None:
        return value
    return f"{value} ({formats.number(programme.unit_cost_low, 2)}–{formats.number(programme.unit_cost_high, 2)})"


def number_or(value: float | None, otherwise: str, context: PageContext) -> str:
    return context.formats.number(value) if value is not None else otherwise


def years(number: int, context: PageContext) -> str:
    return context.ngettext("{number} year", "{number} years", number, number=context.formats.number(number))


def persons(beneficiaries: Mapping[str, float], context: PageContext) -> str:
    _, formats = context.gettext, context.formats
    return _(
        "{women} women, {men} men",
        women=formats.number(beneficiaries.get("women")),
        men=formats.number(beneficiaries.get("men")),
    )


def serves_row(need: ServedNeed, context: PageContext) -> tuple[str, ...]:
    formats = context.formats
    response = RESPONSES.get(need.response)
    return (
        context.in_language(need.label),
        formats.share(need.effectiveness, 0),
        formats.share(need.ceiling, 0),
        context.gettext(response) if response else need.response,
        reach_text(need.reach, context),
        context.stored(need.source),
    )


def reach_text(reach: Any, context: PageContext) -> str:
    """Who is reached: by need, or stated shares."""
    _, formats = context.gettext, context.formats
    if reach == "register":
        return _("by the register")
    if not isinstance(reach, Mapping):
        return _("by need")
    if "survey" in reach:
        return _("by the survey: {indicator}", indicator=reach["survey"])
    shares = {group: formats.share(reach.get(group), 0) for group in ("women", "men")}
    return _("{women} women, {men} men", **shares)
