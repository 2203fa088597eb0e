"""Two to four proposals side by side in plain words and pictures. No Dash, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from budget_model.assembly.proposals import exclusive_pairs_of
from dashboard.context import PageContext
from dashboard.figures.people_svg import people_a_figure, people_svg
from dashboard.services.assembly import ProcessInfo, ProposalInfo, ScoreBoard
from dashboard.services.findings import Gap
from dashboard.views.assembly_place import ShownPhoto, shown_photo
from dashboard.views.assembly_scores import assumption_rows, rounded_money
from dashboard.views.assembly_words import STATES, money, people
from dashboard.views.lack import gap_of_lack
from dashboard.views.side_by_side_words import (
    Sides,
    between,
    gap_sentences,
    lacking_sentence,
    of_every,
    scale_of,
    without_score,
)

FEWEST, MOST = 2, 4
GROUPS = ("women", "men")


@dataclass(frozen=True)
class Row:
    """One thing that is told of every proposal, in the same place of each."""

    name: str
    lines: tuple[str, ...]
    picture: str = ""  # SVG
    details: tuple[tuple[str, str, str], ...] = ()  # assumption, value, source
    is_warning: bool = False


@dataclass(frozen=True)
class Compared:
    """A proposal as it stands beside the others."""

    code: str
    title: str
    zone: str
    address: str
    rows: tuple[Row, ...]
    photo: ShownPhoto | None = None


@dataclass(frozen=True)
class Setting:
    """What all proposals that are compared have in common."""

    process: ProcessInfo
    chosen: Sequence[ProposalInfo]
    scores: ScoreBoard
    needs: Mapping[str, Gap]  # by code, for the whole site
    each: int  # people whom one figure of a picture stands for
    scale: int  # of every so many who have a need
    photo_sizes: Mapping[str, tuple[int, int]]


def setting_of(
    process: ProcessInfo,
    chosen: Sequence[ProposalInfo],
    scores: ScoreBoard,
    gaps: Sequence[Gap],
    photo_sizes: Mapping[str, tuple[int, int]],
) -> Setting:
    needs = {gap.code: gap_of_lack(gap) for gap in gaps}
    known = [(one.record.need, scores.scores[one.record.code]) for one in chosen if one.record.code in scores.scores]
    highest = [score[group]["high"] for _need, score in known for group in GROUPS if score[group]]
    shares = [
        score[group]["value"] / lacking
        for need, score in known
        for group in GROUPS
        if score[group] and (lacking := lacking_of(needs.get(need), group))
    ]
    return Setting(process, chosen, scores, needs, people_a_figure(highest), scale_of(shares), photo_sizes)


def lacking_of(need: Gap | None, group: str) -> float | None:
    """Women or men of the site who have a need; None where it is not known or not shown."""
    side = getattr(need, group) if need else None
    return side.lacking if side and not side.is_suppressed else None


def compared(setting: Setting, one: ProposalInfo, context: PageContext) -> Compared:
    _, record = context.gettext, one.record
    pairs = exclusive_pairs_of([each.record for each in setting.chosen])
    rows = [
        price_row(setting, one, context),
        need_row(setting, one, context),
        *(met_row(setting, one, group, context) for group in GROUPS),
        cost_row(setting, one, context),
        gap_row(setting, one, context),
        Row(_("Technical review"), (f"{_(STATES[record.state])}. {record.reason}".strip(),)),
        *([conflict_row(setting, one, pairs, context)] if pairs else []),
        assumption_row(setting, one, context),
    ]
    address = context.address("proposals", year=str(setting.process.year), code=record.code)
    title, zone = context.in_language(record.title), one.zone or _("the whole site")
    photo = shown_photo(record, setting.process.year, setting.photo_sizes, context)
    return Compared(record.code, title, zone, address, tuple(rows), photo)


def price_row(setting: Setting, one: ProposalInfo, context: PageContext) -> Row:
    _, record, process = context.gettext, one.record, setting.process
    if record.cost is None:
        return Row(_("Price"), (_("not priced yet"),))
    lines = [money(record.cost, context)]
    of_zone = next(((name, amount) for code, name, amount in process.zones if code == record.zone and amount), None)
    if of_zone:
        name, amount = of_zone
        share = context.formats.share(record.cost / amount)
        lines.append(_("{share} of the envelope of {zone}", share=share, zone=name))
    elif process.envelope:
        share = context.formats.share(record.cost / process.envelope)
        lines.append(_("{share} of the envelope of {envelope}", share=share, envelope=money(process.envelope, context)))
    else:
        lines.append(_("The envelope is not stated."))
    return Row(_("Price"), tuple(lines))


def need_row(setting: Setting, one: ProposalInfo, context: PageContext) -> Row:
    _, record = context.gettext, one.record
    title = _("Need that it answers")
    if not record.need:
        return Row(title, (_("It names no need of the survey."),))
    need = setting.needs.get(record.need)
    lines = [context.in_language(need.label if need else one.need, record.need)]
    sides = Sides(lacking_of(need, "women"), lacking_of(need, "men"))
    lines.append(lacking_sentence(need, sides, context))
    stated = people(record.women, record.men, context)
    if stated:
        lines.append(_("Who benefits, as stated with the proposal: {people}.", people=stated))
    return Row(title, tuple(lines))


def met_row(setting: Setting, one: ProposalInfo, group: str, context: PageContext) -> Row:
    _ = context.gettext
    title = _("Women who would have it met") if group == "women" else _("Men who would have it met")
    score = setting.scores.scores.get(one.record.code)
    if score is None:
        return Row(title, (without_score(setting.scores, one.record.code, context),))
    figure = score[group]
    if figure is None:
        return Row(title, (_("The need does not concern them."),))
    told = _("{number} in a year", number=context.formats.number(figure["value"]))
    lines = [f"{told}, {between(figure, context)}."]
    lacking = lacking_of(setting.needs.get(one.record.need), group)
    lines += of_every(figure["value"], lacking, setting.scale, group, context)
    picture = people_svg(figure["low"], figure["high"], setting.each, group, f"{title}: {lines[0]}")
    return Row(title, tuple(lines), picture)


def cost_row(setting: Setting, one: ProposalInfo, context: PageContext) -> Row:
    _ = context.gettext
    title, score = _("Cost of each need met"), setting.scores.scores.get(one.record.code)
    if score is None:
        return Row(title, (_("not known"),))
    if score["cost_per_need"] is None:
        return Row(title, (_("nothing is met"),))
    total, cost = score["total"], float(one.record.cost or 0)
    lines = [rounded_money(score["cost_per_need"], context)]
    if total["low"] > 0:
        low, high = (rounded_money(cost / total[end], context) for end in ("high", "low"))
        lines.append(_("between {low} and {high}", low=low, high=high))
    return Row(title, tuple(lines))


def gap_row(setting: Setting, one: ProposalInfo, context: PageContext) -> Row:
    title, score = context.gettext("Difference between women and men"), setting.scores.scores.get(one.record.code)
    if score is None:
        return Row(title, (context.gettext("not known"),))
    return Row(title, gap_sentences(setting.needs.get(one.record.need), score["gap_change_pp"], context))


def conflict_row(setting: Setting, one: ProposalInfo, pairs: Sequence[frozenset[str]], context: PageContext) -> Row:
    _, code = context.gettext, one.record.code
    beside = {each.record.code for each in setting.chosen}
    others = sorted(other for pair in pairs if code in pair for other in pair - {code})
    lines = [_("Cannot be done together with {code}.", code=other) for other in others]
    if not lines:
        return Row(_("Cannot both be done"), (_("Nothing stands against it, as far as is stated."),))
    return Row(_("Cannot both be done"), tuple(lines), is_warning=bool(beside & set(others)))


def assumption_row(setting: Setting, one: ProposalInfo, context: PageContext) -> Row:
    _ = context.gettext
    score = setting.scores.scores.get(one.record.code)
    if score is None:
        return Row(_("What the figures rest on"), (_("There are no figures."),))
    told = [(name, value, source) for name, value, source in assumption_rows(setting.scores, score, context)]
    return Row(_("What the figures rest on"), (), details=tuple(told))


def together_sentences(setting: Setting, context: PageContext) -> list[str]:
    """What cannot both be done among those that are compared, and whether the money reaches for all of them."""
    _ = context.gettext
    beside = {one.record.code for one in setting.chosen}
    pairs = [sorted(pair) for pair in exclusive_pairs_of([one.record for one in setting.chosen]) if pair <= beside]
    told = [_("{first} and {second} cannot both be done.", first=first, second=second) for first, second in pairs]
    costs = [one.record.cost for one in setting.chosen]
    envelope = setting.process.envelope
    if envelope is None or any(cost is None for cost in costs):
        return told
    total = sum((cost for cost in costs if cost is not None), Decimal(0))
    amounts = {"total": money(total, context), "envelope": money(envelope, context)}
    if total > envelope:
        told.append(_("All of them cost {total}, more than the envelope of {envelope}.", **amounts))
    else:
        told.append(_("All of them cost {total} and fit into the envelope of {envelope}.", **amounts))
    return told
