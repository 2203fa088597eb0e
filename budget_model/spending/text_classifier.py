"""A small classifier of texts that knows how little it knows.

Words and pairs of words, weighted by how rare they are, and a logistic regression whose coefficients tell which words
spoke for a class. What it says of texts it has learnt is no measure of what it says of others: so each class's score is
turned into a probability by what the scores were worth on texts that were left out (Platt's sigmoid over an inner
cross-validation). Where the words told nothing there, the probability is the class's own frequency. A group of texts (a
project with many components) weighs as much as one text, however many it has.

Source: Platt (1999), "Probabilistic outputs for support vector machines"; the sigmoid may not fall.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

FOLDS = 5
MANY_TEXTS = 2_000  # from here on three inner parts will do: each has enough
SMALLEST_CHANCE = 1e-6
SPANISH = (
    "a al ante con contra de del desde e el en entre es la las lo los o para por que se sin sobre su sus un una y como "
    "mas muy no ni si ya este esta estos estas ese esa le les fue son ser ha han hay otro otra otros otras todo toda "
    "todos todas segun durante mediante hasta hacia cada donde cuando"
)
STOP_WORDS = frozenset(SPANISH.split()) | ENGLISH_STOP_WORDS


@dataclass(frozen=True)
class Sigmoid:
    """Probability of a class from its log-odds in the regression: 1 / (1 + exp(-(slope * score + intercept)))."""

    slope: float  # >= 0; 0: the words tell nothing of the class
    intercept: float


@dataclass(frozen=True)
class TextClassifier:
    """A fitted classifier. `shares`: how frequent each class is where a group weighs as one text; sum 1."""

    words: TfidfVectorizer
    regression: LogisticRegression
    sigmoids: tuple[Sigmoid, ...]
    shares: tuple[float, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(str(value) for value in self.regression.classes_)


def fit_texts(texts: Sequence[str], values: Sequence[str], groups: Sequence[Any], seed: int = 0) -> TextClassifier:
    """Fit texts (small letters, no accents) of at least two classes; texts of a group share their weight."""
    labels, weights = np.array(values), _weights(groups)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, stop_words=sorted(STOP_WORDS))
    matrix = words.fit_transform(list(texts))
    regression = _regression(matrix, labels, weights)
    classes = regression.classes_
    shares = [float(weights[labels == value].sum() / weights.sum()) for value in classes]
    scores = _left_out_scores(matrix, labels, weights, groups, classes, seed)
    sigmoids = [
        _sigmoid(scores[:, place], labels == value, weights, shares[place]) for place, value in enumerate(classes)
    ]
    return TextClassifier(words, regression, tuple(sigmoids), tuple(shares))


def chances(model: TextClassifier, matrix: Any) -> Any:
    """Calibrated probabilities, shape (texts, classes) in the order of `classes`; rows sum to 1."""
    scores = _log_odds(model.regression, matrix, model.regression.classes_)
    slopes = np.array([one.slope for one in model.sigmoids])
    intercepts = np.array([one.intercept for one in model.sigmoids])
    found = 1 / (1 + np.exp(-(slopes * scores + intercepts)))
    return found / found.sum(axis=1, keepdims=True)


def _weights(groups: Sequence[Any]) -> Any:
    """1 / size of its group for each text, scaled to a mean of 1."""
    sizes = Counter(groups)
    found = np.array([1 / sizes[group] for group in groups])
    return found * len(found) / found.sum()


def _regression(matrix: Any, labels: Any, weights: Any) -> LogisticRegression:
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000, solver="newton-cg")
    return model.fit(matrix, labels, sample_weight=weights)


def _log_odds(regression: LogisticRegression, matrix: Any, classes: Any) -> Any:
    """Log-odds of each of `classes`; a class that the regression has not seen gets the smallest."""
    found = np.full((matrix.shape[0], len(classes)), SMALLEST_CHANCE)
    found[:, np.searchsorted(classes, regression.classes_)] = regression.predict_proba(matrix)
    found = np.clip(found, SMALLEST_CHANCE, 1 - SMALLEST_CHANCE)
    return np.log(found / (1 - found))


def _left_out_scores(matrix: Any, labels: Any, weights: Any, groups: Sequence[Any], classes: Any, seed: int) -> Any:
    """Log-odds of each text by regressions that have not seen its group; NaN where there was nothing to learn from."""
    scores = np.full((len(labels), len(classes)), np.nan)
    least = min(Counter(labels.tolist()).values())
    parts = max(2, min(FOLDS if len(labels) < MANY_TEXTS else 3, least))
    folds = StratifiedGroupKFold(n_splits=parts, shuffle=True, random_state=seed)
    if len(set(groups)) < parts:
        return scores
    for train, test in folds.split(np.zeros(len(labels)), labels, groups=list(groups)):
        if len(test) and len(set(labels[train].tolist())) > 1:
            seen = _regression(matrix[train], labels[train], weights[train])
            scores[test] = _log_odds(seen, matrix[test], classes)
    return scores


def _sigmoid(scores: Any, is_class: Any, weights: Any, share: float) -> Sigmoid:
    """What the scores of left-out texts were worth; the class's own frequency where they were worth nothing."""
    known = ~np.isnan(scores)
    nothing = Sigmoid(0.0, float(np.log(share / (1 - share))))
    if len(set(is_class[known].tolist())) < 2:
        return nothing
    fitted = LogisticRegression(C=1.0).fit(scores[known].reshape(-1, 1), is_class[known], sample_weight=weights[known])
    slope = float(fitted.coef_[0, 0])
    return Sigmoid(slope, float(fitted.intercept_[0])) if slope > 0 else nothing
