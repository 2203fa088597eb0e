"""Validation rules: what an answer, a household or the work of an enumerator must not look like, as strict definitions.

A rule states how to find what is wrong, in the words of the survey's own columns; a municipality adds its own without
touching code. Nothing here opens a file and nothing here looks at answers: `validation.py` does that.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlglot import exp

from budget_model.errors import CatalogueError, Problem
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition

Text = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Text, ...], Field(min_length=1)]
Share01 = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]

ENUMERATOR, AREA = "enumerator", "area"
HOUSEHOLD_ID, PERSON_ID = "household_id", "person_id"
KINDS_OF_LEVEL = {
    "person": ("when", "duplicate", "outlier"),
    "household": ("when", "duplicate", "outlier"),
    "round": ("share", "no_variance", "heaping"),
}
KINDS = tuple(dict.fromkeys(kind for kinds in KINDS_OF_LEVEL.values() for kind in kinds))


class RuleModel(BaseModel):
    """A part of the file: no unknown key, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Derived(RuleModel):
    """A figure of the household made of its members, for rules to compare with: exactly one of the first four.

    `count` counts the members who meet a condition; `largest` and `smallest` take a number over the members `among`
    whom it is asked; `roster` writes the members' answers in these columns as one text, the same for the same members
    in any order.
    """

    count: Text | None = None
    largest: Text | None = None
    smallest: Text | None = None
    roster: Names | None = None
    among: Text | None = None

    @model_validator(mode="after")
    def _is_one_figure(self) -> Derived:
        if sum(part is not None for part in (self.count, self.largest, self.smallest, self.roster)) != 1:
            raise ValueError("give exactly one of count, largest, smallest and roster")
        if self.among is not None and (self.count or self.roster):
            raise ValueError("'among' goes with largest and smallest; put the condition into count itself")
        return self


class Outlier(RuleModel):
    """A number far from its neighbours': robust z = 0.6745 (x − median) / MAD beyond a limit.

    Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993), who recommend 3.5.
    `within`: `area` is the first area level of the round, or a column; left out, the whole round. Groups with fewer
    than `least` known numbers, or whose MAD is 0, are not judged. `scale: log` looks at logarithms of positive numbers.
    """

    of: Text
    within: Text | None = None
    beyond: Annotated[float, Field(gt=0)] = 3.5
    scale: Literal["linear", "log"] = "linear"
    side: Literal["both", "high", "low"] = "both"
    least: Annotated[int, Field(ge=3)] = 20


class Share(RuleModel):
    """Too large a share of an enumerator's rows (or of the round's) meets a condition."""

    of: Text
    among: Text | None = None
    above: Share01
    counts: Literal["person", "household"] = "household"
    by: Literal["enumerator", "round"] = "enumerator"
    least: Count = 20


class NoVariance(RuleModel):
    """All answers of an enumerator are the same, although the others' are not.

    With a share p of the others' answers equal to it, n equal answers by chance have probability p^n; the enumerator
    is named where that is below `chance`.
    """

    columns: Names
    counts: Literal["person", "household"] = "person"
    least: Count = 20
    chance: Annotated[float, Field(gt=0, lt=1)] = 0.001


class Heaping(RuleModel):
    """Ages end on 0 and 5 too often: Whipple's index of ages 23 to 62 (100 none, 500 all) above a limit.

    Source: United Nations, Demographic Yearbook: above 125 the ages are rough. An index counts only where the share
    lies three standard errors above one fifth, so that few interviews do not accuse anybody.
    """

    of: Text = "age"
    above: Annotated[float, Field(ge=100, le=500)] = 125
    by: Literal["enumerator", "round"] = "enumerator"
    least: Count = 50


class Rule(RuleModel):
    """One named rule. `level` is what a finding names: a person, a household, or (round) an enumerator or the round.

    `when` is a condition that is true for what is wrong; a missing answer makes it missing, which is no finding.
    `duplicate` lists columns that no two rows share (`where` narrows the rows). `show` adds columns to what the report
    shows of a case.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$")]
    level: Literal["person", "household", "round"]
    severity: Literal["error", "warning"]
    message: Annotated[dict[Text, Text], Field(min_length=1)]
    source: Text | None = None
    show: tuple[Text, ...] = ()
    when: Text | None = None
    duplicate: Names | None = None
    where: Text | None = None
    outlier: Outlier | None = None
    share: Share | None = None
    no_variance: NoVariance | None = None
    heaping: Heaping | None = None

    @model_validator(mode="after")
    def _has_one_kind_that_fits_its_level(self) -> Rule:
        found = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(found) != 1:
            raise ValueError(f"give exactly one of {', '.join(KINDS)}; found {', '.join(found) or 'none'}")
        if found[0] not in KINDS_OF_LEVEL[self.level]:
            fitting = " or ".join(KINDS_OF_LEVEL[self.level])
            raise ValueError(f"a rule of level {self.level} has {fitting}, not {found[0]}")
        if self.where is not None and self.duplicate is None:
            raise ValueError("'where' goes with duplicate; put the condition into the rule itself")
        return self

    @property
    def kind(self) -> str:
        """Which of the kinds of rule it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    def text(self, language: str) -> str:
        """The message in a language, or in the first language that the rule has."""
        return self.message.get(language) or next(iter(self.message.values()))


class RuleSet(RuleModel):
    """A file of rules.

    `columns`: one meaning, and the names it goes by in different forms (the first that a round has is taken).
    `derived`: figures of the household; a later one may use an earlier one.
    `sensitive`: columns whose answers no report shows; a case then names the person and the rule only.
    """

    columns: dict[Text, Names] = {}
    sensitive: tuple[Text, ...] = ()
    derived: dict[Text, Derived] = {}
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


@dataclass(frozen=True)
class RulePlace(Place):
    """Where a condition of a rule stands."""

    def problem(self, rule: str, message: str, position: int | None = None, **facts: Any) -> Problem:
        where = f"rule '{self.indicator}', {self.key}" + (f", position {position}" if position else "")
        facts = {"rule": self.indicator, "key": self.key, "position": position, **facts}
        return Problem(rule, f"{where}: {message}", file=self.file, line=self.line, column=self.key, facts=facts)


def derived_texts(name: str, figure: Derived) -> Iterator[tuple[str, str]]:
    """Key and SQL text of every condition of a derived figure."""
    for key in ("count", "largest", "smallest", "among"):
        text = getattr(figure, key)
        if text is not None:
            yield key, text
    for column in figure.roster or ():
        yield "roster", quoted(column)


def rule_texts(rule: Rule) -> Iterator[tuple[str, str]]:
    """Key and SQL text of every condition and column of a rule."""
    part = getattr(rule, rule.kind)
    if isinstance(part, str):
        yield "when", part
    elif isinstance(part, tuple):
        yield from (("duplicate", quoted(column)) for column in part)
    else:
        yield from ((rule.kind, text) for text in _part_texts(part))
    if rule.where is not None:
        yield "where", rule.where


def _part_texts(part: Outlier | Share | NoVariance | Heaping) -> Iterator[str]:
    """What a part reads; the area and the enumerator are known to the round, not to the table."""
    if isinstance(part, NoVariance):
        yield from (quoted(column) for column in (*part.columns, ENUMERATOR))
        return
    yield part.of
    if isinstance(part, Outlier):
        yield from [quoted(part.within)] if part.within else []
    else:
        yield from [quoted(ENUMERATOR)] if part.by == ENUMERATOR else []
        among = getattr(part, "among", None)
        yield from [among] if among else []


def quoted(column: str) -> str:
    """A column's name as SQL takes it literally."""
    return '"' + column.replace('"', '""') + '"'


@functools.lru_cache(maxsize=4096)
def columns_of(text: str, place: Place) -> tuple[str, ...]:
    """Columns that a condition names, in its order. Raises CatalogueError where the condition is not allowed."""
    tree = parse_condition(text, None, place)
    return tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))


def problems_of(rules: RuleSet, file: str | None, line_of: Any = None) -> list[Problem]:
    """Conditions that are not allowed, ids used twice, conditions without any column: every one with its line.

    line_of : function(path) -> line, where path leads from the top of the document
    """
    found: list[Problem] = []
    line = line_of or (lambda _path: None)
    for name, figure in rules.derived.items():
        for key, text in derived_texts(name, figure):
            found += _condition_problems(text, RulePlace(name, key, file, line(("derived", name, key))))
    seen: dict[str, int] = {}
    for index, rule in enumerate(rules.rules):
        first = seen.setdefault(rule.id, index)
        if first != index:
            message = f"rule '{rule.id}' stands twice. Give one of them another id."
            found.append(Problem("rule.duplicate", message, file=file, line=line(("rules", index, "id")), column="id"))
        for key, text in rule_texts(rule):
            place = RulePlace(rule.id, key, file, line(("rules", index, key)))
            found += _condition_problems(text, place, needs_column=key == "when")
    return found


def _condition_problems(text: str, place: RulePlace, needs_column: bool = False) -> tuple[Problem, ...]:
    try:
        columns = columns_of(text, place)
    except CatalogueError as error:
        return error.problems
    if needs_column and not columns:
        return (place.problem("rule.constant", f"'{text}' names no column, so it finds nothing. Name one."),)
    return ()
