"""The participatory budget of a year from a YAML file: phases, money, rule, what it rests on, participants in numbers.

::

    envelope: 1200000.00                # currency; of it zones have their own, and the whole site votes on the rest:
    zones: {S01: 100000.00}
    rule: mes-add1u                     # announced before the vote, as the rule of ties
    ties: most-votes,cheapest
    least_votes: 0                      # proposals with fewer do not take part
    least_group: 10                     # no result of a group of fewer voters is shown
    quorum:                             # left out: none was announced
      registered: 300                   # so many must have registered
      more_than: 0.5                    # of the registered must vote; or at_least: 0.3, or persons: 200
      by_zone: true                     # of each zone by itself as well
      citation: "Ordenanza 416-MVES, art. 20"
      effective_on: 2019-08-01
    criteria:                           # the municipality's own matrix; left out: none
      - {code: need, name_es: Brecha que cierra, name_en: Gap that it closes, weight: 3, most: 10}
    citation: "Ley 28056; Ordenanza 416-MVES"
    effective_on: 2019-08-01
    phases:
      - {phase: proposals, starts_on: 2026-08-01, ends_on: 2026-08-31}
    participants:                       # numbers, never names
      - {sex: female, age: 18-29, zone: S01, organisation: "Vaso de Leche", persons: 24}
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from budget_model.assembly.counting import RULES
from budget_model.assembly.criteria import Criterion
from budget_model.assembly.quorum import KINDS as QUORUM_KINDS
from budget_model.assembly.quorum import QuorumRule
from budget_model.assembly.ties import TIE_RULES
from data.readers.files import read_text
from data.readers.programmes import Amount
from data.readers.strict_yaml import StrictModel, read_strict

PHASES = ("preparation", "proposals", "review", "prioritisation", "vote", "results", "follow_up")
AS_ANNOUNCED = "as-announced"
AGES = ("unknown", "12-17", "18-29", "30-44", "45-59", "60+")
LEAST_GROUP = 10


def _checked_rule(rule: str) -> str:
    if rule not in (AS_ANNOUNCED, *RULES):
        raise PydanticCustomError("rule_unknown", f"a rule is one of {', '.join((AS_ANNOUNCED, *RULES))}")
    return rule


def _checked_ties(ties: str) -> str:
    if any(one.strip() not in TIE_RULES for one in ties.split(",")):
        raise PydanticCustomError("ties_unknown", f"a tie rule is one or more of {', '.join(TIE_RULES)}")
    return ties


class Phase(StrictModel):
    """A stretch of the process, both days included."""

    phase: Literal["preparation", "proposals", "review", "prioritisation", "vote", "results", "follow_up"]
    starts_on: date
    ends_on: date

    @model_validator(mode="after")
    def _in_order(self) -> Phase:
        if self.ends_on < self.starts_on:
            raise PydanticCustomError("phase_order", "a phase ends on or after the day on which it starts")
        return self


class Participants(StrictModel):
    """So many people of a sex, an age group, a zone and an organisation that they stand for."""

    sex: Literal["female", "male", "other"]
    age: Literal["unknown", "12-17", "18-29", "30-44", "45-59", "60+"] = "unknown"
    zone: str = ""
    organisation: Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    persons: Annotated[int, Field(ge=0, le=10_000_000)]


class Quorum(StrictModel):
    """How many must register and vote, and what that rests on."""

    registered: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    more_than: Annotated[Decimal, Field(ge=0, lt=1, decimal_places=6)] | None = None
    at_least: Annotated[Decimal, Field(gt=0, le=1, decimal_places=6)] | None = None
    persons: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    by_zone: bool = False
    citation: Annotated[str, Field(min_length=1, max_length=400)]
    effective_on: date | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Quorum:
        named = [name for name in QUORUM_KINDS if getattr(self, name) is not None]
        if len(named) > 1:
            raise PydanticCustomError("quorum_several", "a quorum says one of more_than, at_least and persons")
        if not named and self.registered is None:
            raise PydanticCustomError("quorum_nothing", "a quorum says how many must register or vote")
        if self.by_zone and not named:
            raise PydanticCustomError("quorum_zone", "by_zone needs one of more_than, at_least and persons")
        return self

    @property
    def rule(self) -> QuorumRule:
        kind = next((name for name in QUORUM_KINDS if getattr(self, name) is not None), None)
        value = Fraction(getattr(self, kind)) if kind else None
        day = self.effective_on.isoformat() if self.effective_on else None
        return QuorumRule(self.registered, kind, value, self.by_zone, self.citation.strip(), day)


class CriterionLine(StrictModel):
    """One line of the municipality's own matrix."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    name_es: Annotated[str, Field(min_length=1, max_length=200)]
    name_en: Annotated[str, Field(max_length=200)] = ""
    weight: Annotated[Decimal, Field(gt=0, le=1000, decimal_places=4)]
    most: Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=2)]

    @property
    def criterion(self) -> Criterion:
        names = {"es": self.name_es.strip(), "en": self.name_en.strip()}
        told = {language: name for language, name in names.items() if name}
        return Criterion(self.code, told, Fraction(self.weight), Fraction(self.most))


class ProcessFile(StrictModel):
    """What a file says of a process."""

    envelope: Amount | None = None
    zones: dict[str, Amount] = Field(default_factory=dict)
    rule: Annotated[str, AfterValidator(_checked_rule)] = AS_ANNOUNCED
    ties: Annotated[str, AfterValidator(_checked_ties)] = "lexicographic"
    least_votes: Annotated[int, Field(ge=0)] | None = None
    least_group: Annotated[int, Field(ge=3, le=1000)] = LEAST_GROUP
    citation: Annotated[str, Field(max_length=1000)] = ""
    effective_on: date | None = None
    quorum: Quorum | None = None
    criteria: Annotated[list[CriterionLine], Field(max_length=30)] = Field(default_factory=list)
    phases: list[Phase] = Field(default_factory=list)
    participants: list[Participants] = Field(default_factory=list)

    @model_validator(mode="after")
    def _once(self) -> ProcessFile:
        twice = [name for name, count in Counter(one.phase for one in self.phases).items() if count > 1]
        if twice:
            raise PydanticCustomError("phase_twice", f"the phase {twice[0]} stands twice; keep one")
        lines = [name for name, count in Counter(one.code for one in self.criteria).items() if count > 1]
        if lines:
            raise PydanticCustomError("criterion_twice", f"the criterion {lines[0]} stands twice; keep one")
        people = Counter((one.sex, one.age, one.zone, one.organisation.strip()) for one in self.participants)
        if any(count > 1 for count in people.values()):
            told = "the same sex, age, zone and organisation stand twice among the participants"
            raise PydanticCustomError("people_twice", told)
        if self.envelope is not None and not self.envelope:
            raise PydanticCustomError("envelope_nothing", "an envelope is an amount above 0; leave it out if unknown")
        return self

    @property
    def zone_total(self) -> Decimal:
        return sum(self.zones.values(), Decimal(0))


def read_process(path: Path) -> ProcessFile:
    """The process of a file; InputError with every problem and its line."""
    return parse_process(read_text(path), path.name)


def parse_process(text: str, file: str) -> ProcessFile:
    return read_strict(text, file, ProcessFile)
