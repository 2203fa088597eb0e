"""Suggestions for the untagged lines of a site: rules, and classifiers of each facet trained on its approved lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from budget_model.spending.suggest import Guess, Learned, RuleHit, find_rules, guess_all, learn
from budget_model.spending.tags import Tag
from data.readers.suggestion_rules import read_rules
from data.store import tags as store
from data.store.tables import BudgetLine, LineTag
from data.workflows.tagged_lines import approved_tags

TEXT_LABELS = ("target", "activity", "product", "programme", "heading", "function", "division", "group")
LIKELY = ("2", "1", "0*", "-1")  # markers that call for a person's eyes first
CODES = ("policy", "beneficiary", "sharp")  # facets besides the marker that are one code of a scheme
FACETS = (*CODES, "needs")  # what a classifier of its own learns where the site has approved enough of it
Key = tuple[int, str]


@dataclass(frozen=True)
class SiteLearned:
    """What a site's approved lines taught: of the marker, and of each of FACETS by itself."""

    marker: Learned
    facets: Mapping[str, Learned]


@dataclass(frozen=True)
class SuggestedLine:
    """An untagged line, what rules and classifiers say of it, and its money (PIM, else PIA).

    facets : guesses of FACETS, as far as there is a classifier of it that knows a word of the line
    """

    key: Key
    labels: Mapping[str, str]
    amount: Decimal | None
    guess: Guess | None
    hits: tuple[RuleHit, ...]
    facets: Mapping[str, Guess] = field(default_factory=dict)

    @property
    def is_likely(self) -> bool:
        return bool(self.hits) or (self.guess is not None and self.guess.speaks and self.guess.value in LIKELY)

    @property
    def content(self) -> dict[str, Any]:
        """Facets that a form may start from: those of the rules, each by its first rule. A person completes them.

        A classifier fills what no rule names, and only of lines that may matter: its facets were learnt from such.
        Needs are shown and not filled in: nobody but a person can say what part of the money goes to each.
        """
        facets: dict[str, Any] = {}
        for hit in self.hits:
            facets |= {name: code for name, code in hit.rule.suggests.items() if name not in facets}
        if self.guess is not None and self.guess.speaks and not self.hits:
            facets["marker"] = self.guess.value
        if self.is_likely:
            spoken = {name: guess.value for name, guess in self.facets.items() if guess.speaks and name in CODES}
            facets = {**spoken, **facets}
        return facets


def line_text(labels: Mapping[str, str]) -> str:
    """The words of a line, each label once."""
    return " ".join(dict.fromkeys(labels[name] for name in TEXT_LABELS if labels.get(name)))


def learn_from_site(session: Session, site_id: int) -> SiteLearned:
    """Classifiers of the marker, from lines whose approved tag was screened, and of each of FACETS, where it states it.

    A tag without a facet teaches nothing of it: what was left out is unknown, and not "none of them". A line with
    several needs teaches each of them.
    """
    tags = approved_tags(session, site_id)
    query = select(BudgetLine.year, BudgetLine.code, BudgetLine.labels).where(BudgetLine.site_id == site_id)
    labelled: dict[str, list[tuple[str, str]]] = {name: [] for name in ("marker", *FACETS)}
    activities = {}
    for year, code, labels in session.execute(query):
        found = tags.get((year, code))
        if found is not None:
            text = line_text(labels)
            activities[text] = labels.get("activity") or text
            for name, pairs in labelled.items():
                pairs.extend((text, value) for value in _stated(found.tag, name))
    learned = {name: learn(pairs, groups=activities) for name, pairs in labelled.items()}
    return SiteLearned(learned.pop("marker"), learned)


def _stated(tag: Tag, facet: str) -> tuple[str, ...]:
    """What the tag says of the facet; nothing where it says nothing."""
    if facet == "marker":
        return (tag.marker,) if tag.is_screened else ()
    if facet == "needs":
        return tuple(link.need for link in tag.needs)
    value = getattr(tag, facet)
    return (value,) if value is not None else ()


def what_was_learnt_from(session: Session, site_id: int) -> tuple[int, ...]:
    """Changes whenever an approval does: ids of the approved versions."""
    heads = store.list_heads(session, site_id)
    return tuple(sorted(head.approved_id for head in heads if head.approved_id is not None))


def suggest_lines(
    session: Session, site_id: int, year: int, learned: SiteLearned, code: str | None = None
) -> list[SuggestedLine]:
    """Untagged lines of a year (or the one line, tagged or not) with suggestions; likely ones first, then by money."""
    same = and_(LineTag.site_id == BudgetLine.site_id, LineTag.year == BudgetLine.year, LineTag.code == BudgetLine.code)
    columns = (BudgetLine.code, BudgetLine.labels, BudgetLine.pim, BudgetLine.pia)
    query = select(*columns).outerjoin(LineTag, same).where(BudgetLine.site_id == site_id, BudgetLine.year == year)
    query = query.where(LineTag.id.is_(None)) if code is None else query.where(BudgetLine.code == code)
    rows = list(session.execute(query.order_by(BudgetLine.code)))
    texts = [line_text(labels) for _, labels, _, _ in rows]
    guesses, facets = (
        _guesses(learned.marker, texts),
        {name: _guesses(one, texts) for name, one in learned.facets.items()},
    )
    hits = _hits(texts)
    found = [
        SuggestedLine(
            (year, own),
            labels,
            pim if pim is not None else pia,
            guesses[place],
            hits[texts[place]],
            {name: guess for name, there in facets.items() if (guess := there[place]) is not None},
        )
        for place, (own, labels, pim, pia) in enumerate(rows)
    ]
    return sorted(found, key=lambda one: (not one.is_likely, -(one.amount or Decimal(0)), one.key))


def _guesses(learned: Learned, texts: list[str]) -> list[Guess | None]:
    return guess_all(learned.model, texts) if learned.model is not None else [None] * len(texts)


def _hits(texts: Iterable[str]) -> dict[str, tuple[RuleHit, ...]]:
    """Rules that speak, by text: budgets repeat their texts."""
    rules = read_rules()
    return {text: find_rules(text, rules) for text in set(texts)}
