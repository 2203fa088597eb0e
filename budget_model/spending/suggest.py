"""Suggestions for the tag of a line that explain themselves: rules by words, and a text classifier.

Rules look for words in a line's text. The classifier (`text_classifier.py`) learns from lines that people have
approved. Its quality is measured by cross-validation, several times over, in which lines that share a text (or more: an
activity, a project) never stand on both sides, because budgets repeat themselves; beside it stands what guessing the
most frequent class would give. Nothing is ever applied by itself.
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
from sklearn.model_selection import StratifiedGroupKFold

from budget_model.spending.text_classifier import FOLDS, TextClassifier, chances, fit_texts

LEAST_TEXTS = 20  # different texts in all
LEAST_OF_CLASS = 5  # different texts of a class; classes with fewer are left out
WORDS_SHOWN = 5
LEAST_LIFT = 0.10  # by which words must raise a class above its own frequency before the classifier speaks


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
    confidence: float  # 0-1, by what the classifier was worth on texts that it had not seen
    words: tuple[str, ...]
    speaks: bool = True  # False: the words say little more than how frequent the class is anyway


@dataclass(frozen=True)
class ClassQuality:
    """Of one class in cross-validation. None where nothing was, or was guessed to be, of the class."""

    value: str
    texts: int
    precision: float | None
    recall: float | None

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing was found."""
        precision, recall = self.precision or 0.0, self.recall or 0.0
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True)
class Quality:
    """Cross-validated, over all repeats. `accuracy` beside `majority_accuracy`, that of the most frequent class.

    `spoken_share`: of the texts, those of which the classifier would speak; `spoken_accuracy`: of these, right.
    """

    texts: int
    folds: int
    accuracy: float
    majority: str
    majority_accuracy: float
    classes: tuple[ClassQuality, ...]
    spoken_share: float
    spoken_accuracy: float | None

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes; always guessing one class has 1 / number of classes."""
        return float(np.mean([one.recall or 0.0 for one in self.classes]))

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes."""
        return float(np.mean([one.f1 for one in self.classes]))

    @property
    def majority_macro_f1(self) -> float:
        """Of always guessing the most frequent class."""
        return float(np.mean([self.majority_f1(one.value) for one in self.classes]))

    def majority_f1(self, value: str) -> float:
        """F1 of a class where the most frequent one is always guessed: 2 p / (1 + p) for that one, else 0."""
        share = sum(one.texts for one in self.classes if one.value == value) / self.texts
        return 2 * share / (1 + share) if value == self.majority else 0.0

    @property
    def is_better_than_guessing(self) -> bool:
        return self.accuracy > self.majority_accuracy


@dataclass(frozen=True)
class Learned:
    """A trained classifier with its quality, or why there is none (`lacking`: texts by class)."""

    model: TextClassifier | None
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


def learn(
    labelled: Sequence[tuple[str, str]], seed: int = 0, groups: Mapping[str, str] | None = None, repeats: int = 1
) -> Learned:
    """A classifier of these pairs of text and class; the same text with the same class counts once.

    groups : text -> what it shares with other texts (a project, say): texts of a group never stand on both sides of the
        cross-validation. Without it every text is a group of its own
    repeats : cross-validations, each with the texts parted in another way
    A text that people gave different classes stays with each of them. Too few texts give no classifier.
    """
    plain_groups = {plain(text): group for text, group in (groups or {}).items()}
    pairs = sorted({(plain(text), value) for text, value in labelled if plain(text)})
    counts = Counter(value for _, value in pairs)
    kept = [(text, value) for text, value in pairs if counts[value] >= LEAST_OF_CLASS]
    if len({text for text, _ in kept}) < LEAST_TEXTS or len({value for _, value in kept}) < 2:
        return Learned(None, None, dict(counts))
    texts, values = [text for text, _ in kept], [value for _, value in kept]
    of_groups = [plain_groups.get(text, text) for text in texts]
    return Learned(fit_texts(texts, values, of_groups, seed), cross_validate(kept, seed, plain_groups, repeats), {})


@dataclass(frozen=True)
class _Round:
    """One cross-validation: what was guessed of every text, whether it was spoken of, and the majority's guess."""

    guessed: Any
    spoken: Any
    majority: Any


def cross_validate(
    pairs: Sequence[tuple[str, str]], seed: int = 0, groups: Mapping[str, str] | None = None, repeats: int = 1
) -> Quality:
    """Every text is guessed by classifiers that have seen nothing of its group: once in each of the repeats."""
    texts, values = [text for text, _ in pairs], np.array([value for _, value in pairs])
    of_groups = np.array([(groups or {}).get(text, text) for text in texts], dtype=object)
    parts = min(FOLDS, *Counter(values.tolist()).values())
    rounds = [_one_round(texts, values, of_groups, parts, seed + number) for number in range(repeats)]
    guessed, true = np.concatenate([one.guessed for one in rounds]), np.tile(values, repeats)
    spoken = np.concatenate([one.spoken for one in rounds])
    classes = tuple(_class_quality(value, true, guessed, repeats) for value in sorted(set(values.tolist())))
    return Quality(
        len(pairs),
        parts,
        float(np.mean(guessed == true)),
        Counter(values.tolist()).most_common(1)[0][0],
        float(np.mean(np.concatenate([one.majority for one in rounds]) == true)),
        classes,
        float(np.mean(spoken)),
        float(np.mean(guessed[spoken] == true[spoken])) if spoken.any() else None,
    )


def _one_round(texts: Sequence[str], values: Any, of_groups: Any, parts: int, seed: int) -> _Round:
    guessed, majority = np.empty(len(values), dtype=object), np.empty(len(values), dtype=object)
    spoken = np.zeros(len(values), dtype=bool)
    folds = StratifiedGroupKFold(n_splits=parts, shuffle=True, random_state=seed)
    for train, test in folds.split(texts, values, groups=of_groups):
        seen = values[train].tolist()
        majority[test] = Counter(seen).most_common(1)[0][0]
        if len(set(seen)) == 1:  # all others are of groups that stand on the other side: nothing to tell apart
            guessed[test] = seen[0]
            continue
        model = fit_texts([texts[i] for i in train], seen, of_groups[train].tolist(), seed)
        found = chances(model, model.words.transform([texts[i] for i in test]))
        places = found.argmax(axis=1)
        guessed[test] = np.array(model.classes)[places]
        spoken[test] = found.max(axis=1) - np.array(model.shares)[places] >= LEAST_LIFT
    return _Round(guessed, spoken, majority)


def measure(pairs: Sequence[tuple[str, str | None]], majority: str) -> Quality:
    """Labels held against guesses (None: no guess, hence not right); `majority`: what one guess for all would be."""
    true = np.array([label for label, _ in pairs], dtype=object)
    guessed = np.array([guess for _, guess in pairs], dtype=object)
    said = np.array([guess is not None for _, guess in pairs])
    classes = tuple(_class_quality(value, true, guessed, 1) for value in sorted({label for label, _ in pairs}))
    right = float(np.mean(guessed == true))
    spoken = float(np.mean(guessed[said] == true[said])) if said.any() else None
    return Quality(
        len(pairs), 0, right, majority, float(np.mean(true == majority)), classes, float(np.mean(said)), spoken
    )


def _class_quality(value: str, true: Any, guessed: Any, repeats: int) -> ClassQuality:
    hits = int(np.sum((true == value) & (guessed == value)))
    said, there = int(np.sum(guessed == value)), int(np.sum(true == value))
    return ClassQuality(value, there // repeats, hits / said if said else None, hits / there if there else None)


def guess_all(model: TextClassifier, texts: Sequence[str]) -> list[Guess | None]:
    """The most likely class of each text, with the words that spoke for it; None where it knows no word of the text."""
    if not texts:
        return []
    matrix = model.words.transform([plain(text) for text in texts]).tocsr()
    found = chances(model, matrix)
    names = model.words.get_feature_names_out()
    return [_guess(matrix[row], found[row], model, names) for row in range(matrix.shape[0])]


def _guess(row: Any, found: Any, model: TextClassifier, names: Any) -> Guess | None:
    if row.nnz == 0:
        return None
    place = int(np.argmax(found))
    weights = model.regression.coef_
    for_class = weights[place] if len(model.classes) > 2 else weights[0] * (1 if place else -1)
    parts = row.data * for_class[row.indices]
    order = np.argsort(-parts, kind="stable")[:WORDS_SHOWN]
    spoke = tuple(str(names[row.indices[i]]) for i in order if parts[i] > 0)
    speaks = bool(found[place] - model.shares[place] >= LEAST_LIFT)
    return Guess(model.classes[place], float(found[place]), spoke, speaks)
