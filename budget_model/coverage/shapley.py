"""The part of each programme in what several of them cover together: parts that add up to the whole.

The Shapley value: what a programme adds, averaged over all orders in which the programmes could come. It needs no
order of its own, gives two equal programmes equal parts and a programme that covers nobody nothing.

    independent   c_i times the integral over t from 0 to 1 of the product over j != i of (1 - t c_j): Owen's form on
                  the diagonal; the integrand is a polynomial, so Gauss-Legendre nodes give the integral exactly
    nested        the airport game: each step of the ladder is shared by those who are at least as high
    additive      c_i; where the sum passes 1 each is cut in the same proportion (the Aumann-Shapley value)

Sources: L. S. Shapley (1953); G. Owen, Management Science 18 (1972) 64-79; S. C. Littlechild and G. Owen, Management
Science 20 (1973) 370-372; R. J. Aumann and L. S. Shapley (1974).
"""

from __future__ import annotations

import numpy as np

from budget_model.coverage.types import Array, Overlap


def parts(coverage: Array, rule: Overlap) -> Array:
    """Parts (K, ...) of K programmes in what they cover together.

    Parameters
    ----------
    coverage : (K, ...) share that each covers alone, 0-1; K above 0
    rule : their overlap

    Returns
    -------
    (K, ...) share, each between 0 and the programme's own coverage; the sum over K is the combined coverage.
    """
    if rule == "additive":
        total = coverage.sum(axis=0)
        return np.asarray(coverage / np.maximum(total, 1.0))
    if rule == "nested":
        return _nested(coverage)
    return _independent(coverage)


def _independent(coverage: Array) -> Array:
    nodes, weights = np.polynomial.legendre.leggauss((len(coverage) + 1) // 2)  # exact to the degree K - 1 and beyond
    shares = np.zeros_like(coverage)
    for node, weight in zip(0.5 * (nodes + 1.0), 0.5 * weights, strict=True):
        left = 1.0 - node * coverage  # above 0: a node lies below 1
        shares += weight * left.prod(axis=0) / left
    return np.asarray(coverage * shares)


def _nested(coverage: Array) -> Array:
    order = np.argsort(coverage, axis=0)
    ladder = np.take_along_axis(coverage, order, axis=0)
    steps = np.diff(ladder, axis=0, prepend=0.0)
    sharers = np.arange(len(coverage), 0, -1).reshape(-1, *(1,) * (coverage.ndim - 1))
    found = np.empty_like(coverage)
    np.put_along_axis(found, order, np.cumsum(steps / sharers, axis=0), axis=0)
    return found
