"""Drawing the sample of the demonstration's earlier round: blocks of households in every neighbourhood."""

from __future__ import annotations

import numpy as np
import polars as pl

from data.demo.census import Census

WEIGHT, STRATUM, BLOCK = "weight", "stratum", "block"
PLACE, SECTOR, HOUSEHOLD = "neighbourhood", "sector", "household_id"
FEWEST_BLOCKS = 2  # in a stratum: one alone has no variance


def draw_sample(
    generator: np.random.Generator, frame: Census, blocks: int, block_households: int, stands_for: float
) -> Census:
    """All households of some blocks of each neighbourhood, every block with the same chance within it.

    blocks : how many are drawn in a neighbourhood; all where it has no more
    block_households : in a block; the last of a neighbourhood is what remains
    stands_for : households, the sum of the weights of all households of `frame`

    The result has the columns `weight` (households that one stands for), `block` (the sampling unit) and `stratum`: the
    neighbourhood, or its sector where one of the sector's neighbourhoods has a single block. Ids count from 1 again.
    """
    homes = frame.households.with_columns(
        (pl.int_range(pl.len()).over(PLACE) // block_households + 1).alias("number")
    ).with_columns(pl.format("{}-B{}", PLACE, pl.col("number").cast(pl.String).str.zfill(3)).alias(BLOCK))
    drawn = _drawn_blocks(generator, homes, blocks, stands_for / homes.height)
    sample = homes.join(drawn, on=BLOCK, how="inner", maintain_order="left").drop("number")
    new_ids = sample.select(HOUSEHOLD, pl.int_range(1, pl.len() + 1).alias("new_id"))
    design = sample.select(HOUSEHOLD, WEIGHT, STRATUM, BLOCK)
    persons = frame.persons.join(design, on=HOUSEHOLD, how="inner", maintain_order="left")
    persons, sample = (_renumbered(table, new_ids) for table in (persons, sample))
    return Census(persons.with_columns(pl.int_range(1, pl.len() + 1).alias("person_id")), sample)


def _drawn_blocks(generator: np.random.Generator, homes: pl.DataFrame, blocks: int, share: float) -> pl.DataFrame:
    """Blocks that were drawn: `block`, `stratum`, `weight`. share : households that one of the frame stands for."""
    listed = homes.select(SECTOR, PLACE, BLOCK).unique(maintain_order=True)
    listed = listed.with_columns(pl.Series("chance", generator.random(listed.height)))
    listed = listed.with_columns(
        pl.col("chance").rank("ordinal").over(PLACE).alias("place"), pl.len().over(PLACE).alias("all_blocks")
    )
    drawn = listed.filter(pl.col("place") <= blocks).with_columns(pl.len().over(PLACE).alias("drawn_blocks"))
    fewest = pl.col("drawn_blocks").min().over(SECTOR)
    stratum = pl.when(fewest >= FEWEST_BLOCKS).then(pl.col(PLACE)).otherwise(pl.col(SECTOR))
    weight = pl.col("all_blocks") / pl.col("drawn_blocks") * share
    return drawn.select(BLOCK, stratum.alias(STRATUM), weight.alias(WEIGHT))


def _renumbered(table: pl.DataFrame, new_ids: pl.DataFrame) -> pl.DataFrame:
    """Households under their new ids, columns in their order."""
    joined = table.join(new_ids, on=HOUSEHOLD, how="left", maintain_order="left")
    return joined.with_columns(pl.col("new_id").alias(HOUSEHOLD)).drop("new_id")
