"""What may be shown to whom of an estimate: sensitive indicators, areas, and cells too small to be safe.

A cell is one indicator, area and sex. It is safe when enough *answered* persons stand both inside and outside the
numerator: neither "the three women of the block who …" nor "all but one". Suppressed cells are removed, not rounded.
"""

from __future__ import annotations

from dataclasses import dataclass

LEAST_PERSONS = 10  # in the numerator and outside it
LEAST_PERSONS_SENSITIVE = 20
SITE_LEVEL = 0


@dataclass(frozen=True)
class Reader:
    """What the reader may see."""

    is_public: bool

    @property
    def may_see_sectors(self) -> bool:
        return not self.is_public

    def may_see_indicator(self, is_sensitive: bool, area_level: int) -> bool:
        """Sensitive indicators: never for the public, never below the municipality."""
        return not is_sensitive or (not self.is_public and area_level == SITE_LEVEL)

    def least_persons(self, is_sensitive: bool, area_level: int) -> int:
        """Smallest safe cell; 0 where nothing needs protection from this reader."""
        if is_sensitive:
            return LEAST_PERSONS_SENSITIVE
        return LEAST_PERSONS if self.is_public or area_level > SITE_LEVEL else 0


def is_safe(share: float | None, persons: int, least: int) -> bool:
    """Whether a cell of `persons` unweighted answers may be shown; `share` is None for a mean."""
    if share is None:
        return persons >= least
    inside = share * persons
    return min(inside, persons - inside) >= least - 1e-6  # floating point
