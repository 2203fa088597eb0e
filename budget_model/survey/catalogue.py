"""The indicator catalogue: its entries as strict, frozen definitions, read from YAML text.

An entry says what is measured in the words of the survey's own columns, so a municipality adds an indicator without
touching code. Nothing here opens a file; the caller passes the text, and the name to be used in messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from budget_model.errors import CatalogueError, Problem
from budget_model.schema_words import Finding, findings, path_text
from budget_model.spelling import nearest
from budget_model.survey.catalogue_kinds import KINDS, shortfall
from budget_model.survey.catalogue_text import content_of, entry_nodes, line_of
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import has_columns, parse_condition
from budget_model.survey.contradictions import contradiction
from budget_model.survey.measures import Below, Spread

Text = Annotated[str, Field(min_length=1)]

CONDITION_KEYS = ("universe", "numerator", "mean", "over", "median", "welfare")
MEASURES = ("numerator", "mean", "median", "below", "spread")


class IndicatorDefinition(BaseModel):
    """One entry of the catalogue.

    `universe` is the SQL condition of the denominator. What is measured in it is one of
    `numerator` : a condition; the estimate is a share (0-1);
    `mean` : a column or numeric SQL expression; the estimate is its mean, in the unit of the column, or with `over`
    the ratio of the two totals;
    `median` : a column or numeric SQL expression; the estimate is its weighted median;
    `below` : the FGT measure of poverty below a relative line;
    `spread` : Gini coefficient, quintile share ratio, or median gap of the poor.
    `direction` is `down` when lower is better: the persons counted by the numerator then lack something. With `up`
    those who are *not* counted lack it.
    `label` names what is counted or averaged. The two sides of a share have names of their own: `lacking_label` (with
    `down` it is the label unless given) and `covered_label` (with `up` it is the label). `unit` says what a mean is in.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$")]
    level: Literal["person", "household"]
    universe: Text
    numerator: Text | None = None
    mean: Text | None = None
    over: Text | None = None
    median: Text | None = None
    below: Below | None = None
    spread: Spread | None = None
    direction: Literal["up", "down"]
    version: Annotated[int, Field(ge=1)]
    label: Annotated[dict[Text, Text], Field(min_length=1)]
    lacking_label: Annotated[dict[Text, Text], Field(min_length=1)] | None = None
    covered_label: Annotated[dict[Text, Text], Field(min_length=1)] | None = None
    unit: Annotated[dict[Text, Text], Field(min_length=1)] | None = None
    dimension: Text | None = None
    sdg: Text | None = None
    sensitive: bool = False
    source: Text | None = None

    @field_validator("universe", mode="before")
    @classmethod
    def _true_is_everybody(cls, value: Any) -> Any:
        """YAML reads a bare `true` as a truth value; as a condition it means everybody."""
        return "TRUE" if value is True else value

    @model_validator(mode="after")
    def _measures_one_thing(self) -> IndicatorDefinition:
        if sum(getattr(self, key) is not None for key in MEASURES) != 1:
            raise ValueError("give either a numerator (a condition) or a mean (a column), and only one of them")
        if self.over is not None and self.mean is None:
            raise ValueError("'over' divides a mean by another total. Give it with a mean, or leave it out")
        return self

    @model_validator(mode="after")
    def _words_fit(self) -> IndicatorDefinition:
        if self.is_mean and (self.lacking_label or self.covered_label):
            raise ValueError("'lacking_label' and 'covered_label' name the two sides of a share; a mean has none")
        if self.unit and not self.is_mean:
            raise ValueError("'unit' is for a mean or median; a numerator gives a share, whose unit is %")
        return self

    @property
    def is_mean(self) -> bool:
        """Whether the estimate is in the unit of its column (a mean, ratio or median), not a share of persons."""
        return self.numerator is None and not (self.below is not None and self.below.order == 0)

    @property
    def measured(self) -> str:
        """The SQL text of what is counted, averaged or compared."""
        return self.mean or self.numerator or self.median or self.welfare or ""

    @property
    def welfare(self) -> str | None:
        """What is compared with a relative poverty line, or spread over people."""
        of = self.below or self.spread
        return None if of is None else of.welfare

    @property
    def needs_every_answer(self) -> bool:
        """Whether sums by cell are not enough: medians, and how a welfare is spread."""
        return self.median is not None or self.spread is not None

    def with_line(self, line: float) -> IndicatorDefinition:
        """The same measure with its relative poverty line as a number [currency of the welfare]."""
        if self.below is None:
            return self
        measure = shortfall(self.below.welfare, repr(float(line)), self.below.order)
        universe = f"({self.universe}) AND ({self.below.welfare}) IS NOT NULL"  # an unknown welfare is not "not poor"
        return self.model_copy(update={"below": None, "universe": universe, **measure})

    def name(self, language: str) -> str:
        """The label in a language, or in the first language that the entry has."""
        return self.label.get(language) or next(iter(self.label.values()))


def is_part(code: str) -> bool:
    """Whether an indicator is one deprivation's part of another (`MPI.headcount.WATER`): shown with it, no need alone.

    >>> is_part("MPI.headcount.WATER"), is_part("MPI.H")
    (True, False)
    """
    return code.count(".") > 1


def is_mean_document(definition: Mapping[str, Any]) -> bool:
    """`IndicatorDefinition.is_mean` of a definition as it is stored (its JSON document)."""
    return definition.get("numerator") is None and (definition.get("below") or {}).get("order") != 0


def side_labels(definition: Mapping[str, Any]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Names, by language, of those who lack and of those who are covered, of a definition as it is stored.

    Empty where the catalogue gives no name: with `up` for those who lack, with `down` for those who are covered.
    """
    label, is_down = definition.get("label") or {}, definition.get("direction") == "down"
    lacking = definition.get("lacking_label") or (label if is_down else {})
    covered = definition.get("covered_label") or ({} if is_down else label)
    return lacking, covered


def parse_catalogue(text: str, file: str | None = None) -> tuple[IndicatorDefinition, ...]:
    """Read the entries of a catalogue.

    An entry with a `kind` (`multidimensional`, `poverty`) stands for several indicators and comes back as these.

    Parameters
    ----------
    text : YAML, a list of entries (or a mapping with the one key `indicators` that holds the list).
    file : name for the messages.

    Raises
    ------
    CatalogueError : every problem of the text at once, each with its line: not YAML, an unknown key (with the
        nearest right one), a missing key, a value of the wrong kind, a condition that is not allowed, an id used twice.
    """
    entries = entry_nodes(text, file)
    problems: list[Problem] = []
    definitions: list[IndicatorDefinition] = []
    first_line: dict[str, int] = {}
    for node in entries:
        try:
            found = _definitions(node, file)
        except CatalogueError as error:
            problems.extend(error.problems)
            continue
        for definition in found:
            line = first_line.setdefault(definition.id, line_of(node))
            if line != line_of(node):
                message = f"indicator '{definition.id}' stands here and in line {line}. Give one of them another id."
                problems.append(Problem("catalogue.duplicate", message, file=file, line=line_of(node), column="id"))
        definitions.extend(found)
    if problems:
        raise CatalogueError(problems)
    return tuple(definitions)


def _definitions(node: yaml.MappingNode, file: str | None) -> list[IndicatorDefinition]:
    """The indicators of one entry, most often one; raises all its problems together."""
    lines: dict[str, int] = {}
    repeated = []
    for key, _ in node.value:
        if lines.setdefault(str(key.value), line_of(key)) != line_of(key):
            repeated.append(key)
    content = content_of(node, file)
    identifier = str(content["id"]) if isinstance(content.get("id"), str | int) else "without id"
    problems = [_repeated_key(identifier, key, file) for key in repeated]
    model = _model(identifier, content, lines, file)
    try:
        entry = model.model_validate(content)
    except ValidationError as error:
        problems.extend(_condition_problems(identifier, _texts(content), lines, file))
        wrong = findings(error.errors(include_url=False), content)
        found = (_entry_problem(identifier, one, model, lines, line_of(node), file) for one in wrong)
        raise CatalogueError([*problems, *found]) from None
    texts = _texts(content) if isinstance(entry, IndicatorDefinition) else entry.conditions()
    problems.extend(_condition_problems(identifier, texts, lines, file))
    if problems:
        raise CatalogueError(problems)
    if isinstance(entry, IndicatorDefinition):
        _refuse_outside(entry, lines, file)
        return [entry]
    return [IndicatorDefinition.model_validate(one) for one in entry.expand()]


def _refuse_outside(entry: IndicatorDefinition, lines: Mapping[str, int], file: str | None) -> None:
    """A numerator that nobody of the universe can meet would be an indicator of exactly 0 for ever."""
    column = contradiction(entry.universe, entry.numerator) if entry.numerator else None
    if column is None:
        return
    message = (
        f"indicator '{entry.id}': the numerator lies outside its universe: no value of '{column}' meets both "
        f"{entry.universe} and {entry.numerator}, so that the share would always be 0. Correct one of them."
    )
    facts = {"indicator": entry.id, "key": "numerator", "column": column}
    raise CatalogueError(
        Problem(
            "catalogue.outside_universe",
            message,
            file=file,
            line=lines.get("numerator"),
            column="numerator",
            facts=facts,
        )
    )


def _model(identifier: str, content: Mapping[str, Any], lines: Mapping[str, int], file: str | None) -> Any:
    """The schema that the entry's `kind` asks for."""
    if "kind" not in content:
        return IndicatorDefinition
    kind = content["kind"]
    if isinstance(kind, str) and kind in KINDS:
        return KINDS[kind]
    near = nearest(str(kind), KINDS)
    hint = f"Did you mean '{near}'?" if near else f"Known kinds: {', '.join(KINDS)}; a plain indicator has none."
    message = f"indicator '{identifier}': there is no kind '{kind}'. {hint}"
    raise CatalogueError(Problem("catalogue.kind", message, file=file, line=lines.get("kind"), column="kind"))


def _repeated_key(identifier: str, key: yaml.Node, file: str | None) -> Problem:
    message = f"indicator '{identifier}': the key '{key.value}' stands twice in the entry. Remove one."
    return Problem("catalogue.repeated_key", message, file=file, line=line_of(key), column=key.value)


def _entry_problem(
    identifier: str,
    found: Finding,
    model: type[BaseModel],
    lines: Mapping[str, int],
    first_line: int,
    file: str | None,
) -> Problem:
    """A sentence for one finding of the schema."""
    key = str(found.path[0]) if found.path else ""
    message = f"indicator '{identifier}': {_entry_message(found, model)}"
    facts = {"indicator": identifier, "key": key}
    line = lines.get(key, first_line)
    return Problem(f"catalogue.{found.kind}", message, file=file, line=line, column=key or None, facts=facts)


def _entry_message(found: Finding, model: type[BaseModel]) -> str:
    name = path_text(found.path)
    if found.kind == "missing_key":
        return f"the key '{name}' is missing. Add it."
    if found.kind == "unknown_key":
        known = list(model.model_fields) if len(found.path) == 1 else []
        near = nearest(name, known)
        listed = f" Known keys: {', '.join(known)}." if known else " Take it out."
        return f"unknown key '{name}'." + (f" Did you mean '{near}'?" if near else listed)
    if not name:
        return f"{found.message}."
    is_text_wanted = found.message.startswith("expected text") and not isinstance(found.value, dict | list | None)
    return f"{name}: {found.message}.{' Put it in quotation marks.' if is_text_wanted else ''}"


def _texts(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in CONDITION_KEYS:
        if isinstance(content.get(key), str):
            yield key, content[key]
    for key in ("below", "spread"):
        measure = content.get(key)
        if isinstance(measure, dict) and isinstance(measure.get("welfare"), str):
            yield key, measure["welfare"]


def _condition_problems(
    identifier: str, texts: Iterable[tuple[str, str]], lines: Mapping[str, int], file: str | None
) -> Iterator[Problem]:
    """Syntax and functions of the conditions; the columns are known only when there is a table."""
    for key, sql in texts:
        place = Place(identifier, key, file, lines.get(key.split(".")[0]))
        try:
            tree = parse_condition(sql, None, place)
        except CatalogueError as error:
            yield from error.problems
            continue
        if key not in ("universe", "line") and not has_columns(tree):
            yield place.problem("catalogue.constant", f"'{sql}' names no column, so it measures nothing. Name one.")
