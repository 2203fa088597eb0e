"""Gender budget statement -> sentences and tables in the reader's language. No Dash."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from budget_model.spending.schemes import Scheme
from budget_model.spending.statement import Breakdown, Contribution, Counted, Execution, Part
from dashboard.context import PageContext
from dashboard.views.budget import currency_of, stage_names
from dashboard.views.budget_imports_words import SHORT_STAGES
from dashboard.views.review_tags import code_label
from data.workflows.statement import COLUMNS, CONTRIBUTORS, FLOOR, ROWS, Statement
from data.workflows.statement_document import SHOWN_STAGES, UNCOUNTED, VERDICTS

Schemes = Mapping[str, Scheme]


def finding(found: Statement, schemes: Schemes, context: PageContext) -> str:
    """The statement in a sentence; what is unknown is told in the same breath."""
    _, formats = context.gettext, context.formats
    counted, currency = found.counted, currency_of(context)
    facts = {
        "year": found.year,
        "stage": stage_in_sentence(found.stage, context),
        "scheme": context.in_language(schemes[counted.scheme].label),
        "total": formats.millions(counted.total[found.stage], currency),
        "unknown": formats.millions(counted.unknown[found.stage] or Decimal(0), currency),
    }
    amount = counted.amounts[found.stage]
    if amount is None:
        return _(
            "Of the {total} of {year} ({stage}), no line is counted by {scheme} yet; of {unknown} nothing is known, "
            "which is not 0.",
            **facts,
        )
    return _(
        "Of the {total} of {year} ({stage}), {amount} ({share}) count by {scheme}; of {unknown} nothing is known yet, "
        "which is not 0.",
        amount=formats.millions(amount, currency),
        share=formats.share(counted.share(found.stage)),
        **facts,
    )


def stage_in_sentence(stage: str, context: PageContext) -> str:
    """`modified budget (PIM)`: small only where the name begins."""
    name = stage_names(context)[stage]
    return name[:1].lower() + name[1:]


def execution_sentence(found: Statement, context: PageContext) -> str:
    """Declared beside executed, and the rest of the budget beside both."""
    _, formats = context.gettext, context.formats
    own, rest_rate = found.counted.counted_execution, found.counted.rest_rate
    if own.rate is None:
        return _("No counted line has both a modified budget and an accrued amount: execution cannot be said.")
    currency = currency_of(context)
    told = _(
        "Declared {declared}, executed {executed}: {rate} of the modified budget of what counts was accrued",
        declared=formats.money(own.declared, currency, 2),
        executed=formats.money(own.executed, currency, 2),
        rate=formats.share(own.rate),
    )
    beside = _("; of the rest of the budget {rate}", rate=formats.share(rest_rate)) if rest_rate is not None else ""
    return f"{told}{beside}."


def execution_rows(found: Statement, context: PageContext) -> list[list[str]]:
    return [[name, *_execution_cells(one, context)] for name, one in executions(found.counted, context)]


def executions(counted: Counted, context: PageContext) -> list[tuple[str, Execution | None]]:
    """Counted money and the rest, which are the whole together; and how much of the rest nobody has looked at.

    None where nothing is tagged: what counts and what is left of it are unknown then.
    """
    _ = context.gettext
    unknown = _("Nothing is known of it") if counted.rest is None else _("of it: nothing is known")
    return [
        (_("Counted"), None if counted.rest is None else counted.counted_execution),
        (_("Rest of the budget"), counted.rest),
        (unknown, counted.unknown_execution),
        (_("Whole budget"), counted.whole_execution),
    ]


def execution_note(found: Statement, context: PageContext) -> str:
    """What the rest is made of, and that a line may stand on both sides."""
    _, formats = context.gettext, context.formats
    if found.counted.rest is None:
        return _(
            "No line of {year} with a modified budget has a tag that this scheme can count by: what counts is "
            "unknown, and so is the rest. A dash stands there, which is not 0.",
            year=found.year,
        )
    told = _(
        "Lines that have both a modified budget and an accrued amount. A line that counts in part stands on both "
        "sides, each with its part: counted money and the rest are the whole budget."
    )
    unknown = found.counted.unknown_execution.declared
    if not unknown:
        return told
    return f"{told} " + _(
        "Of {amount} of the rest nothing is known: it may count or not, and the comparison may change once it is "
        "looked at.",
        amount=formats.money(unknown, currency_of(context), 2),
    )


def _execution_cells(one: Execution | None, context: PageContext) -> list[str]:
    if one is None:
        return ["–"] * 4
    formats, currency = context.formats, currency_of(context)
    money = [formats.money(amount, currency, 2) for amount in (one.declared, one.executed)]
    return [formats.number(one.lines), *money, formats.share(one.rate)]


def floor_sentence(found: Statement, schemes: Schemes, context: PageContext) -> str:
    """Whether the floor is kept, by which scheme it counts, and under which rule."""
    _, share = context.gettext, context.formats.share
    rule, by = (context.in_language(schemes[name].label) for name in (FLOOR, found.floor_by))
    named = _("{rule}, counted by {scheme}.", rule=rule, scheme=by)
    if found.floor is None:
        return _("The budget has no money at this stage: nothing can be said of the floor.") + f" {named}"
    facts = {name: share(value) for name, value in _floor_shares(found).items()}
    if found.counted.amounts[found.stage] is None and found.floor.verdict == "unknown":
        told = _(
            "It cannot be said whether the floor of {floor} is met: no line is counted by the scheme yet, which is not "
            "0."
        )
        return f"{told.format(floor=facts['floor'])} {named}"
    return f"{_(VERDICTS[found.floor.verdict], **facts)} {named}"


def _floor_shares(found: Statement) -> dict[str, Decimal]:
    one = found.floor
    return {"floor": one.floor, "least": one.least, "most": one.most} if one else {}


def breakdown_header(scheme: str, context: PageContext) -> list[str]:
    _ = context.gettext
    stages = [
        _(SHORT_STAGES[stage]) if stage in SHORT_STAGES else stage_names(context)[stage] for stage in SHOWN_STAGES
    ]
    return [_("Class"), _("Lines"), *stages, _("Share of the budget"), _("Largest line of it")]


def breakdown_rows(one: Breakdown, found: Statement, schemes: Schemes, context: PageContext) -> list[list[str]]:
    """Classes in the scheme's order, then what is unknown by reason, then the whole budget."""
    _ = context.gettext
    rows = [
        _part_row(part, one, class_name(schemes[one.scheme], part.code, context), found, context)
        for part in one.classes
    ]
    rows += [
        _part_row(part, one, _("Unknown: {reason}", reason=_(UNCOUNTED[part.code]).lower()), found, context)
        for part in one.unknown
    ]
    return [*rows, [*_part_row(one.whole, one, _("Whole budget"), found, context)[:-1], ""]]


def class_name(scheme: Scheme, code: str, context: PageContext) -> str:
    """`2 · Principal`; a women's share of 0 lies in no band and is known all the same."""
    if scheme.category(code) is not None:
        return code_label(scheme, code, context)
    band = next((one for one in scheme.bands if one.code == code), None)
    if band is None:
        return context.gettext("{code} (none of the classes)", code=code)
    return f"{code} · {context.in_language(band.label)}"


def _part_row(part: Part, one: Breakdown, name: str, found: Statement, context: PageContext) -> list[str]:
    formats, currency = context.formats, currency_of(context)
    amounts = [formats.money(part.amounts[stage], currency, 2) for stage in SHOWN_STAGES]
    share = formats.share(one.share(part))
    return [name, formats.number(part.lines), *amounts, share, contributor(part.largest, found, context)]


def contributor(one: Contribution | None, found: Statement, context: PageContext) -> str:
    """The line that gives most, and how much of the total."""
    if one is None:
        return "–"
    name = found.names.get(one.key, one.key[1])
    return f"{name} ({context.formats.share(one.share)})" if one.share is not None else name


def contributor_rows(found: Statement, context: PageContext) -> list[list[str]]:
    """The lines that give most to what counts, with their running share."""
    formats, currency = context.formats, currency_of(context)
    rows, running = [], Decimal(0)
    for one in found.counted.contributions[:CONTRIBUTORS]:
        running += one.share or Decimal(0)
        money = formats.money(one.amount, currency, 2)
        rows.append([found.names[one.key], one.key[1], money, formats.share(one.share), formats.share(running)])
    return rows


def contributor_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [_("Line"), _("Code"), _("Counted amount"), _("Share of what counts"), _("Running share")]


def cross_rows(found: Statement, schemes: Schemes, context: PageContext) -> tuple[list[str], list[list[str]]]:
    """Policy × beneficiary: header and rows of amounts; only classes that some line has."""
    formats, currency = context.formats, currency_of(context)
    rows, columns = schemes[ROWS], schemes[COLUMNS]
    used_rows = [code for code in rows.codes() if any(key[0] == code for key in found.cross)]
    used_columns = [code for code in columns.codes() if any(key[1] == code for key in found.cross)]
    header = [context.gettext("Policy"), *(context.in_language(columns.category(code).label) for code in used_columns)]
    cells = [
        [
            class_name(rows, row, context),
            *(
                formats.money(found.cross[row, column][1], currency, 2) if (row, column) in found.cross else ""
                for column in used_columns
            ),
        ]
        for row in used_rows
    ]
    return header, cells


def execution_header(context: PageContext) -> tuple[str, ...]:
    _ = context.gettext
    return (_("What"), _("Lines"), _("Declared (PIM)"), _("Executed (accrued)"), _("Execution (accrued / modified)"))
