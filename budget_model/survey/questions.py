"""A questionnaire as a thing: questions, groups, repeats, lists of choices, languages; each with the line it is from.

Knows nothing of files. Readers build it, checks and exports look things up in it, and `indicator_needs` says which
indicators a questionnaire can carry.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlglot import exp

from budget_model.spelling import nearest
from budget_model.survey.catalogue import CONDITION_KEYS, IndicatorDefinition
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition

NO_LANGUAGE = ""  # the label column that names no language
SELECTS = ("select_one", "select_multiple", "rank")
METADATA = "metadata"
UNANSWERED = ("note", "unknown")  # kinds that leave no answer behind
SEX_WORDS = frozenset({"sex", "sexo", "sexe", "gender", "genero", "genre"})
AGE_WORDS = frozenset({"age", "ages", "edad", "edades"})
MEMBER_WORDS = frozenset({"member", "members", "roster", "miembro", "miembros", "persona", "personas", "integrantes"})


@dataclass(frozen=True)
class Choice:
    """One answer of a list; `labels` by language."""

    name: str
    labels: Mapping[str, str]
    line: int


@dataclass(frozen=True)
class Question:
    """One row that asks, tells or calculates something. `path` ends with its own name."""

    name: str
    kind: str  # integer, decimal, text, select_one, select_multiple, calculate, note, metadata, unknown …
    type_text: str  # as the form spells it
    path: tuple[str, ...]
    repeat: tuple[str, ...]  # path of the nearest repeat; () is the household (main) level
    line: int
    labels: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    list_name: str | None = None
    has_other: bool = False
    cells: Mapping[str, str] = field(default_factory=dict)  # required, relevant, constraint, calculation …

    @property
    def is_answered(self) -> bool:
        """Whether an export has a column for it."""
        return self.kind not in UNANSWERED

    @property
    def is_select(self) -> bool:
        return self.kind in SELECTS

    def label(self, language: str) -> str:
        """The label in a language, else in the first that there is, else the name."""
        return self.labels.get(language) or next((text for text in self.labels.values() if text), self.name)


@dataclass(frozen=True)
class Section:
    """A group or a repeat."""

    kind: str  # group or repeat
    name: str
    path: tuple[str, ...]
    repeat: tuple[str, ...]  # the repeat in which it stands; a repeat's own path is `path`
    line: int
    labels: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """A questionnaire. `lists` keeps the choices of each list in the order of the form."""

    file: str
    title: str
    form_id: str
    version: str
    questions: tuple[Question, ...]
    sections: tuple[Section, ...]
    lists: Mapping[str, tuple[Choice, ...]]
    languages: tuple[str, ...]  # NO_LANGUAGE among them where a label column names none
    default_language: str = NO_LANGUAGE
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def repeats(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.kind == "repeat")

    @cached_property
    def rows(self) -> tuple[Question | Section, ...]:
        """Questions and sections in the order of the sheet."""
        both: list[Question | Section] = [*self.questions, *self.sections]
        return tuple(sorted(both, key=lambda row: row.line))

    @cached_property
    def by_name(self) -> dict[str, tuple[Question, ...]]:
        found: dict[str, list[Question]] = {}
        for question in self.questions:
            found.setdefault(question.name, []).append(question)
        return {name: tuple(questions) for name, questions in found.items()}

    def at(self, repeat: tuple[str, ...]) -> tuple[Question, ...]:
        """Questions of one level: () the household, else a repeat's path."""
        return tuple(question for question in self.questions if question.repeat == repeat)

    def parent_repeat(self, repeat: tuple[str, ...]) -> tuple[str, ...]:
        """The level above a repeat."""
        return next((section.repeat for section in self.repeats if section.path == repeat), ())

    @cached_property
    def members(self) -> tuple[str, ...] | None:
        """Path of the repeat of household members: the first that asks for sex, else one that is called so or asks
        for age; None where no repeat does."""
        ranked = sorted(
            ((self._person_score(section), -place, section.path) for place, section in enumerate(self.repeats)),
            reverse=True,
        )
        return ranked[0][2] if ranked and ranked[0][0] > 0 else None

    def _person_score(self, repeat: Section) -> int:
        inside = self.at(repeat.path)
        score = 4 if any(asks_sex(question) for question in inside) else 0
        score += 2 if words_of(repeat.name) & MEMBER_WORDS else 0
        return score + (1 if any(words_of(question.name) & AGE_WORDS for question in inside) else 0)

    def choices(self, question: Question) -> tuple[Choice, ...]:
        return self.lists.get(question.list_name or "", ())


def words_of(name: str) -> frozenset[str]:
    """The words of a name, without accents.

    >>> sorted(words_of("householdMembers_2")), sorted(words_of("Género"))
    (['household', 'members'], ['genero'])
    """
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    plain = "".join(c for c in unicodedata.normalize("NFKD", spaced.lower()) if not unicodedata.combining(c))
    return frozenset(word for word in re.split(r"[^a-z]+", plain) if word)


def asks_sex(question: Question) -> bool:
    """Whether a question, by its name, is about somebody's sex."""
    return question.is_answered and bool(words_of(question.name) & SEX_WORDS)


@dataclass(frozen=True)
class IndicatorNeeds:
    """What one indicator needs of a questionnaire, and what is not there."""

    indicator: str
    label: Mapping[str, str]
    questions: tuple[str, ...]  # columns of its conditions, all of them
    asked: Mapping[str, int]  # column -> line of the form's row that gives it
    missing: tuple[str, ...]
    reason: str  # an English sentence; empty where nothing is missing

    @property
    def is_possible(self) -> bool:
        return not self.missing


def needed_columns(definition: IndicatorDefinition) -> tuple[str, ...]:
    """Columns that the conditions of an indicator use, in order of appearance."""
    found: dict[str, None] = {}
    for key in CONDITION_KEYS:
        text = getattr(definition, key)
        if text:
            tree = parse_condition(text, None, Place(definition.id, key))
            found.update(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))
    return tuple(found)


def indicator_needs(
    forms: Form | Sequence[Form], definitions: Iterable[IndicatorDefinition], given: Iterable[str] = ()
) -> tuple[IndicatorNeeds, ...]:
    """Which indicators a questionnaire (or several together) can carry.

    forms : the questionnaire, or it with its separate modules
    given : columns that come from elsewhere than from an answer, such as a poverty line or weights
    """
    forms = (forms,) if isinstance(forms, Form) else tuple(forms)
    asked: dict[str, int] = {}
    for form in forms:
        for question in form.questions:
            if question.is_answered and question.kind != METADATA:
                asked.setdefault(question.name, question.line)
    return tuple(_needs_of(definition, asked, frozenset(given)) for definition in definitions)


def _needs_of(definition: IndicatorDefinition, asked: Mapping[str, int], given: frozenset[str]) -> IndicatorNeeds:
    columns = needed_columns(definition)
    missing = tuple(name for name in columns if name not in asked and name not in given)
    return IndicatorNeeds(
        definition.id,
        definition.label,
        columns,
        {name: asked[name] for name in columns if name in asked},
        missing,
        _why(definition.id, missing, asked),
    )


def _why(indicator: str, missing: Sequence[str], asked: Iterable[str]) -> str:
    if not missing:
        return ""
    near = {name: nearest(name, asked) for name in missing}
    named = ", ".join(f"'{name}'" + (f" (nearest: '{near[name]}')" if near[name] else "") for name in missing)
    return f"{indicator} cannot be had: the form has no question or calculation {named}. Add it under that name."
