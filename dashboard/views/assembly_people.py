"""Who takes part, in numbers: tables by sex, age, zone, organisation; the sentence beside the inhabitants. No Dash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.context import PageContext
from dashboard.services.assembly import ProcessInfo
from dashboard.views.assembly_words import AGES, SEXES


@dataclass(frozen=True)
class FigureTable:
    """A small table in words. `heads`: the first is of names, the others are of figures."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def why_no_people(process: ProcessInfo, context: PageContext) -> str:
    """Why no numbers of participants are shown; empty where they are."""
    _ = context.gettext
    if not process.participants:
        return _("No participants were registered.")
    if any(one.persons is None for one in process.participants):
        return _("Too few of a group registered to be told apart.")
    return ""


def people_tables(process: ProcessInfo, context: PageContext) -> list[FigureTable]:
    """By sex, by age and zone where every group is large enough, and by organisation."""
    _, share = context.gettext, context.formats.share
    total, living = total_of(process), shares_of_inhabitants(process)
    counts = [(_(SEXES[one.sex]), one.persons or 0) for one in process.participants]
    by_sex = counted(_("Registered participants by sex"), _("Who"), counts, total, context)
    if living:
        rows = [(*row, share(living.get(one.sex))) for row, one in zip(by_sex.rows, process.participants, strict=True)]
        heads = (*by_sex.heads, _("Share of the inhabitants"))
        by_sex = FigureTable(by_sex.caption, heads, tuple(rows))
    ages = [(_(AGES[age]) if age in AGES else age, persons) for age, persons in process.by_age]
    zones = [(zone or "–", persons) for zone, persons in process.by_zone]
    others = _("Others, or none told")
    stands_for = [(name or others, persons) for name, persons in process.by_organisation]
    made = [
        by_sex,
        counted(_("Registered participants by age"), _("Age"), ages, total, context),
        counted(_("Registered participants by zone"), _("Zone"), zones, total, context),
        counted(_("Registered participants by organisation"), _("Organisation"), stands_for, total, context),
    ]
    return [table for table in made if table.rows]


def counted(
    caption: str, label: str, counts: Sequence[tuple[str, int]], total: int, context: PageContext
) -> FigureTable:
    _, number, share = context.gettext, context.formats.number, context.formats.share
    rows = tuple((name, number(persons), share(persons / total if total else None)) for name, persons in counts)
    return FigureTable(caption, (label, _("Persons"), _("Share")), rows)


def total_of(process: ProcessInfo) -> int:
    return sum(one.persons or 0 for one in process.participants)


def shares_of_inhabitants(process: ProcessInfo) -> Mapping[str, float]:
    """Share of women and of men among women and men who live there; empty where the site has no population."""
    living = process.inhabitants
    both = living.women + living.men if living else 0
    return {"female": living.women / both, "male": living.men / both} if living and both else {}


def parity_words(process: ProcessInfo, context: PageContext) -> tuple[str, str]:
    """How many of the inhabitants take part, with women's share beside that among them; and the source, "" for none."""
    _, number, share = context.gettext, context.formats.number, context.formats.share
    people, living, total = process.inhabitants, shares_of_inhabitants(process), total_of(process)
    women = next((one for one in process.participants if one.sex == "female"), None)
    if people is None or not living or women is None or not total:
        return _("The population of the site is not stated, so it cannot stand beside the participants."), ""
    sentence = _(
        "{persons} people take part, {rate} of every 1,000 inhabitants. Women are {women} of them and {all_women} of "
        "the inhabitants.",
        persons=number(total),
        rate=number(1000 * total / (people.women + people.men), 1),
        women=share((women.persons or 0) / total),
        all_women=share(living["female"]),
    )
    return sentence, _("Inhabitants of {year}: {source}", year=people.year, source=context.stored(people.source))
