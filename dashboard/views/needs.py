"""What the Needs page shows: gaps between women and men, sorted, in words, as rows of a chart, a table and a file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.context import PageContext
from dashboard.figures.dumbbell import Dot, Row
from dashboard.services.findings import Findings, Gap, RoundInfo, SexFigure
from dashboard.views.focus_groups import Priorities, priority_header, priority_numbers, priority_texts
from dashboard.views.words import dimension_name, full_precision, round_sources, unit_name
from data.writers.tables import Cell

MISSING_PAIR = "–"
NO_PRIORITIES: Priorities = {}  # no focus group was held


@dataclass(frozen=True)
class NeedsView:
    """Everything on the page, in the reader's language."""

    finding: str
    chart_rows: tuple[Row, ...]
    header: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    mean_header: tuple[str, ...]
    mean_table: tuple[tuple[str, ...], ...]  # indicators that are means: each in its own unit, not in the chart
    suppressed: tuple[str, ...]  # names of indicators with too few answers to be shown
    one_sided: tuple[str, ...]  # names of indicators that concern one sex only
    least: int | None = None  # about how many persons a protected figure needs to be shown


def needs_view(
    findings: Findings, dimension: str | None, context: PageContext, priorities: Priorities = NO_PRIORITIES
) -> NeedsView:
    """The gaps of one dimension (None: all), women's greatest disadvantage first."""
    gaps = [gap for gap in findings.gaps if not dimension or gap.dimension == dimension]
    shares = sort_by_disadvantage([gap for gap in gaps if not gap.is_mean and gap.gap is not None])
    means = [gap for gap in gaps if gap.is_mean and (gap.gap is not None or gap.is_suppressed)]
    hidden = [gap for gap in gaps if gap.is_suppressed]
    alone = [gap for gap in gaps if not gap.is_suppressed and (gap.women is None) != (gap.men is None)]
    is_census = bool(findings.round and findings.round.is_census)
    in_table = [*shares, *[gap for gap in [*alone, *hidden] if not gap.is_mean]]
    return NeedsView(
        finding=finding_sentence(shares, is_census, context),
        chart_rows=tuple(chart_row(gap, context) for gap in shares),
        header=table_header(is_census, context, priorities),
        table=tuple(table_row(gap, is_census, context, priorities) for gap in in_table),
        mean_header=mean_header(is_census, context),
        mean_table=tuple(mean_row(gap, is_census, context) for gap in means),
        suppressed=tuple(context.in_language(gap.label) for gap in hidden),
        one_sided=tuple(context.in_language(gap.label) for gap in alone),
        least=max((side.least or 0 for gap in hidden for side in (gap.women, gap.men) if side), default=None),
    )


def sort_by_disadvantage(gaps: Sequence[Gap]) -> list[Gap]:
    """Where women lack more comes first, by how much; where men lack more comes last."""
    return sorted(gaps, key=lambda gap: (-disadvantage_of_women(gap), gap.code))


def disadvantage_of_women(gap: Gap) -> float:
    """The gap with the sign that says women are worse off (positive), whatever direction the indicator has."""
    return (gap.gap or 0.0) * (1 if gap.direction == "down" else -1)


def finding_sentence(gaps: Sequence[Gap], is_census: bool, context: PageContext) -> str:
    """The widest gap against women, else against men, in words; only a gap that is more than noise is named."""
    _, formats = context.gettext, context.formats
    real = [gap for gap in gaps if gap.worse_off]
    if not real:
        return _("No gap between women and men here is larger than what chance in the sample would explain.")
    worst = real[0] if disadvantage_of_women(real[0]) > 0 else real[-1]
    facts = {
        "indicator": context.in_language(worst.label),
        "women": formats.share(worst.women.estimate if worst.women else None),
        "men": formats.share(worst.men.estimate if worst.men else None),
        "against_women": sum(1 for gap in real if gap.worse_off == "women"),
        "against_men": sum(1 for gap in real if gap.worse_off == "men"),
        "equal": sum(1 for gap in gaps if gap.worse_off is None),
    }
    return _(
        "Widest gap: {indicator}, {women} of women and {men} of men. Indicators in which women are worse off: "
        "{against_women}; men: {against_men}; about equal or too uncertain to tell: {equal}.",
        **facts,
    )


def indicator_name(gap: Gap, context: PageContext) -> str:
    """The name; it says so where higher is better, as most indicators count who lacks something."""
    name = context.in_language(gap.label)
    return name if gap.direction == "down" else context.gettext("{indicator} (higher is better)", indicator=name)


def chart_row(gap: Gap, context: PageContext) -> Row:
    return Row(
        label=indicator_name(gap, context),
        women=dot(gap.women, context),
        men=dot(gap.men, context),
        gap=context.formats.points(gap.gap) + ("" if gap.worse_off else " ≈"),
    )


def dot(side: SexFigure | None, context: PageContext) -> Dot:
    if side is None or side.estimate is None:
        raise ValueError("A row of the chart needs both sexes.")
    return Dot(side.estimate, side.ci_low, side.ci_high, with_interval(side, False, context))


def with_interval(side: SexFigure | None, is_mean: bool, context: PageContext) -> str:
    """`45.7 % (43.1–48.3)`, without brackets for a census; in words where the answers allow no interval."""
    _, formats = context.gettext, context.formats
    if side is None:
        return _("does not apply")
    if side.is_suppressed:
        return protected_mark(side, context)
    main = formats.number(side.estimate, 2) if is_mean else formats.share(side.estimate)
    if side.ci_low is None or side.ci_high is None:
        return main
    if side.error == math.inf:
        return _("{figure} (too few answers for an interval)", figure=main)
    scale, decimals = (1, 2) if is_mean else (100, 1)
    low, high = (formats.number(bound * scale, decimals) for bound in (side.ci_low, side.ci_high))
    return f"{main} ({low}–{high})"


def protected_mark(side: SexFigure, context: PageContext) -> str:
    """What stands in place of a figure that is not shown."""
    _ = context.gettext
    if side.least is None:
        return _("protected")
    return _("protected: fewer than about {least} persons", least=context.formats.number(side.least))


def table_header(is_census: bool, context: PageContext, priorities: Priorities = NO_PRIORITIES) -> tuple[str, ...]:
    _ = context.gettext
    noise = () if is_census else (_("More than chance?"),)
    return (
        _("Indicator"),
        _("Women"),
        _("Men"),
        _("Gap (women − men)"),
        *noise,
        _("Women affected"),
        _("Men affected"),
        *priority_header(priorities, context),
        _("Dimension"),
    )


def table_row(
    gap: Gap, is_census: bool, context: PageContext, priorities: Priorities = NO_PRIORITIES
) -> tuple[str, ...]:
    formats = context.formats
    difference = formats.signed(gap.gap, 3) if gap.is_mean else formats.points(gap.gap)
    noise = () if is_census else (noise_word(gap, context),)
    return (
        indicator_name(gap, context),
        with_interval(gap.women, gap.is_mean, context),
        with_interval(gap.men, gap.is_mean, context),
        difference,
        *noise,
        lacking(gap.women, context),
        lacking(gap.men, context),
        *priority_texts(priorities, gap.code, context),
        dimension_name(gap.dimension, context),
    )


def mean_header(is_census: bool, context: PageContext) -> tuple[str, ...]:
    name, *figures = table_header(is_census, context)
    return (name, context.gettext("Unit"), *figures[: 4 - is_census])


def mean_row(gap: Gap, is_census: bool, context: PageContext) -> tuple[str, ...]:
    """As in the table of shares, with the unit and without persons affected: a mean affects nobody in particular."""
    name, *figures = table_row(gap, is_census, context)
    return (name, unit_name(gap.unit, context), *figures[: 4 - is_census])


def lacking(side: SexFigure | None, context: PageContext) -> str:
    """Persons affected, or why they are not shown."""
    if side is not None and side.is_suppressed:
        return context.gettext("protected")
    return context.formats.number(side.lacking if side else None)


def noise_word(gap: Gap, context: PageContext) -> str:
    _ = context.gettext
    if gap.is_more_than_noise is None:
        return MISSING_PAIR
    return _("yes") if gap.is_more_than_noise else _("no")


def export_header(context: PageContext, priorities: Priorities = NO_PRIORITIES) -> list[str]:
    _ = context.gettext
    header = [_("Code"), _("Indicator"), _("Dimension"), _("Lower is better"), _("Unit")]
    for group in (_("Women"), _("Men")):
        header += [
            f"{group}: {name}"
            for name in (
                _("share 0–1 or mean"),
                _("95 % from"),
                _("95 % to"),
                _("answers"),
                _("universe (persons)"),
                _("affected (persons)"),
            )
        ]
    said = priority_header(priorities, context)
    return [*header, _("Gap (women − men)"), _("Source of the definition"), *said]


def export_rows(
    findings: Findings, dimension: str | None, context: PageContext, priorities: Priorities = NO_PRIORITIES
) -> list[list[Cell]]:
    """What the page shows as numbers; a cell with too few answers is empty."""
    gaps = sort_by_disadvantage([gap for gap in findings.gaps if not dimension or gap.dimension == dimension])
    return [[*export_row(gap, context), *priority_numbers(priorities, gap.code)] for gap in gaps]


def export_row(gap: Gap, context: PageContext) -> list[Cell]:
    _ = context.gettext
    row: list[Cell] = [
        gap.code,
        context.in_language(gap.label),
        dimension_name(gap.dimension, context),
        _("yes") if gap.direction == "down" else _("no"),
        unit_name(gap.unit, context) if gap.is_mean else _("share 0–1"),
    ]
    for side in (gap.women, gap.men):
        if side is not None and side.is_suppressed:
            row += [protected_mark(side, context), *[None] * 5]
            continue
        row += [
            getattr(side, name, None) for name in ("estimate", "ci_low", "ci_high", "persons", "universe", "lacking")
        ]
    return [*row, gap.gap, context.stored(gap.source)]


def export_notes(findings: Findings, filters: Sequence[tuple[str, str]], context: PageContext) -> list[tuple[str, str]]:
    """What every file says of itself: site, synthetic or not, filters, period, source, protection."""
    _ = context.gettext
    notes = [(_("Site"), context.site.name if context.site else "")]
    if context.site and context.site.is_synthetic:
        notes.append((_("Warning"), _("SYNTHETIC DATA: no figure here describes real people.")))
    notes += list(filters)
    if isinstance(findings.round, RoundInfo):
        notes.append((_("Source"), " · ".join(part for part in round_sources(findings.round, context) if part)))
    if findings.is_public:
        notes.append((_("Protection"), protection_note(context)))
    return [*notes, (_("Precision"), full_precision(context))]


def protection_note(context: PageContext) -> str:
    """How public figures are protected, and what is not published."""
    return context.gettext(
        "Counts are rounded in small areas and added up, so that nobody can be recognised; sums and differences of "
        "published figures agree. What rests on too few persons is marked as protected; sensitive indicators are left "
        "out, and so are medians, Gini coefficients and other figures that are no sums."
    )
