"""The demonstration's earlier round: a sample with strata and blocks, three years before the census, in its places.

It goes the way of every round: stored, checked, estimated, published. `earlier.yaml` says what was different then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from data.demo.census import Census, generate_census
from data.demo.figures import Figures
from data.demo.geometry import MapArea
from data.demo.roster import Places
from data.demo.sample import BLOCK, STRATUM, WEIGHT, draw_sample
from data.demo.texts import TEXTS
from data.workflows.round_spec import RoundSpec

FILE = Path(__file__).with_name("earlier.yaml")
FEWEST_HOUSEHOLDS = 200  # that a census is generated with


@dataclass(frozen=True)
class EarlierRound:
    """`earlier.yaml`."""

    code: str
    starts_on: date
    ends_on: date
    meeting: date
    stands_for: float
    frame_share: float
    blocks: int
    block_households: int
    published: Mapping[str, float]
    assumed: Mapping[str, float]
    not_asked: tuple[str, ...]
    definitions: tuple[Mapping[str, Any], ...]


def read_earlier(file: Path = FILE) -> EarlierRound:
    """The file's content; a key that the record does not know raises TypeError."""
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    lists = {name: tuple(document.pop(name)) for name in ("not_asked", "definitions")}
    return EarlierRound(**document, **lists)


def earlier_frame(
    generator: np.random.Generator,
    earlier: EarlierRound,
    figures: Figures,
    map_areas: tuple[MapArea, ...],
    places: Places,
    households: int,
) -> Census:
    """The households from which the sample is drawn. households : of the census of the later round"""
    then = figures.with_values(earlier.published, earlier.assumed)
    size = max(FEWEST_HOUSEHOLDS, round(earlier.frame_share * households))
    census = generate_census(generator, then, map_areas, size, places)
    return Census(census.persons.drop(earlier.not_asked), census.households)


def draw_earlier(
    generator: np.random.Generator, earlier: EarlierRound, frame: Census, households: int
) -> tuple[Census, RoundSpec]:
    """The sample, and what is known of it."""
    sample = draw_sample(generator, frame, earlier.blocks, earlier.block_households, earlier.stands_for * households)
    spec = RoundSpec(
        code=earlier.code,
        coverage_area=TEXTS["coverage_area_of_sample"],
        is_census=False,
        area_columns=("sector", "neighbourhood"),
        starts_on=earlier.starts_on,
        ends_on=earlier.ends_on,
        coverage_rate=sample.households.height / (earlier.stands_for * households),
        weight_column=WEIGHT,
        strata_column=STRATUM,
        psu_column=BLOCK,
        source=TEXTS["sample_source"],
        provenance={"generator": "data/demo", "synthetic": True},
    )
    return sample, spec


def catalogue_then(text: str, earlier: EarlierRound) -> str:
    """The catalogue with the definitions of the earlier round in place of the later ones."""
    then = {entry["id"]: entry for entry in earlier.definitions}
    entries = [then.get(entry["id"], entry) for entry in yaml.safe_load(text)]
    return yaml.safe_dump(entries, allow_unicode=True, sort_keys=False)
