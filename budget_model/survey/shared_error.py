"""How far women's and men's survey errors go together: they live in the same households and were drawn together.

    se(w - m)² = se(w)² + se(m)² - 2 ρ se(w) se(m)

so that ρ follows from the three errors, which the survey gives with its whole design (strata, clusters, weights).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def error_correlation(first_se: Array, second_se: Array, difference_se: Array) -> float | None:
    """Correlation of two groups' errors from those of several areas, 0-1; None where no area can say.

    Covariances and products of errors are added up over the areas, so that an area with small errors, whose own ρ is
    mostly noise, weighs little. A correlation below 0 (a sample of one sex a household can have one) is told as 0,
    which is the least that the model can hold.

    Parameters
    ----------
    first_se, second_se, difference_se : (A,) of the two shares and of their difference; NaN where one is not known

    Examples
    --------
    >>> error_correlation(np.array([0.03]), np.array([0.04]), np.array([0.05]))  # 9 + 16 = 25: nothing in common
    0.0
    >>> error_correlation(np.array([0.02]), np.array([0.02]), np.array([0.0]))  # the same people's roofs
    1.0
    """
    product = first_se * second_se
    known = np.isfinite(product) & np.isfinite(difference_se) & (product > 0)
    if not known.any():
        return None
    covariance = (first_se[known] ** 2 + second_se[known] ** 2 - difference_se[known] ** 2) / 2
    return round(float(np.clip(covariance.sum() / product[known].sum(), 0.0, 1.0)), 6) + 0.0
