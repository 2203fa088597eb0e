"""Rules of funding sources as data: what the money of a line may pay for, each with its law or marked as an assumption.

A rule is about lines whose labels hold certain words. It says to which lines the money of such a line may go (`gives`)
and from which lines such a line may get money (`takes`). Money never changes its source: what a line gives is got by a
line of the same source. A source for which there is no rule gives nothing, because nobody knows what it may pay.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[dict[Text, Text], Field(min_length=1)]  # by language
Labels = Mapping[str, str]
Reach = Literal["anything", "capital", "same_purpose", "same_class", "nothing"]


class RuleModel(BaseModel):
    """A part of a file of rules: no unknown key, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(RuleModel):
    """Lines of which one of these labels holds one of these words, without regard to case and accents."""

    labels: Annotated[tuple[Text, ...], Field(min_length=1)]
    words: Annotated[tuple[Text, ...], Field(min_length=1)]

    def hold(self, labels: Labels) -> bool:
        """Whether a line with these labels is meant."""
        texts = [plain_text(labels.get(name, "")) for name in self.labels]
        return any(plain_text(word) in text for word in self.words for text in texts)


class SourceRule(RuleModel):
    """One rule. `basis` is *law* with its citation, or *assumption* with the place where to verify it."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    label: Texts
    applies: Words
    is_source: bool  # whether it names a funding source; else it restricts lines of whatever source
    gives: Reach
    takes: Reach
    basis: Literal["law", "assumption"]
    law: Text | None = None
    look_in: Text | None = None
    why: Texts

    @model_validator(mode="after")
    def has_its_citation(self) -> Self:
        """A rule of law cites it; what cites nothing is an assumption."""
        if (self.basis == "law") != (self.law is not None):
            raise ValueError("a rule has a 'law' if its basis is law, and only then; without one it is an assumption")
        return self


class SourceRules(RuleModel):
    """The rules of a country, and which labels of a line say its source, its purpose and its class of expenditure."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    version: Annotated[int, Field(ge=1)]
    source: Texts
    verified: Texts
    source_labels: Annotated[tuple[Text, ...], Field(min_length=1)]  # the first that a line has names its source
    purpose_labels: Annotated[tuple[Text, ...], Field(min_length=1)]
    class_labels: Annotated[tuple[Text, ...], Field(min_length=1)]
    capital: Words
    rules: Annotated[tuple[SourceRule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def each_id_once(self) -> Self:
        """Ids tell the rules apart."""
        ids = [rule.id for rule in self.rules]
        if len(set(ids)) != len(ids):
            raise ValueError("two rules have the same id; give each its own")
        return self

    def source_of(self, labels: Labels) -> str | None:
        """The funding source of a line, as its file calls it; None where no label says it."""
        return _first(labels, self.source_labels)

    def source_label(self, labels: Labels) -> str | None:
        """Name of the label that says the source."""
        return next((name for name in self.source_labels if labels.get(name, "").strip()), None)

    def class_of(self, labels: Labels) -> str | None:
        """The class of expenditure of a line; None where no label says it."""
        return _first(labels, self.class_labels)

    def rules_of(self, labels: Labels) -> tuple[SourceRule, ...]:
        """The rules that are about a line."""
        return tuple(rule for rule in self.rules if rule.applies.hold(labels))

    def may_move(self, giver: Labels, receiver: Labels) -> Verdict:
        """Whether money of one line may go to another one of the same source.

        Unknown is never allowed: a line without a source, or with one that no rule names, gives nothing.
        """
        own, others = self.rules_of(giver), self.rules_of(receiver)
        if self.source_of(giver) is None:
            return Verdict("source_unknown", ())
        if not any(rule.is_source for rule in own):
            return Verdict("no_rule", ())
        against = [rule for rule in own if not self._reaches(rule.gives, giver, receiver)]
        against += [rule for rule in others if not self._reaches(rule.takes, receiver, giver)]
        if against:
            return Verdict("not_allowed", tuple(dict.fromkeys(rule.id for rule in against)))
        return Verdict(None, tuple(dict.fromkeys(rule.id for rule in (*own, *others))))

    def _reaches(self, reach: Reach, line: Labels, other: Labels) -> bool:
        if reach == "capital":
            return self.capital.hold(other)
        if reach == "same_purpose":
            return _same(_first(line, self.purpose_labels), _first(other, self.purpose_labels))
        if reach == "same_class":
            return _same(self.class_of(line), self.class_of(other))
        return reach == "anything"


@dataclass(frozen=True)
class Verdict:
    """Whether money may move: `refusal` is None, or why it may not. `rules`: those that allow, or those that forbid."""

    refusal: str | None  # source_unknown, no_rule, not_allowed
    rules: tuple[str, ...]


def plain_text(text: str) -> str:
    """Capital letters without accents, for comparing.

    >>> plain_text("Operación de crédito")
    'OPERACION DE CREDITO'
    """
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).upper().strip()


def _first(labels: Labels, names: tuple[str, ...]) -> str | None:
    return next((text for name in names if (text := labels.get(name, "").strip())), None)


def _same(one: str | None, other: str | None) -> bool:
    """What is unknown is the same as nothing."""
    return one is not None and other is not None and plain_text(one) == plain_text(other)
