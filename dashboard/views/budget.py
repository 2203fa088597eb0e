"""What the Budget page shows: totals by year and stage, the parts of a year, execution, what lines say of gender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboard.context import PageContext
from dashboard.figures.bars import Bar
from dashboard.services.budget import STAGES, Amounts, BudgetView, PartTotals, YearTotals
from dashboard.views import words
from data.writers.tables import Cell

CHART_STAGES = ("pia", "pim", "accrued")
MOST_BARS = 12


@dataclass(frozen=True)
class BudgetPage:
    """Everything on the page, in the reader's language."""

    finding: str
    chart_amounts: dict[str, list[Bar | None]]
    header: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    parts_finding: str
    parts_labels: tuple[str, ...]
    parts_bars: tuple[Bar, ...]
    parts_header: tuple[str, ...]
    parts_table: tuple[tuple[str, ...], ...]
    gender: str
    files: tuple[str, ...]


def budget_page(found: BudgetView, context: PageContext) -> BudgetPage:
    """The words and rows of the page."""
    _ = context.gettext
    currency = currency_of(context)
    stages = stage_names(context)
    return BudgetPage(
        finding=finding_sentence(found, context),
        chart_amounts={s: [bar(total.amounts[s], context) for total in found.years] for s in CHART_STAGES},
        header=(_("Year"), _("Lines"), *stages.values(), _("Execution (accrued / modified)")),
        table=tuple(year_row(total, currency, context) for total in reversed(found.years)),
        parts_finding=parts_finding(found, context),
        parts_labels=tuple(part_name(part, context) for part in found.parts[:MOST_BARS]),
        parts_bars=tuple(part_bar(part, context) for part in found.parts[:MOST_BARS]),
        parts_header=(
            words.label_key_name(found.label_key or "", context),
            _("Lines"),
            *stages.values(),
            _("Execution (accrued / modified)"),
        ),
        parts_table=tuple(part_row(part, currency, context) for part in found.parts),
        gender=gender_sentence(found, context),
        files=next((total.files for total in found.years if total.year == found.year), ()),
    )


def currency_of(context: PageContext) -> str:
    return context.site.currency if context.site else ""


def stage_names(context: PageContext) -> dict[str, str]:
    return {stage: context.gettext(words.STAGES[stage]) for stage in STAGES}


def bar(amount: Decimal | None, context: PageContext) -> Bar | None:
    """In millions; None where the source lacks the stage."""
    if amount is None:
        return None
    return Bar(float(amount) / 1e6, context.formats.money(amount, currency_of(context), 2))


def size(amounts: Amounts) -> Decimal:
    return next((a for stage in ("pim", "pia", "accrued") if (a := amounts.get(stage)) is not None), Decimal(0))


def part_name(part: PartTotals, context: PageContext) -> str:
    return words.sentence_case(part.label) if part.label else context.gettext("Without label")


def part_bar(part: PartTotals, context: PageContext) -> Bar:
    amount = size(part.amounts)
    return Bar(float(amount) / 1e6, context.formats.millions(amount, currency_of(context)))


def money_cells(amounts: Amounts, currency: str, context: PageContext) -> tuple[str, ...]:
    return tuple(context.formats.money(amounts.get(stage), currency, 2) for stage in STAGES)


def year_row(total: YearTotals, currency: str, context: PageContext) -> tuple[str, ...]:
    formats = context.formats
    cells = money_cells(total.amounts, currency, context)
    return (str(total.year), formats.number(total.line_count), *cells, formats.share(total.execution_rate))


def part_row(part: PartTotals, currency: str, context: PageContext) -> tuple[str, ...]:
    formats = context.formats
    cells = money_cells(part.amounts, currency, context)
    return (part_name(part, context), formats.number(part.line_count), *cells, formats.share(part.execution_rate))


def finding_sentence(found: BudgetView, context: PageContext) -> str:
    _, formats = context.gettext, context.formats
    total = next((total for total in found.years if total.year == found.year), None)
    if total is None:
        return _("There are no budget lines.")
    facts = {"year": total.year, "amount": formats.millions(size(total.amounts), currency_of(context))}
    if total.execution_rate is None:
        return _("The budget of {year} is {amount}; how much of it was spent is not in the source.", **facts)
    return _("Of the {amount} of {year}, {share} has been accrued.", share=formats.share(total.execution_rate), **facts)


def parts_finding(found: BudgetView, context: PageContext) -> str:
    _, formats = context.gettext, context.formats
    total = sum((size(part.amounts) for part in found.parts), Decimal(0))
    if not found.parts or not total:
        return _("There are no budget lines.")
    first = found.parts[0]
    return _(
        "The largest part of {year} goes to {part}: {share}",
        year=found.year,
        part=part_name(first, context),
        share=formats.share(size(first.amounts) / total),
    )


def gender_sentence(found: BudgetView, context: PageContext) -> str:
    """What the lines themselves state; never a guess where they state nothing."""
    _, formats, currency = context.gettext, context.formats, currency_of(context)
    if found.gender is None:
        return _("No line of this year states a share for women or for gender equality.")
    return context.ngettext(
        "{lines} line states a share for gender equality: {full} in full, {weighted} weighted with it ({stage}).",
        "{lines} lines state a share for gender equality: {full} in full, {weighted} weighted with it ({stage}).",
        found.gender.line_count,
        lines=formats.number(found.gender.line_count),
        full=formats.money(found.gender.full, currency, 2),
        weighted=formats.money(found.gender.weighted, currency, 2),
        stage=_(words.STAGES[found.gender.stage]),
    )


def export_tables(found: BudgetView, context: PageContext) -> list[tuple[str, list[str], Sequence[Sequence[Cell]]]]:
    """The two tables of the page as exact numbers: title, header, rows."""
    _ = context.gettext
    stages = list(stage_names(context).values())
    years = [[t.year, t.line_count, *(t.amounts.get(s) for s in STAGES), t.execution_rate] for t in found.years]
    parts = [[p.label, p.line_count, *(p.amounts.get(s) for s in STAGES), p.execution_rate] for p in found.parts]
    rate = _("Execution (accrued / modified)")
    key = words.label_key_name(found.label_key or "", context)
    return [
        (_("Years"), [_("Year"), _("Lines"), *stages, rate], years),
        (f"{found.year or ''} {key}".strip(), [key, _("Lines"), *stages, rate], parts),
    ]
