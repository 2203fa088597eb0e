"""What the Overview shows: the greatest needs of women and men, and what today's budget does about them, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboard.context import PageContext
from dashboard.figures.bars import Bar, PersonsRow
from dashboard.services.findings import Gap, SexFigure
from dashboard.services.overview import NeedAndMoney, Overview
from dashboard.views.needs import with_interval

MOST_NEEDS = 8
MOST_UNSERVED = 10


@dataclass(frozen=True)
class TileView:
    """A tile's label, value and note; `group` colours it."""

    label: str
    value: str
    note: str
    group: str | None = None


@dataclass(frozen=True)
class OverviewView:
    """Everything on the page, in the reader's language."""

    lead: tuple[str, ...]
    tiles: tuple[TileView, ...]
    needs_finding: str
    needs_rows: tuple[PersonsRow, ...]
    needs_header: tuple[str, ...]
    needs_table: tuple[tuple[str, ...], ...]
    money_finding: str
    money_labels: tuple[str, ...]
    money_bars: tuple[Bar, ...]
    money_header: tuple[str, ...]
    money_table: tuple[tuple[str, ...], ...]
    unserved: tuple[str, ...]
    served_header: tuple[str, ...]
    served_table: tuple[tuple[str, ...], ...]


def overview_view(found: Overview, context: PageContext) -> OverviewView:
    """The words and rows of the page."""
    _ = context.gettext
    top = found.needs[:MOST_NEEDS]
    return OverviewView(
        lead=lead_sentences(found, context),
        tiles=tuple(overview_tiles(found, context)),
        needs_finding=needs_finding(top, context),
        needs_rows=tuple(persons_row(need.gap, context) for need in top),
        needs_header=(_("Need"), _("Women affected"), _("share of women"), _("Men affected"), _("share of men")),
        needs_table=tuple(needs_row(need.gap, context) for need in found.needs),
        money_finding=money_finding(found, context),
        money_labels=tuple(context.in_language(item.heading, _("Without heading")) for item in found.headings),
        money_bars=tuple(money_bar(item.money, found, context) for item in found.headings),
        money_header=(_("Heading"), _("Programmes"), _("Money of the year")),
        money_table=tuple(
            (
                context.in_language(item.heading, _("Without heading")),
                context.formats.number(item.programme_count),
                context.formats.money(item.money, currency_of(context)),
            )
            for item in found.headings
        ),
        unserved=unserved_lines(found.unserved, context),
        served_header=(
            _("Need"),
            _("Women covered"),
            _("Men covered"),
            _("Money of its programmes"),
            _("Money per person affected"),
        ),
        served_table=tuple(served_row(need, context) for need in top),
    )


def currency_of(context: PageContext) -> str:
    return context.site.currency if context.site else ""


def need_name(gap: Gap, context: PageContext) -> str:
    """The indicator read as a need: where higher is better, those lack it who are *not* counted."""
    name = context.in_language(gap.label)
    named = context.in_language(gap.lacking_label) or (name if gap.direction == "down" else "")
    return named or context.gettext("{indicator}: those who do not", indicator=name)


def lead_sentences(found: Overview, context: PageContext) -> tuple[str, ...]:
    """The page in two sentences: the greatest need, and what the budget does."""
    _, formats = context.gettext, context.formats
    sentences = []
    if found.needs:
        gap = found.needs[0].gap
        sentences.append(
            _(
                "The need that affects most people: {need} ({people} people).",
                need=need_name(gap, context),
                people=formats.number(gap.lacking),
            )
        )
    if found.linked_share is not None and found.needs:
        number = len(found.unserved)
        sentences.append(
            _(
                "Of the budget, {money} ({share}) goes to programmes that serve a measured need.",
                money=formats.millions(found.linked, currency_of(context)),
                share=formats.share(found.linked_share),
            )
        )
        everything = _("Every need that can be shown has at least one programme.")
        sentences.append(
            everything
            if not number
            else context.ngettext(
                "{number} need is served by no programme.",
                "{number} needs are served by no programme.",
                number,
                number=formats.number(number),
            )
        )
    return tuple(sentences)


def overview_tiles(found: Overview, context: PageContext) -> list[TileView]:
    _, formats = context.gettext, context.formats
    tiles = [tile for group in ("women", "men") if (tile := group_tile(found, group, context))]
    if found.budget is not None:
        label = _("Budget {year}", year=found.year) if found.year else _("Budget of the programmes")
        note = _("modified budget (PIM)") if found.is_budget_from_lines else _("stated, without budget lines")
        tiles.append(TileView(label, formats.millions(found.budget, currency_of(context)), note))
    if found.linked_share is not None:
        tiles.append(
            TileView(
                _("Share that serves measured needs"),
                formats.share(found.linked_share),
                formats.millions(found.linked, currency_of(context)),
            )
        )
    return tiles


def group_tile(found: Overview, group: str, context: PageContext) -> TileView | None:
    """The need that most of the group lack."""
    _, formats = context.gettext, context.formats
    sides = [(side, need.gap) for need in found.needs if (side := side_of(need.gap, group)) and side.lacking]
    if not sides:
        return None
    side, gap = max(sides, key=lambda pair: pair[0].lacking or 0)
    label = _("Affects most women") if group == "women" else _("Affects most men")
    number = formats.number(side.lacking)
    return TileView(label, number, f"{need_name(gap, context)} · {formats.share(share_lacking(side))}", group)


def side_of(gap: Gap, group: str) -> SexFigure | None:
    return gap.women if group == "women" else gap.men


def needs_finding(top: Sequence[NeedAndMoney], context: PageContext) -> str:
    """How many of the needs women lack more, how many men, and how many both alike; together they are all of them.

    Shares and not heads: where more women than men live, most needs affect more women.
    """
    _, formats = context.gettext, context.formats
    if not top:
        return _("No need can be shown.")
    sides = [need.gap.worse_off for need in top]
    return _(
        "Of the {number} greatest needs, by share of each group: more common among women {women}, among men {men}, "
        "about equal or too uncertain to tell {equal}.",
        number=formats.number(len(top)),
        women=formats.number(sides.count("women")),
        men=formats.number(sides.count("men")),
        equal=formats.number(sides.count(None)),
    )


def persons_row(gap: Gap, context: PageContext) -> PersonsRow:
    sides = {group: person_bar(side_of(gap, group), context) for group in ("women", "men")}
    return PersonsRow(need_name(gap, context), sides["women"], sides["men"])


def person_bar(side: SexFigure | None, context: PageContext) -> Bar | None:
    if side is None or side.lacking is None:
        return None
    share = share_lacking(side)
    return Bar(side.lacking, f"{context.formats.number(side.lacking)} ({context.formats.share(share, 0)})")


def share_lacking(side: SexFigure) -> float | None:
    return side.lacking / side.universe if side.lacking is not None and side.universe else None


def share_covered(side: SexFigure | None) -> float | None:
    lacking = share_lacking(side) if side else None
    return None if lacking is None else 1.0 - lacking


def needs_row(gap: Gap, context: PageContext) -> tuple[str, ...]:
    cells = [need_name(gap, context)]
    for side in (gap.women, gap.men):
        cells += [context.formats.number(side.lacking if side else None), lacking_with_interval(gap, side, context)]
    return tuple(cells)


def lacking_with_interval(gap: Gap, side: SexFigure | None, context: PageContext) -> str:
    """The share that lacks it: the estimate where lower is better, its complement where higher is."""
    if side is None or gap.direction == "down" or side.estimate is None:
        return with_interval(side, False, context)
    high, low = (None if bound is None else 1 - bound for bound in (side.ci_low, side.ci_high))
    error = side.standard_error
    turned = SexFigure(1 - side.estimate, standard_error=error, ci_low=low, ci_high=high, persons=side.persons)
    return with_interval(turned, False, context)


def money_finding(found: Overview, context: PageContext) -> str:
    _, formats = context.gettext, context.formats
    if not found.headings:
        return _("No programme has been entered.")
    first = found.headings[0]
    return _(
        "Most programme money goes to {heading}: {money}",
        heading=context.in_language(first.heading, _("Without heading")),
        money=formats.millions(first.money, currency_of(context)),
    )


def money_bar(money: Decimal, found: Overview, context: PageContext) -> Bar:
    total = sum((item.money for item in found.headings), Decimal(0))
    share = f" ({context.formats.share(money / total, 0)})" if total else ""
    return Bar(float(money) / 1e6, f"{context.formats.millions(money, currency_of(context))}{share}")


def unserved_lines(needs: Sequence[NeedAndMoney], context: PageContext) -> tuple[str, ...]:
    """The greatest ones, and how many more there are."""
    lines = [unserved_line(need, context) for need in needs[:MOST_UNSERVED]]
    more = len(needs) - len(lines)
    if more:
        number = context.formats.number(more)
        lines.append(context.ngettext("and {number} smaller one", "and {number} smaller ones", more, number=number))
    return tuple(lines)


def unserved_line(need: NeedAndMoney, context: PageContext) -> str:
    _, formats = context.gettext, context.formats
    name, women, men = need_name(need.gap, context), need.gap.women, need.gap.men
    if women is None or men is None:
        side, sentence = (men, _("{need}: {number} men")) if women is None else (women, _("{need}: {number} women"))
        return sentence.format(need=name, number=formats.number(side.lacking if side else None))
    numbers = {"women": formats.number(women.lacking), "men": formats.number(men.lacking)}
    return _("{need}: {women} women and {men} men", need=name, **numbers)


def served_row(need: NeedAndMoney, context: PageContext) -> tuple[str, ...]:
    formats, currency = context.formats, currency_of(context)
    people = need.gap.lacking
    per_person = need.money / Decimal(str(people)) if need.money is not None and people and need.programmes else None
    return (
        need_name(need.gap, context),
        *(formats.share(share_covered(side)) for side in (need.gap.women, need.gap.men)),
        formats.millions(need.money, currency) if need.programmes else context.gettext("no programme"),
        formats.money(per_person, currency),
    )
