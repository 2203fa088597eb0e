"""What the steps of an import show: problems as rows, columns to choose from, the preview as tables; and a posted form
as the answers that it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from budget_model.errors import Problem
from dashboard.context import PageContext
from dashboard.views.imports_words import group_sentence
from data.readers.typed_numbers import typed_share
from data.workflows.import_found import ProblemGroup
from data.workflows.import_preview import Preview
from data.workflows.import_wizard import MappingQuestion
from data.workflows.mapping_guess import (
    ColumnInfo,
    Draft,
    RoundFacts,
    band_values,
    sex_values,
)

LABEL_LENGTH = 70
COLUMN_FIELDS = ("household", "household_id", "sex", "age", "area1", "area2", "weight", "strata", "psu", "fpc")
SEX_PREFIX, BAND_PREFIX = "sexcode:", "bandcode:"


def problem_rows(problems: Sequence[ProblemGroup], context: PageContext) -> list[list[str]]:
    """Kind, sentence, place, rows, first lines."""
    _ = context.gettext
    number = context.formats.number
    kinds = {"error": _("Error"), "warning": _("Note")}
    return [
        [
            kinds.get(group.level, group.level),
            group_sentence(group, context),
            " · ".join(part for part in (group.file, group.sheet, group.column) if part),
            number(group.count),
            ", ".join(number(line) for line in group.lines),
        ]
        for group in problems
    ]


def counts_sentence(problems: Sequence[ProblemGroup], context: PageContext) -> str:
    """How many things must be mended, how many should be known."""
    errors = sum(group.level == "error" for group in problems)
    notes = len(problems) - errors
    if not problems:
        return context.gettext("No problems were found.")
    if errors:
        return context.ngettext(
            "{number} thing must be mended before the files can come in.",
            "{number} things must be mended before the files can come in.",
            errors,
            number=errors,
        )
    return context.ngettext(
        "Nothing stands against the import; {number} thing to know.",
        "Nothing stands against the import; {number} things to know.",
        notes,
        number=notes,
    )


def column_options(columns: Sequence[ColumnInfo], roles: Sequence[str], context: PageContext) -> list[tuple[str, str]]:
    """Columns of these tables as choices, with the text of their question."""
    _ = context.gettext
    tables = {"persons": _("people"), "households": _("households")}
    found = [("", _("none"))]
    for column in columns:
        if column.role in roles:
            text = f" – {column.label[:LABEL_LENGTH]}" if column.label else ""
            where = f" ({tables[column.role]})" if len(roles) > 1 else ""
            found.append((column.key, f"{column.name}{where}{text}"))
    return found


def column_of(question: MappingQuestion, key: str) -> ColumnInfo | None:
    return next((column for column in question.columns if column.key == key), None)


# --- what was posted -----------------------------------------------------------------------------------------------


def facts_of(fields: Mapping[str, str]) -> tuple[RoundFacts, list[Problem]]:
    """What was stated of the round, as typed; and what of it is no day or no share."""
    typed = fields.get("rate", "").strip()
    facts = RoundFacts(
        source=fields.get("source", "").strip(),
        coverage_area=fields.get("coverage", "").strip(),
        coverage_rate=share_of(typed),
        is_census=fields.get("design") == "census",
        starts_on=fields.get("starts_on", "").strip(),
        ends_on=fields.get("ends_on", "").strip(),
        rate_as_typed=typed,
    )
    problems = []
    if typed and facts.coverage_rate is None:
        message = "The share of households is above 0 and up to 100."
        problems.append(Problem("number_wrong", message, column="rate", value=typed))
    return facts, problems


def share_of(typed: str) -> float | None:
    """Percent as people write it → a share above 0 and up to 1; None for anything else.

    >>> share_of("93,5 %"), share_of("0"), share_of("much")
    (0.935, None, None)
    """
    share = typed_share(typed)
    return share if isinstance(share, float) and 0 < share <= 1 else None


def draft_from(fields: Mapping[str, str], question: MappingQuestion) -> Draft:
    """The posted answers. Codes of a column that was only now chosen are guessed, marked, and asked again."""
    chosen = {name: fields.get(name, "") for name in COLUMN_FIELDS}
    sex, age = column_of(question, chosen["sex"]), column_of(question, chosen["age"])
    guessed = set()
    sexes = _values(fields, SEX_PREFIX, sex, fields.get("sex_before") == chosen["sex"])
    if sexes is None:
        sexes = sex_values(sex, question.code_labels.get(sex.name, {})) if sex else {}
        guessed.add("sex")
    bands: dict[str, str] | None = {}
    if age and not age.is_number:
        bands = _values(fields, BAND_PREFIX, age, fields.get("age_before") == chosen["age"])
        if bands is None:
            bands = band_values(age, question.code_labels.get(age.name, {}))
            guessed.add("age")
    areas = tuple(chosen[name] for name in ("area1", "area2") if chosen[name])
    plain = {name: chosen[name] for name in COLUMN_FIELDS if not name.startswith("area")}
    return Draft(**plain, sex_values=sexes, band_values=bands or {}, areas=areas, guessed=frozenset(guessed))


def _values(
    fields: Mapping[str, str], prefix: str, column: ColumnInfo | None, is_same_column: bool
) -> dict[str, str] | None:
    """Posted meanings of the codes of a column; None where another column was shown."""
    if column is None or not is_same_column:
        return None if column else {}
    found = {name.removeprefix(prefix): value.strip() for name, value in fields.items() if name.startswith(prefix)}
    return found if set(column.codes) <= set(found) else None


# --- the preview ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PreviewTables:
    """Rows of the preview's tables."""

    areas: list[list[str]]
    header: list[str]
    first: list[list[str]]
    possible: list[str]
    lacking: list[list[str]]


def preview_tables(preview: Preview, context: PageContext) -> PreviewTables:
    _ = context.gettext
    number = context.formats.number
    areas = [
        [name or _("All"), number(homes), number(women), number(men)] for name, homes, women, men in preview.by_area
    ]
    named = [(context.in_language(one.label), one.id, missing) for one, missing in preview.indicators]
    return PreviewTables(
        areas,
        list(preview.columns),
        [list(row) for row in preview.rows],
        [f"{label} ({code})" for label, code, missing in named if not missing],
        [[f"{label} ({code})", ", ".join(missing)] for label, code, missing in named if missing],
    )
