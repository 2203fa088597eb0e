"""What the page of a proposed modification shows. The words of its tables are those of the workbook. No Dash here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from budget_model.spending.written_back import ProgrammeAfter
from dashboard.context import PageContext
from data.messages import translate
from data.workflows import modification_words as words
from data.workflows.modification import ProposedModification
from data.workflows.modification_workbook import (
    after_rows,
    amount_of,
    header,
    line_rows,
    rule_rows,
    share_rows,
    source_rows,
    transfer_rows,
    unplaced_rows,
)

TRANSFERS_SHOWN = {
    name: text
    for name, text in words.TRANSFERS.items()
    if name not in ("from_name", "from_class", "to_name", "to_class")
}
Shown = tuple[str, list[str], list[list[str]], set[int]]  # title, header, rows, places of numbers


def finding(found: ProposedModification, context: PageContext) -> str:
    """What the scenario moves, and how much of it could be placed."""
    _, formats, result = context.gettext, context.formats, found.result
    year = _("Year 1 of a plan of {years} years.", years=found.n_years) + " " if found.n_years > 1 else ""
    return year + _(
        "“{name}” takes {out} from programmes and gives {into} to others. {placed} of it can be written back by line "
        "and source; {left} cannot.",
        name=found.scenario_name,
        out=formats.money(amount_of(result.moved_out_cents), found.currency, 2),
        into=formats.money(amount_of(result.moved_in_cents), found.currency, 2),
        placed=formats.money(amount_of(result.placed_cents), found.currency, 2),
        left=formats.money(amount_of(result.unplaced_cents("out")), found.currency, 2),
    )


def assumptions(found: ProposedModification, context: PageContext) -> str | None:
    """That rules behind the transfers are assumptions; None where all are law."""
    used = {name for one in (*found.result.transfers, *found.result.unplaced) for name in one.rules}
    rules = [rule for rule in found.rules.rules if rule.id in used and rule.basis == "assumption"]
    if not rules:
        return None
    names = "; ".join(rule.label.get(context.language) or rule.id for rule in rules)
    return context.gettext(
        "These rules of sources are assumptions that the budget office must verify: {rules}.", rules=names
    )


def after_note(found: ProposedModification, context: PageContext) -> str:
    """Whether the programmes have what the scenario wants once this is written back, what it takes, and who is not
    listed."""
    kept = sum(not _is_moved(one) for one in found.after.programmes)
    if not kept:
        return _after(found, context)
    return f"{_after(found, context)} " + context.ngettext(
        "{count} programme keeps what it has today and stands in the XLSX only.",
        "{count} programmes keep what they have today and stand in the XLSX only.",
        kept,
        count=kept,
    )


def _after(found: ProposedModification, context: PageContext) -> str:
    _, ngettext = context.gettext, context.ngettext
    apart = sum(one.got != one.wanted for one in found.after.programmes)
    if not apart:
        return _("Written back, every programme has exactly what the scenario wants.")
    told = ngettext(
        "Written back with today's shares, {count} programme has another amount than the scenario wants.",
        "Written back with today's shares, {count} programmes have other amounts than the scenario wants.",
        apart,
        count=apart,
    )
    if not found.after.shares:
        return told
    return f"{told} " + ngettext(
        "Lines that are new, shared or linked in part are behind it, besides what is not placed: "
        "{count} share must be changed, see below.",
        "Lines that are new, shared or linked in part are behind it, besides what is not placed: "
        "{count} shares must be changed, see below.",
        len(found.after.shares),
        count=len(found.after.shares),
    )


def shown_tables(found: ProposedModification, context: PageContext) -> list[Shown]:
    """Transfers, not placed, after writing back, shares to change, by source, by line, rules."""
    language = context.language
    made: tuple[tuple[Mapping[str, str], Iterable[Sequence[object]], set[int]], ...] = (
        (TRANSFERS_SHOWN, map(_short, transfer_rows(found, language)), {2}),
        (words.UNPLACED, unplaced_rows(found, language), {2}),
        (words.AFTER, _moved(found, after_rows(found, language)), {1, 2, 3, 4, 5, 6}),
        (words.SHARES, share_rows(found, language), {3, 4}),
        (words.SOURCES, source_rows(found), {1, 2, 3}),
        (words.LINES, line_rows(found), {3, 4, 5, 6, 7}),
        (words.RULES, rule_rows(found, language), set()),
    )
    return [
        (translate(language, texts["title"]), header(texts, language), [_cells(row, context) for row in rows], numbers)
        for texts, rows, numbers in made
    ]


def _is_moved(one: ProgrammeAfter) -> bool:
    return not one.today == one.wanted == one.got == one.got_with_shares


def _moved(found: ProposedModification, rows: Iterable[Sequence[object]]) -> list[Sequence[object]]:
    """Rows of the programmes whose money changes; the workbook has all of them."""
    return [row for row, one in zip(rows, found.after.programmes, strict=True) if _is_moved(one)]


def _short(row: Sequence[object]) -> Sequence[object]:
    """A transfer with each line's name beside its code and without classes: a screen is narrower than a workbook."""
    number, source, amount, loser, giver, giver_name, _class, gainer, taker, taker_name, _other, rules = row
    return (number, source, amount, loser, f"{giver} · {giver_name}", gainer, f"{taker} · {taker_name}", rules)


def _cells(row: Sequence[object], context: PageContext) -> list[str]:
    return [_cell(value, context) for value in row]


def _cell(value: object, context: PageContext) -> str:
    if isinstance(value, Decimal):
        return context.formats.number(value, 2)
    return "–" if value is None else str(value)
