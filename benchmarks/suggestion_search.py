"""Claim: on donors' labels no other usual text classifier does better on projects it has not seen than the one in use.

Run: python -m benchmarks.suggestion_search [folder of the shared data]   (some ten minutes of one processor)

Features (words, pairs, letters, the words of care of Publish What You Fund), regressions for unordered and for
ordered markers, and thresholds for a higher macro F1 are chosen in inner folds alone; the outer folds, which only
measure, never part a project. Three repeats; intervals of 95 % by drawing projects anew.
"""

from __future__ import annotations

import csv
import itertools
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_fscore_support
from sklearn.model_selection import StratifiedGroupKFold

from benchmarks.suggestion_quality import SHARED, donor_labels
from budget_model.spending.suggest import plain
from budget_model.spending.text_classifier import STOP_WORDS, chances, fit_texts

FRENCH = "le les des du une un et dans pour sur avec par aux au ce cette ces est sont qui que ou ne pas plus leur leurs"
STOPS = sorted(STOP_WORDS | set(FRENCH.split()))
FEATURES = ("words", "unigrams", "frequent", "letters", "both", "both and care")
FITS = ((False, 1.0), (False, 10.0), (True, 10.0))  # ordered markers, C
CONFIGURATIONS = tuple((name, *fit) for name in FEATURES for fit in FITS)
SHIFTS = (-1.5, -0.75, 0.0, 0.75, 1.5)  # of the log-chance of each marker but the first
OUTER, INNER, REPEATS, DRAWS, SMALLEST = 5, 4, 3, 500, 1e-6


@dataclass(frozen=True)
class Labelled:
    """Texts with their marker and project; `weights`: a project weighs as one text."""

    texts: Any
    values: Any
    projects: Any

    def part(self, rows: Any) -> Labelled:
        return Labelled(self.texts[rows], self.values[rows], self.projects[rows])

    @property
    def weights(self) -> Any:
        sizes = Counter(self.projects.tolist())
        return np.array([1 / sizes[one] for one in self.projects])

    def folds(self, parts: int, seed: int) -> Iterator[tuple[Any, Any]]:
        split = StratifiedGroupKFold(n_splits=parts, shuffle=True, random_state=seed)
        yield from (pair for pair in split.split(self.values, self.values, self.projects) if len(pair[1]))


def read_labelled() -> Labelled:
    pairs, groups = donor_labels()
    projects = {plain(text): group for text, group in groups.items()}
    kept = sorted({(plain(text), value) for text, value in pairs})
    texts = np.array([text for text, _ in kept], dtype=object)
    found = np.array([projects[text] for text in texts], dtype=object)
    return Labelled(texts, np.array([value for _, value in kept]), found)


def care_words() -> list[str]:
    with (SHARED / "gender_marker" / "wee_unpaid_care_keywords.csv").open(encoding="utf-8") as stream:
        return sorted({plain(cell) for row in csv.reader(stream) for cell in row if len(plain(cell)) > 3})


def matrices(name: str, train: Sequence[str], test: Sequence[str], care: Sequence[str]) -> tuple[Any, Any]:
    words = {"sublinear_tf": True, "stop_words": STOPS}
    letters = {"analyzer": "char_wb", "ngram_range": (3, 5), "sublinear_tf": True, "max_features": 20_000}
    pairs = {**words, "ngram_range": (1, 2)}
    settings = {
        "words": [pairs],
        "unigrams": [words],
        "frequent": [{**pairs, "min_df": 2}],
        "letters": [letters],
    }.get(name, [pairs, letters])
    vectors = [TfidfVectorizer(**one) for one in settings]
    seen, unseen = [one.fit_transform(train) for one in vectors], [one.transform(test) for one in vectors]
    if name == "both and care":
        seen, unseen = [*seen, counted(train, care)], [*unseen, counted(test, care)]
    return hstack(seen).tocsr(), hstack(unseen).tocsr()


def counted(texts: Sequence[str], words: Sequence[str]) -> Any:
    return csr_matrix([[0.5 * np.log1p(sum(f" {word}" in f" {text}" for word in words))] for text in texts])


def guess_chances(is_ordered: bool, c: float, seen: Any, there: Labelled, unseen: Any, markers: Any) -> Any:
    """Shape (texts, markers). Ordered: one regression for each "at least this marker"."""
    found = np.full((unseen.shape[0], len(markers)), SMALLEST)
    if not is_ordered:
        if len(set(there.values)) == 1:
            found[:, np.searchsorted(markers, there.values[0])] = 1
            return found
        model = regression(c, seen, there.values, there.weights)
        found[:, np.searchsorted(markers, model.classes_)] = model.predict_proba(unseen)
        return np.clip(found, SMALLEST, 1)
    steps = [at_least(c, seen, np.isin(there.values, markers[k:]), there, unseen) for k in range(1, len(markers))]
    edges = [np.ones(unseen.shape[0]), *steps, np.zeros(unseen.shape[0])]
    return np.clip(np.column_stack([edges[k] - edges[k + 1] for k in range(len(markers))]), SMALLEST, 1)


def at_least(c: float, seen: Any, reached: Any, there: Labelled, unseen: Any) -> Any:
    if len(set(reached.tolist())) == 1:
        return np.full(unseen.shape[0], float(reached[0]))
    return regression(c, seen, reached, there.weights).predict_proba(unseen)[:, 1]


def regression(c: float, seen: Any, values: Any, weights: Any) -> LogisticRegression:
    scaled = weights * len(weights) / weights.sum()
    return LogisticRegression(C=c, class_weight="balanced", max_iter=300).fit(seen, values, sample_weight=scaled)


def choose(there: Labelled, markers: Any, seed: int, care: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    """Configuration and shifts with the highest macro F1 in the inner folds, with and without shifts."""
    found = {one: np.full((len(there.values), len(markers)), np.nan) for one in CONFIGURATIONS}
    for train, test in there.folds(INNER, seed):
        for name in FEATURES:
            seen, unseen = matrices(name, there.texts[train], there.texts[test], care)
            for fit in FITS:
                found[(name, *fit)][test] = guess_chances(*fit, seen, there.part(train), unseen, markers)
    shifts = [np.array([0.0, *one]) for one in itertools.product(SHIFTS, repeat=len(markers) - 1)]
    tried = [
        (macro_f1(there.values, pick(p, shift, markers)), one, shift) for one, p in found.items() for shift in shifts
    ]
    best = max(tried, key=lambda one: (round(one[0], 6), -np.abs(one[2]).sum()))
    plainest = max((one for one in tried if not one[2].any()), key=lambda one: round(one[0], 6))
    return {"chosen, with thresholds": best[1:], "chosen": plainest[1:]}


def pick(found: Any, shift: Any, markers: Any) -> Any:
    return markers[(np.log(found) + shift).argmax(axis=1)]


def macro_f1(true: Any, guessed: Any) -> float:
    return float(f1_score(true, guessed, average="macro", zero_division=0, labels=["0", "1", "2"]))


def one_repeat(all_: Labelled, markers: Any, seed: int, care: Sequence[str]) -> dict[str, Any]:
    names = ("in use", "chosen", "chosen, with thresholds", "always the most frequent")
    guessed = {name: np.empty(len(all_.values), dtype="<U4") for name in names}
    for train, test in all_.folds(OUTER, seed):
        there, texts = all_.part(train), all_.texts[test]
        model = fit_texts(there.texts.tolist(), there.values.tolist(), there.projects.tolist(), seed)
        used = chances(model, model.words.transform(texts)).argmax(axis=1)
        guessed["in use"][test] = np.array(model.classes)[used]
        guessed["always the most frequent"][test] = Counter(there.values.tolist()).most_common(1)[0][0]
        for name, ((features, *fit), shift) in choose(there, markers, 100 + seed, care).items():
            seen, unseen = matrices(features, there.texts, texts, care)
            guessed[name][test] = pick(guess_chances(*fit, seen, there, unseen, markers), shift, markers)
    return guessed


def show(name: str, all_: Labelled, guesses: list[Any], markers: Any) -> None:
    rng, projects = np.random.default_rng(0), sorted(set(all_.projects))
    rows = {one: np.flatnonzero(all_.projects == one) for one in projects}
    drawn = []
    for _draw in range(DRAWS):
        kept = np.concatenate([rows[projects[i]] for i in rng.integers(0, len(projects), len(projects))])
        drawn.append(measures(all_.values[kept], [one[kept] for one in guesses]))
    right, f1 = measures(all_.values, guesses)
    (low, low_f1), (high, high_f1) = np.percentile(drawn, [2.5, 97.5], axis=0)
    print(f"{name:25} right {right:.3f} ({low:.2f}–{high:.2f}), macro F1 {f1:.3f} ({low_f1:.2f}–{high_f1:.2f})")
    of_all = precision_recall_fscore_support(
        np.tile(all_.values, len(guesses)), np.concatenate(guesses), labels=markers, zero_division=0
    )
    for marker, precision, recall in zip(markers, *of_all[:2], strict=True):
        print(f"  {marker}: precision {precision:.2f}, recall {recall:.2f}")


def measures(true: Any, guesses: list[Any]) -> tuple[float, float]:
    """Share that is right, and macro F1: means of the repeats."""
    return (
        float(np.mean([np.mean(one == true) for one in guesses])),
        float(np.mean([macro_f1(true, one) for one in guesses])),
    )


def main() -> None:
    warnings.filterwarnings("ignore")  # of folds in which a marker is missing
    all_, care = read_labelled(), care_words()
    markers = np.array(sorted(set(all_.values)))
    print(f"{len(all_.values)} texts of {len(set(all_.projects))} projects, {len(CONFIGURATIONS)} configurations")
    repeats = [one_repeat(all_, markers, seed, care) for seed in range(REPEATS)]
    for name in repeats[0]:
        show(name, all_, [one[name] for one in repeats], markers)


if __name__ == "__main__":
    main()
