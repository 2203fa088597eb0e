"""Words that several views share: groups, stages, dimensions, and the provenance of figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from budget_model.survey.catalogue import is_part
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.findings import RoundInfo
from data.store.definitions import PendingDefinition

LONGEST_ACRONYM = 4  # letters; SIS and INEI stay in capitals

GROUPS = {"women": mark("Women"), "men": mark("Men")}
STAGES = {
    "pia": mark("Opening budget (PIA)"),
    "pim": mark("Modified budget (PIM)"),
    "certified": mark("Certified"),
    "committed": mark("Committed"),
    "accrued": mark("Accrued"),
    "paid": mark("Paid"),
}
DIMENSIONS = {
    "identity": mark("Identity"),
    "household": mark("Household"),
    "income": mark("Income and poverty"),
    "food": mark("Food"),
    "care": mark("Care and time"),
    "violence": mark("Violence and safety"),
    "health": mark("Health"),
    "education": mark("Education"),
    "work": mark("Work"),
    "water": mark("Water"),
    "sanitation": mark("Sanitation"),
    "hygiene": mark("Hygiene"),
    "housing": mark("Housing"),
    "protection": mark("Social protection"),
    "participation": mark("Participation"),
    "other": mark("Other"),
}
LABEL_KEYS = {
    "function": mark("Function"),
    "programme": mark("Budget programme"),
    "product": mark("Product or project"),
    "activity": mark("Activity"),
    "entity": mark("Entity"),
    "source": mark("Source of funds"),
    "heading": mark("Heading"),
    "division": mark("Division"),
    "group": mark("Functional group"),
    "generic": mark("Kind of expenditure"),
    "entity_code": mark("Entity (code)"),
    "function_code": mark("Function (code)"),
    "programme_code": mark("Budget programme (code)"),
    "product_code": mark("Product or project (code)"),
    "activity_code": mark("Activity (code)"),
    "purpose_code": mark("Purpose (code)"),
    "kind": mark("Project or activity"),
    "target": mark("Target (meta)"),
    "fund": mark("Fund (rubro)"),
    "category": mark("Category of expenditure"),
    "place": mark("Place of the target"),
}


def group_names(context: PageContext) -> dict[str, str]:
    return {group: context.gettext(name) for group, name in GROUPS.items()}


def unit_name(unit: Mapping[str, str] | None, context: PageContext) -> str:
    """The unit of a mean as the catalogue states it, or that it states none."""
    return context.in_language(unit) or context.gettext("unit not stated")


def dimension_name(dimension: str, context: PageContext) -> str:
    """The dimension in words; one that a municipality made up, as the catalogue has it."""
    return context.gettext(DIMENSIONS[dimension]) if dimension in DIMENSIONS else dimension


def full_precision(context: PageContext) -> str:
    """What files with figures say of their decimals."""
    return context.gettext("Figures are in full precision; the screens round them.")


def label_key_name(key: str, context: PageContext) -> str:
    return context.gettext(LABEL_KEYS[key]) if key in LABEL_KEYS else key


def sentence_case(text: str) -> str:
    """A text in capitals, as the ministry's files write functions, as a sentence; any other text stays as it is.

    For the screen only: what is stored, and what files give out, keeps the source's own writing.
    """
    if not text.isupper() or sum(letter.isalpha() for letter in text) <= LONGEST_ACRONYM:
        return text
    small = text.lower()
    first = next(place for place, letter in enumerate(small) if letter.isalpha())
    return small[:first] + small[first].upper() + small[first + 1 :]


def short_unit(context: PageContext) -> str:
    """Of an axis with money."""
    return context.gettext(
        "{currency}, millions", currency=context.formats.symbol(context.site.currency if context.site else "")
    )


def kind_of_round(found: RoundInfo, context: PageContext) -> str:
    _ = context.gettext
    return _("full count, no sampling error") if found.is_census else _("sample; intervals at 95 %")


def period_of(found: RoundInfo, context: PageContext) -> str:
    dates = [context.formats.date(day) for day in (found.starts_on, found.ends_on) if day]
    return " – ".join(dates) or found.code


UNPUBLISHED = {"draft": mark("draft — not validated"), "validated": mark("validated — not published")}


def round_name(found: RoundInfo, context: PageContext) -> str:
    """The round's code; of a round that is not published, also how far it has come: nobody takes it for the result."""
    if found.state not in UNPUBLISHED:
        return found.code
    return f"{found.code} ({context.gettext(UNPUBLISHED[found.state])})"


def round_options(rounds: Sequence[RoundInfo], context: PageContext) -> list[dict[str, str]]:
    """Rounds of a select."""
    return [{"label": round_name(one, context), "value": one.code} for one in rounds]


def round_sources(found: RoundInfo, context: PageContext) -> list[str]:
    """Round, period, what it covered, what it is: the provenance line of every figure made from the survey."""
    _, formats = context.gettext, context.formats
    rate, area = formats.share(found.coverage_rate), context.stored(found.coverage_area)
    coverage = (
        _("covers {area}, {rate} of its households", area=area, rate=rate)
        if found.coverage_rate is not None
        else _("covers {area}, coverage rate unknown", area=area)
    )
    households = _(
        "{households} households, {persons} people",
        households=formats.number(found.household_count),
        persons=formats.number(found.person_count),
    )
    if not found.is_census:
        households = _(
            "{households} households asked, {persons} people in them",
            households=formats.number(found.household_count),
            persons=formats.number(found.person_count),
        )
    if found.person_count is None:
        households = _("estimates as published by their source; the answers are not here")
    named = _("survey round {code} ({period})", code=found.code, period=period_of(found, context))
    if found.state in UNPUBLISHED:
        named = f"{named}, {_(UNPUBLISHED[found.state])}"
    parts = [named, coverage, households, kind_of_round(found, context), context.stored(found.source)]
    return [*parts, *definition_sources(found, context)]


def definition_sources(found: RoundInfo, context: PageContext) -> list[str]:
    """What officials see and the public does not yet, and what was published after the round was."""
    _ = context.gettext
    told = [pending_words(one, context) for one in found.pending if not is_part(one.code)]
    for one in found.redefined:
        name, day = context.in_language(one.label), context.formats.date(one.at.date())
        role = {"official": _("an official"), "admin": _("an administrator")}.get(one.role, _("a second person"))
        if one.earlier_version is None:
            told.append(
                _("{indicator}: added to the published round on {day} by {role}", indicator=name, day=day, role=role)
            )
            continue
        told.append(
            _(
                "{indicator}: definition changed in version {version}, published on {day} by {role}",
                indicator=name,
                version=one.version,
                day=day,
                role=role,
            )
        )
    return told


def pending_words(one: PendingDefinition, context: PageContext) -> str:
    """Which version officials see, and what the public sees of it."""
    _, name = context.gettext, context.in_language(one.label)
    if one.public_version is None:
        return _("{indicator}: computed and not published, the public does not see it", indicator=name)
    return _(
        "{indicator}: version {version} is shown here, the public sees version {public}",
        indicator=name,
        version=one.version,
        public=one.public_version,
    )
