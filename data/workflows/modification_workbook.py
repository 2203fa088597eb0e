"""A proposed modification as tables and as a workbook that a budget office works from; amounts are exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from budget_model.spending.modification import Transfer
from budget_model.spending.written_back import ShareChange
from data.messages import translate
from data.workflows import modification_words as words
from data.workflows.modification import ProposedModification
from data.writers.tables import Cell, Table, xlsx_bytes

Row = Sequence[Cell]
LINES_NAMED = 10


def modification_workbook(found: ProposedModification, language: str) -> bytes:
    """XLSX: notes, transfers, by line, by source, not placed, after writing back, the rules. `language`: es or en."""
    return xlsx_bytes(translate(language, words.NOTES["title"]), notes(found, language), tables(found, language))


def amount_of(cents: int) -> Decimal:
    """Currency of whole cents, exactly.

    >>> amount_of(-105)
    Decimal('-1.05')
    """
    return Decimal(cents).scaleb(-2)


def _year_of_plan(found: ProposedModification, language: str) -> str:
    return translate(language, words.YEAR_OF_PLAN, years=found.n_years) if found.n_years > 1 else ""


def notes(found: ProposedModification, language: str) -> list[tuple[str, Cell]]:
    """What this is, whence it comes, and its sums as numbers."""
    result = found.result
    values: dict[str, Cell] = {
        "what": translate(language, words.PROPOSAL),
        "site": found.site_name,
        "scenario": f"{found.scenario_name} ({found.scenario_id}){_year_of_plan(found, language)}",
        "owner": found.owner,
        "saved_at": found.saved_at.strftime("%Y-%m-%d %H:%M"),
        "year": str(found.year),
        "basis": translate(language, words.BASES[found.basis]),
        "currency": found.currency,
        "moved_out": amount_of(result.moved_out_cents),
        "moved_in": amount_of(result.moved_in_cents),
        "placed": amount_of(result.placed_cents),
        "unplaced_out": amount_of(result.unplaced_cents("out")),
        "unplaced_in": amount_of(result.unplaced_cents("in")),
        "rules": f"{found.rules.country}, {found.rules.version}. {in_language(found.rules.source, language)}",
        "verified": in_language(found.rules.verified, language),
        "files": ", ".join(found.files),
    }
    if found.is_synthetic:
        values["warning"] = translate(language, words.SYNTHETIC)
    return [(translate(language, words.NOTES[name]), text) for name, text in values.items()]


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in any."""
    return texts.get(language) or next(iter(texts.values()))


def tables(found: ProposedModification, language: str) -> list[Table]:
    """All tables of the modification."""
    made = (
        (words.TRANSFERS, transfer_rows(found, language)),
        (words.LINES, line_rows(found)),
        (words.SOURCES, source_rows(found)),
        (words.UNPLACED, unplaced_rows(found, language)),
        (words.AFTER, after_rows(found, language)),
        (words.SHARES, share_rows(found, language)),
        (words.RULES, rule_rows(found, language)),
    )
    return [Table(translate(language, texts["title"]), header(texts, language), list(rows)) for texts, rows in made]


def header(texts: Mapping[str, str], language: str) -> list[str]:
    """Titles of the columns."""
    return [translate(language, text) for name, text in texts.items() if name != "title"]


def transfer_rows(found: ProposedModification, language: str) -> Iterator[Row]:
    """One row a transfer, by source."""
    ordered = sorted(found.result.transfers, key=lambda one: (one.source, one.from_line, one.to_programme))
    for number, one in enumerate(ordered, start=1):
        giver, taker = found.lines[one.from_line], found.lines[one.to_line]
        yield (
            number,
            one.source,
            amount_of(one.cents),
            programme_name(found, one.from_programme, language),
            one.from_line,
            giver.name,
            found.rules.class_of(giver.labels),
            programme_name(found, one.to_programme, language),
            to_line_text(one, language),
            taker.name,
            found.rules.class_of(taker.labels),
            rules_text(found, one.rules, language),
        )


def to_line_text(one: Transfer, language: str) -> str:
    """The line that gets the money; a new one is named by the line that it is like."""
    return translate(language, words.NEW_LINE, code=one.to_line) if one.is_new_line else one.to_line


def programme_name(found: ProposedModification, code: str, language: str) -> str:
    """Name of a programme in a language, else in any, else its code."""
    names = found.programme_names.get(code, {})
    return names.get(language) or next(iter(names.values()), code)


def rules_text(found: ProposedModification, ids: Sequence[str], language: str) -> str:
    """Rules by name, each with its law or marked as an assumption."""
    by_id = {rule.id: rule for rule in found.rules.rules}
    told = []
    for one in (by_id[name] for name in ids):
        basis = one.law or translate(language, words.RULE_BASES["assumption"])
        told.append(f"{one.label.get(language) or one.id} ({basis})")
    return "; ".join(told)


def line_rows(found: ProposedModification) -> Iterator[Row]:
    """One row a line that gives or gets, those of new lines beside the line that they are like."""
    minus: dict[tuple[str, str, bool], int] = {}
    plus: dict[tuple[str, str, bool], int] = {}
    for one in found.result.transfers:
        giver, taker = (one.from_line, one.source, False), (one.to_line, one.source, one.is_new_line)
        minus[giver] = minus.get(giver, 0) + one.cents
        plus[taker] = plus.get(taker, 0) + one.cents
    for key in sorted({*minus, *plus}):
        code, source, is_new = key
        facts, less, more = found.lines[code], amount_of(minus.get(key, 0)), amount_of(plus.get(key, 0))
        pim, reserved = (Decimal(0), None) if is_new else (facts.pim, facts.reserved)
        yield (f"+ {code}" if is_new else code, facts.name, source, pim, reserved, less, more, pim - less + more)


def source_rows(found: ProposedModification) -> Iterator[Row]:
    """What every source gives and gets: the same to the cent."""
    taken: dict[str, int] = {}
    for one in found.result.transfers:
        taken[one.source] = taken.get(one.source, 0) + one.cents
    given: dict[str, int] = {}
    for one in found.result.transfers:
        to_source = one.source if one.is_new_line else found.lines[one.to_line].source or ""
        given[to_source] = given.get(to_source, 0) + one.cents
    for source in sorted({*taken, *given}):
        less, more = taken.get(source, 0), given.get(source, 0)
        yield (source, amount_of(less), amount_of(more), amount_of(more - less))


def unplaced_rows(found: ProposedModification, language: str) -> Iterator[Row]:
    """One row a programme, side and reason."""
    for one in found.result.unplaced:
        named = one.lines[:LINES_NAMED]
        more = f" … (+{len(one.lines) - len(named)})" if len(one.lines) > len(named) else ""
        yield (
            programme_name(found, one.programme, language),
            translate(language, words.SIDES[one.side]),
            amount_of(one.cents),
            translate(language, words.REASONS[one.reason]),
            rules_text(found, one.rules, language),
            ", ".join(named) + more,
        )


def after_rows(found: ProposedModification, language: str) -> Iterator[tuple[str, *tuple[Decimal, ...]]]:
    """One row a programme: what it has today, what the scenario wants, and what it has once this is written back."""
    for one in found.after.programmes:
        name, wanted = programme_name(found, one.code, language), one.wanted
        with_shares = (one.got_with_shares, one.got_with_shares - wanted)
        yield (name, one.today, wanted, one.got, one.got - wanted, *with_shares)


def share_rows(found: ProposedModification, language: str) -> Iterator[Row]:
    """One row a share that is to be set so that its programme has what was placed for it. Shares run from 0 to 1."""
    for one in found.after.shares:
        source = "" if one.source is None else f" ({one.source})"
        code = one.line if one.source is None else translate(language, words.NEW_LINE, code=one.line)
        what = translate(language, words.SHARE_STEPS[share_step(one)])
        name = programme_name(found, one.programme, language)
        yield (
            f"{code}{source}",
            line_title(found, one.line),
            name,
            share_text(one.today),
            share_text(one.wanted),
            what,
        )


def share_step(one: ShareChange) -> str:
    """What is to be done about a share: set, add, remove, or none."""
    if one.wanted is None:
        return "none"
    if one.today is None:
        return "add"
    return "set" if one.wanted else "remove"


def share_text(share: Decimal | None) -> str | None:
    """A share as it is written into a file of programmes, with all its decimals.

    >>> [share_text(Decimal(text)) for text in ("0.500000", "1.000000", "0.000000", "0.333300")]
    ['0.5', '1', '0', '0.3333']
    """
    return None if share is None else f"{share.normalize():f}"


def line_title(found: ProposedModification, code: str) -> str:
    """Name of a line."""
    return found.lines[code].name if code in found.lines else code


def rule_rows(found: ProposedModification, language: str) -> Iterator[Row]:
    """Every rule with its law, or marked as an assumption with the place where to verify it."""
    for rule in found.rules.rules:
        yield (
            rule.label.get(language) or rule.id,
            translate(language, words.RULE_BASES[rule.basis]),
            rule.law,
            rule.look_in,
            rule.why.get(language) or next(iter(rule.why.values())),
        )
