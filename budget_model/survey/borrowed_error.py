"""The error of a share whose own answers cannot show one, borrowed from the whole of which it is a part.

All answers of one sampling unit show no variation between units: the design gives 0, which is unknown and not small.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def borrowed_error(share: Array, whole_share: Array, whole_deff: Array, answers: Array) -> Array:
    """√(deff p (1 − p) / n) with share p and design effect of the whole, for the n answers of the part.

    The design effect counts as 1 at least: one unit cannot tell more than as many answers drawn one by one. The result
    is no more than √(p (1 − p)) with the part's own share, or the whole's where the part has nobody or everybody.

    Parameters
    ----------
    share, whole_share : of the part and of the whole, 0-1
    whole_deff : design effect of the whole [ratio]
    answers : persons of the part's universe with an answer

    Returns
    -------
    Standard errors [share]; NaN where the whole shows no variation either, or something is not known.

    Examples
    --------
    >>> one = lambda value: np.array([value])
    >>> borrowed_error(one(0.5), one(0.2), one(2.0), one(8.0)).tolist()  # √(2 · 0.16 / 8)
    [0.2]
    >>> borrowed_error(one(0.0), one(0.5), one(3.0), one(2.0)).tolist()  # √(3 · 0.25 / 2) = 0.61 is above √0.25
    [0.5]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = whole_share * (1 - whole_share)
        error = np.sqrt(np.maximum(whole_deff, 1.0) * variance / answers)
        own = share * (1 - share)
        most = np.sqrt(np.where(own > 0, own, variance))
        found: Array = np.where(variance > 0, np.minimum(error, most), np.nan)
    return found
