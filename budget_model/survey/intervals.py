"""95 % intervals from an estimate and its standard error, on the scale that keeps them where the measure can lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def logit(ratio: Numbers, se: Numbers, t: float) -> tuple[Numbers, Numbers]:
    """Symmetric on the logit scale.

    ratio, se : (cells,) shares 0-1, not 0 or 1 themselves, and their standard errors; t : quantile of Student's t.
    Gives the lower and the upper ends, (cells,) each.
    """
    logit, width = np.log(ratio / (1 - ratio)), t * se / (ratio * (1 - ratio))
    return 1 / (1 + np.exp(width - logit)), 1 / (1 + np.exp(-width - logit))


def wilson(ratio: Numbers, se: Numbers, t: float) -> tuple[Numbers, Numbers]:
    """Wilson's score interval with the effective sample size p(1 − p)/se² and t in place of z.

    Source: Wilson 1927, JASA 22; for complex samples Franco et al. 2019, J. of Survey Statistics and Methodology 7.
    """
    part = t**2 * se**2 / (ratio * (1 - ratio))  # t² over the effective sample size
    centre = (ratio + part / 2) / (1 + part)
    reach = np.sqrt(t**2 * se**2 + part**2 / 4) / (1 + part)
    return np.maximum(centre - reach, 0.0), np.minimum(centre + reach, 1.0)


def log_scale(ratio: Numbers, se: Numbers, t: float) -> tuple[Numbers, Numbers]:
    """Symmetric on the log scale, for what is above 0. Lower and upper ends (cells,) of ratios and errors (cells,)."""
    width = t * se / ratio
    return ratio * np.exp(-width), ratio * np.exp(width)


def symmetric(value: Numbers, se: Numbers, t: float) -> tuple[Numbers, Numbers]:
    """The value and t standard errors to both sides: lower and upper ends (cells,), in the value's unit."""
    return value - t * se, value + t * se


INTERVALS = {"logit": logit, "wilson": wilson}
