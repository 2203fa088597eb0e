"""Claim: our response and overlap rules meet Atomica's, and one evaluation of a whole model takes under 2 ms.

Compares with Atomica itself (MIT) where it is installed; it is no requirement of this project. To install it apart:

    python -m venv /tmp/atomica && /tmp/atomica/bin/pip install atomica
    /tmp/atomica/bin/python benchmarks/atomica_overlap.py

Atomica gives every person the best outcome among the programmes that cover them. That equals our combined coverage,
summed over the levels of the outcome (tests/coverage/test_overlap.py says why); additive coverages that add up to
more than everybody are among the cases.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.overlap import OVERLAPS, build_segments, combine
from budget_model.coverage.response import respond, rows_by_curve
from budget_model.coverage.scenario import evaluate
from tests.model_builders import random_allocation, random_model

CASES, BASELINE = 300, 0.3
ATOMICA_WORD = {"additive": "additive", "independent": "random", "nested": "nested"}


def best_outcome(coverages: np.ndarray, outcomes: np.ndarray, rule: str) -> float:
    """Outcome by our overlap rule, summed over the levels of the outcome."""
    order = np.argsort(outcomes)[::-1]
    change = np.append(outcomes[order] - BASELINE, 0.0)
    ranked = coverages[order]
    reached = [
        combine(ranked[: count + 1], build_segments(np.zeros(count + 1, dtype=np.intp), [rule]))[0]
        for count in range(len(ranked))
    ]
    return BASELINE + float((change[:-1] - change[1:]) @ reached)


def compare_overlaps(covout_class) -> None:
    random = np.random.default_rng(20260101)
    for rule in OVERLAPS:
        differences = []
        for _ in range(CASES):
            count = int(random.integers(2, 6))
            coverages, outcomes = random.random(count) * 0.6, BASELINE + random.random(count) * 0.7
            names = [f"p{index}" for index in range(count)]
            theirs = covout_class(
                par="x", pop="y", cov_interaction=ATOMICA_WORD[rule], baseline=BASELINE,
                progs=dict(zip(names, outcomes.tolist(), strict=True)),
            )  # fmt: skip
            outcome = theirs.get_outcome({name: [value] for name, value in zip(names, coverages, strict=True)})
            differences.append(abs(float(outcome) - best_outcome(coverages, outcomes, rule)))
        print(f"{rule:12} {CASES:4} cases, largest difference {max(differences):.1e}")


def compare_saturation() -> None:
    from atomica.programs import Program

    program = Program(name="p")
    program.saturation.insert(2020, 0.4)
    people = np.array([1_000.0, 250_000.0, 900_000.0])
    theirs = np.array([program.get_prop_covered([2020], [value], [876_958.0])[0] for value in people])
    ours = respond(people / 876_958, np.full(3, 0.4), rows_by_curve(["tanh"] * 3))
    print(f"saturation   {len(people):4} cases, largest difference {np.abs(theirs - ours).max():.1e}")


def measure_evaluation() -> None:
    for links, label in ((0.1, "a tenth of all links"), (1.0, "every link")):
        model = random_model(1, programmes=60, needs=40, areas=10, groups=2, link_share=links)
        calibrated, allocation = calibrate(model), random_allocation(1, model)
        times = []
        for _ in range(200):
            start = time.perf_counter()
            evaluate(calibrated, allocation)
            times.append(1000 * (time.perf_counter() - start))
        print(f"evaluate 60 x 40 x 10 x 2, {label}: {median(times):.2f} ms (p95 {np.percentile(times, 95):.2f} ms)")


def main() -> None:
    measure_evaluation()
    try:
        from atomica.programs import Covout
    except ImportError:
        print("Atomica is not installed here, so the comparison was left out; the top of this file says how to add it.")
        return
    compare_saturation()
    compare_overlaps(Covout)


if __name__ == "__main__":
    main()
