"""Suggestions for the tag of a line that explain themselves: rules by words, and a text classifier.

Rules look for words in a line's text. The classifier learns from lines that people have approved: counts of words and
pairs of words, weighted by how rare they are, and a logistic regression whose coefficients tell which words spoke for
a class. Its quality is measured by cross-validation in which lines that share a text (or more: an activity, a project)
never stand on both sides, because budgets repeat themselves; beside it stands what guessing the most frequent class
would give. Nothing is ever applied by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline

LEAST_TEXTS = 20  # different texts in all
LEAST_OF_CLASS = 5  # different texts of a class; classes with fewer are left out
FOLDS = 5
WORDS_SHOWN = 5
SMALL_WORDS = (
    "a al ante con contra de del desde e el en entre es la las lo los o para por que se sin sobre su sus un una y "
    "the of and to in for on with from at by an is"
)
STOP_WORDS = frozenset(SMALL_WORDS.split())


class Rule(BaseModel):
    """Words that speak for facets of a tag. A term is the beginning of a word or of words that follow each other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    terms: Annotated[tuple[str, ...], Field(min_length=1)]
    suggests: Annotated[dict[str, str], Field(min_length=1)]  # facet -> code
    why: dict[str, str]  # by language


@dataclass(frozen=True)
class RuleHit:
    """A rule that found one of its terms."""

    rule: Rule
    term: str


@dataclass(frozen=True)
class Guess:
    """What the classifier would say. `words` spoke for the class, the strongest first."""

    value: str
    confidence: float  # 0-1, the classifier's own probability
    words: tuple[str, ...]


@dataclass(frozen=True)
class ClassQuality:
    """Of one class in cross-validation. None where nothing was, or was guessed to be, of the class."""

    value: str
    texts: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class Quality:
    """Cross-validated. `accuracy` beside `majority_accuracy`, that of always guessing the most frequent class."""

    texts: int
    folds: int
    accuracy: float
    majority: str
    majority_accuracy: float
    classes: tuple[ClassQuality, ...]

    @property
    def is_better_than_guessing(self) -> bool:
        return self.accuracy > self.majority_accuracy


@dataclass(frozen=True)
class Learned:
    """A trained classifier with its quality, or why there is none (`lacking`: texts by class)."""

    model: Pipeline | None
    quality: Quality | None
    lacking: Mapping[str, int]


def plain(text: str) -> str:
    """Small letters without accents, and single spaces: how words are compared."""
    letters = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", " ", kept).strip()


def find_rules(text: str, rules: Sequence[Rule]) -> tuple[RuleHit, ...]:
    """Rules of which a term stands in the text, each once."""
    padded = f" {plain(text)}"
    found = []
    for rule in rules:
        term = next((term for term in rule.terms if f" {plain(term)}" in padded), None)
        if term is not None:
            found.append(RuleHit(rule, term))
    return tuple(found)


def learn(labelled: Sequence[tuple[str, str]], seed: int = 0, groups: Mapping[str, str] | None = None) -> Learned:
    """A classifier of these pairs of text and class; the same text with the same class counts once.

    groups : text -> what it shares with other texts (a project, say): texts of a group never stand on both sides of the
        cross-validation. Without it every text is a group of its own
    A text that people gave different classes stays with each of them. Too few texts give no classifier.
    """
    plain_groups = {plain(text): group for text, group in (groups or {}).items()}
    pairs = sorted({(plain(text), value) for text, value in labelled if plain(text)})
    counts = Counter(value for _, value in pairs)
    kept = [(text, value) for text, value in pairs if counts[value] >= LEAST_OF_CLASS]
    if len({text for text, _ in kept}) < LEAST_TEXTS or len({value for _, value in kept}) < 2:
        return Learned(None, None, dict(counts))
    quality = cross_validate(kept, seed, plain_groups)
    return Learned(_fitted([text for text, _ in kept], [value for _, value in kept]), quality, {})


def _fitted(texts: Sequence[str], values: Sequence[str]) -> Pipeline:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, stop_words=sorted(STOP_WORDS))
    model = make_pipeline(words, LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000))
    return model.fit(list(texts), list(values))


def cross_validate(pairs: Sequence[tuple[str, str]], seed: int = 0, groups: Mapping[str, str] | None = None) -> Quality:
    """Every text is guessed once by a classifier that has not seen it."""
    texts, values = [text for text, _ in pairs], np.array([value for _, value in pairs])
    least = min(Counter(values.tolist()).values())
    folds = StratifiedGroupKFold(n_splits=min(FOLDS, least), shuffle=True, random_state=seed)
    guessed, majority = np.empty(len(values), dtype=object), np.empty(len(values), dtype=object)
    for train, test in folds.split(texts, values, groups=[(groups or {}).get(text, text) for text in texts]):
        seen = values[train].tolist()
        majority[test] = Counter(seen).most_common(1)[0][0]
        if len(set(seen)) == 1:  # all others are of groups that stand on the other side: nothing to tell apart
            guessed[test] = seen[0]
            continue
        guessed[test] = _fitted([texts[i] for i in train], seen).predict([texts[i] for i in test])
    classes = tuple(_class_quality(value, values, guessed) for value in sorted(set(values.tolist())))
    return Quality(
        len(pairs),
        folds.get_n_splits(),
        float(np.mean(guessed == values)),
        Counter(values.tolist()).most_common(1)[0][0],
        float(np.mean(majority == values)),
        classes,
    )


def _class_quality(value: str, true: Any, guessed: Any) -> ClassQuality:
    hits = int(np.sum((true == value) & (guessed == value)))
    said, there = int(np.sum(guessed == value)), int(np.sum(true == value))
    return ClassQuality(value, there, hits / said if said else None, hits / there if there else None)


def guess_all(model: Pipeline, texts: Sequence[str]) -> list[Guess | None]:
    """The most likely class of each text, with the words that spoke for it; None where it knows no word of the text."""
    if not texts:
        return []
    words, regression = model[0], model[1]
    matrix = words.transform([plain(text) for text in texts]).tocsr()
    chances = regression.predict_proba(matrix)
    names = words.get_feature_names_out()
    return [_guess(matrix[row], chances[row], regression, names) for row in range(matrix.shape[0])]


def _guess(row: Any, chances: Any, regression: LogisticRegression, names: Any) -> Guess | None:
    if row.nnz == 0:
        return None
    place = int(np.argmax(chances))
    weights = regression.coef_[place] if len(regression.classes_) > 2 else regression.coef_[0] * (1 if place else -1)
    parts = row.data * weights[row.indices]
    order = np.argsort(-parts, kind="stable")[:WORDS_SHOWN]
    spoke = tuple(str(names[row.indices[i]]) for i in order if parts[i] > 0)
    return Guess(str(regression.classes_[place]), float(chances[place]), spoke)
