"""Suggestions for the untagged lines of a site: rules, and a classifier trained on its approved lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from budget_model.spending.suggest import Guess, Learned, RuleHit, find_rules, guess_all, learn
from data.readers.suggestion_rules import read_rules
from data.store import tags as store
from data.store.tables import BudgetLine, LineTag
from data.workflows.tagged_lines import approved_tags

TEXT_LABELS = ("target", "activity", "product", "programme", "heading", "function", "division", "group")
LIKELY = ("2", "1", "0*", "-1")  # markers that call for a person's eyes first
Key = tuple[int, str]


@dataclass(frozen=True)
class SuggestedLine:
    """An untagged line, what rules and classifier say of it, and its money (PIM, else PIA)."""

    key: Key
    labels: Mapping[str, str]
    amount: Decimal | None
    guess: Guess | None
    hits: tuple[RuleHit, ...]

    @property
    def is_likely(self) -> bool:
        return bool(self.hits) or (self.guess is not None and self.guess.speaks and self.guess.value in LIKELY)

    @property
    def content(self) -> dict[str, Any]:
        """Facets that a form may start from: those of the rules, each by its first rule. A person completes them."""
        facets: dict[str, Any] = {}
        for hit in self.hits:
            facets |= {name: code for name, code in hit.rule.suggests.items() if name not in facets}
        if self.guess is not None and self.guess.speaks and not self.hits:
            facets["marker"] = self.guess.value
        return facets


def line_text(labels: Mapping[str, str]) -> str:
    """The words of a line, each label once."""
    return " ".join(dict.fromkeys(labels[name] for name in TEXT_LABELS if labels.get(name)))


def learn_from_site(session: Session, site_id: int) -> Learned:
    """A classifier of the marker, from the lines whose approved tag was screened."""
    tags = approved_tags(session, site_id)
    query = select(BudgetLine.year, BudgetLine.code, BudgetLine.labels).where(BudgetLine.site_id == site_id)
    labelled, activities = [], {}
    for year, code, labels in session.execute(query):
        found = tags.get((year, code))
        if found is not None and found.tag.is_screened:
            text = line_text(labels)
            labelled.append((text, found.tag.marker))
            activities[text] = labels.get("activity") or text
    return learn(labelled, groups=activities)


def what_was_learnt_from(session: Session, site_id: int) -> tuple[int, ...]:
    """Changes whenever an approval does: ids of the approved versions."""
    heads = store.list_heads(session, site_id)
    return tuple(sorted(head.approved_id for head in heads if head.approved_id is not None))


def suggest_lines(
    session: Session, site_id: int, year: int, learned: Learned, code: str | None = None
) -> list[SuggestedLine]:
    """Untagged lines of a year (or the one line, tagged or not) with suggestions; likely ones first, then by money."""
    same = and_(LineTag.site_id == BudgetLine.site_id, LineTag.year == BudgetLine.year, LineTag.code == BudgetLine.code)
    columns = (BudgetLine.code, BudgetLine.labels, BudgetLine.pim, BudgetLine.pia)
    query = select(*columns).outerjoin(LineTag, same).where(BudgetLine.site_id == site_id, BudgetLine.year == year)
    query = query.where(LineTag.id.is_(None)) if code is None else query.where(BudgetLine.code == code)
    rows = list(session.execute(query.order_by(BudgetLine.code)))
    texts = [line_text(labels) for _, labels, _, _ in rows]
    guesses = guess_all(learned.model, texts) if learned.model is not None else [None] * len(rows)
    hits = _hits(texts)
    found = [
        SuggestedLine((year, own), labels, pim if pim is not None else pia, guess, hits[text])
        for (own, labels, pim, pia), text, guess in zip(rows, texts, guesses, strict=True)
    ]
    return sorted(found, key=lambda one: (not one.is_likely, -(one.amount or Decimal(0)), one.key))


def _hits(texts: Iterable[str]) -> dict[str, tuple[RuleHit, ...]]:
    """Rules that speak, by text: budgets repeat their texts."""
    rules = read_rules()
    return {text: find_rules(text, rules) for text in set(texts)}
