"""Publishing a round: protected figures made once from the answers and stored; every public surface reads these.

Officials read `estimate`; everybody else reads `published_figure` and nothing else of a round.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.design import SampleDesign
from budget_model.survey.disclosure import Counted, Rule, Whole, noise_factors, record_keys
from budget_model.survey.estimate import estimate
from budget_model.survey.published import SEXES, Finest, Grid, Protected, protect
from budget_model.survey.quantiles import with_lines
from data.store import audit
from data.store.areas import area_ids
from data.store.definitions import pending_definitions
from data.store.engine import transaction
from data.store.estimates import load_estimates
from data.store.publications import find_publication, replace_published
from data.store.rounds import load_round
from data.store.sites import load_site
from data.store.tables import Estimate, Indicator, Publication, SurveyRound
from data.workflows.anonymise import HIDDEN_AREA, WIDE_LABELS
from data.workflows.indicators import AGE_BAND, SEX, RoundAnswers, load_answers
from data.workflows.republication import record_republication, require_republication
from data.workflows.round_states import PUBLISHED, StateChange, change_state, require_step

METHOD = "controlled random rounding of the finest cells, version 1"
KEY, NOISE, CELL = "protection_key", "protection_noise", "protection_cell"
Sets = dict[int, dict[tuple[int, int], Whole]]


@dataclass(frozen=True)
class PublicationRun:
    """What was published."""

    round_code: str
    figures: int
    hidden: int
    protected: Protected


def publish_figures(
    factory: sessionmaker[Session], bank_folder: Path, site_slug: str, round_code: str, actor: str, reason: str = ""
) -> PublicationRun:
    """Make and store the protected figures of a round, in one transaction with its audit entry.

    Again on a published round keeps every figure that is there: the secret and the rounded sets of the first time are
    used again. Further indicators, and new versions of those that are out, then take a reason and another person than
    the one who computed them; they go into the history of the round.

    Raises InputError where no indicator was run on the round, and with all that stands against a change of what the
    public sees; nothing is stored then.
    """
    with factory() as session:
        site = load_site(session, site_slug)
        survey_round = load_round(session, site.id, round_code)
        stored = find_publication(session, survey_round.id)
        pending = pending_definitions(session, survey_round)
        require_republication(session, survey_round, pending, actor, reason)
        secret = bytes.fromhex(stored.secret) if stored else secrets.token_bytes(32)
        is_public = survey_round.state == PUBLISHED  # before, nobody has seen figures, and answers may have changed
        sets = read_sets(stored.rounded_sets) if stored and is_public else None
        protected = protect_round(session, bank_folder, survey_round, secret, sets)
        areas = area_ids(session, site.id)
    rows = list(_rows(protected.table, areas))
    with transaction(factory) as session:
        _keep(session, survey_round.id, actor, secret, protected)
        record_republication(session, load_round(session, site.id, round_code), pending, actor, reason)
        count = replace_published(session, survey_round.id, rows)
        hidden = sum(row["status"] == "protected" for row in rows)
        detail = {"method": METHOD, "figures": count, "hidden": hidden}
        audit.record(session, actor, "round.protect", f"round {round_code}", site.id, detail)
    return PublicationRun(round_code, count, hidden, protected)


@dataclass(frozen=True)
class RoundCells:
    """Everything that is protected, still exact. `indicator` is the id of the stored indicator, as text. Medians, Gini
    coefficients and the like are not in it: they are no sums of rounded cells, so they are never published."""

    definitions: dict[str, IndicatorDefinition]
    grid: Grid
    cells: tuple[Finest, ...]
    errors: pd.DataFrame
    persons: pl.DataFrame


def publish_round(
    factory: sessionmaker[Session], bank_folder: Path, site_slug: str, round_code: str, actor: str, reason: str = ""
) -> StateChange:
    """Make the protected figures, where indicators were run, and then open the round to the public.

    Raises InputError with all that stands against publishing, before any figure is made.
    """
    with factory() as session:
        survey_round = load_round(session, load_site(session, site_slug).id, round_code)
        require_step(session, survey_round, PUBLISHED, actor, reason)
        has_figures = session.scalar(select(Estimate.id).where(Estimate.round_id == survey_round.id).limit(1))
    if has_figures is not None:
        publish_figures(factory, bank_folder, site_slug, round_code, actor)
    return change_state(factory, site_slug, round_code, PUBLISHED, actor, reason)


def cells_of_round(session: Session, bank_folder: Path, survey_round: SurveyRound, secret: bytes) -> RoundCells:
    """The exact persons of every indicator that was run on the round, in the finest cells."""
    definitions = _definitions(session, survey_round)
    answers = load_answers(session, bank_folder, survey_round)
    persons, grid = _prepared(ibis.polars.connect().to_polars(answers.persons), answers, secret)
    public = {name: item for name, item in definitions.items() if not item.needs_every_answer}
    cells = tuple(_finest_cells(persons, grid, _with_lines(public, answers), answers.design))
    return RoundCells(public, grid, cells, _errors(session, survey_round, definitions), persons)


def _with_lines(
    definitions: Mapping[str, IndicatorDefinition], answers: RoundAnswers
) -> dict[str, IndicatorDefinition]:
    """Relative poverty lines as the numbers that the exact figures had; then they are shares and means like others."""
    named = [item.model_copy(update={"id": name}) for name, item in definitions.items()]  # two versions share a code
    found, _lines = with_lines(answers.persons, named, answers.design)
    return {item.id: item for item in found}


def protect_round(
    session: Session, bank_folder: Path, survey_round: SurveyRound, secret: bytes, sets: Sets | None = None
) -> Protected:
    """The protected table of a round; nothing is stored."""
    exact = cells_of_round(session, bank_folder, survey_round, secret)
    sensitive = [name for name, definition in exact.definitions.items() if definition.sensitive]
    return protect(exact.grid, exact.cells, sensitive, exact.errors, secret, sets)


def _definitions(session: Session, survey_round: SurveyRound) -> dict[str, IndicatorDefinition]:
    """Every indicator that was run on the round, under its stored id."""
    used = select(Estimate.indicator_id).where(Estimate.round_id == survey_round.id)
    rows = session.scalars(select(Indicator).where(Indicator.id.in_(used)).order_by(Indicator.id)).all()
    if not rows:
        message = f"No indicator was run on round '{survey_round.code}'. Run: python -m budget_model indicators run"
        raise InputError(Problem("publication_empty", message, value=survey_round.code))
    return {str(row.id): IndicatorDefinition.model_validate(row.definition) for row in rows}


def _errors(
    session: Session, survey_round: SurveyRound, definitions: Mapping[str, IndicatorDefinition]
) -> pd.DataFrame:
    frame = load_estimates(session, survey_round.id, age_band=None)
    names = {(item.id, item.version): name for name, item in definitions.items()}
    keys = zip(frame["indicator"], frame["version"], strict=True)
    return frame.assign(indicator=[names[key] for key in keys])


def _prepared(persons: pl.DataFrame, answers: RoundAnswers, secret: bytes) -> tuple[pl.DataFrame, Grid]:
    """Persons with their key, noise factor and finest cell; missing and hidden areas, sexes and bands become ''."""
    has_bands = AGE_BAND in persons.columns
    columns = [*answers.area_columns, SEX]
    text = [pl.col(name).cast(pl.String).fill_null("").replace({HIDDEN_AREA: ""}) for name in columns]
    wide = dict.fromkeys(WIDE_LABELS, "")
    band = pl.col(AGE_BAND).cast(pl.String).fill_null("").replace(wide) if has_bands else pl.lit("")
    persons = persons.with_columns(
        *text,
        band.alias(AGE_BAND),
        pl.Series(KEY, record_keys(secret, persons.height)),
        pl.Series(NOISE, noise_factors(secret, persons.height)),
    ).with_columns(pl.when(pl.col(SEX).is_in(list(SEXES))).then(pl.col(SEX)).otherwise(pl.lit("")).alias(SEX))
    places = [*answers.area_columns, AGE_BAND]
    finest = persons.select(places).unique().sort(places).with_row_index(CELL)
    persons = persons.join(finest.with_columns(pl.col(CELL).cast(pl.Int64)), on=places, how="left")
    table = pd.DataFrame(finest.drop(CELL).to_dict(as_series=False))
    return persons, Grid(answers.root_area, table, answers.area_columns, has_bands)


# --- the finest cells -------------------------------------------------------------------------------------------------


def _finest_cells(
    persons: pl.DataFrame, grid: Grid, definitions: Mapping[str, IndicatorDefinition], design: SampleDesign
) -> Iterator[Finest]:
    """Each indicator and sex: persons, record keys and weighted sums in the finest cells."""
    table, by = ibis.memtable(persons), [(CELL, SEX)]
    keyed = [one for name, item in definitions.items() for one in _keyed(name, item)]
    weighted = [_noisy(name, item) for name, item in definitions.items()]
    counts = _matrices(estimate(table, keyed, by), len(grid.finest))
    sums = _matrices(estimate(table, weighted, by, SampleDesign(weight=design.weight)), len(grid.finest))
    for name, definition in definitions.items():
        for sex in SEXES:
            universe = counts[f"universe {name}", sex]
            numerator = None if definition.is_mean else counts[f"numerator {name}", sex]
            counted = Counted(
                name,
                sex,
                universe["n"].astype(np.int64),
                None if numerator is None else numerator["n"].astype(np.int64),
                int(universe["count"].sum()),
                0 if numerator is None else int(numerator["count"].sum()),
            )
            weights = sums[name, sex]
            yield Finest(name, sex, counted, weights["population"], weights["count"])


def _keyed(name: str, definition: IndicatorDefinition) -> list[IndicatorDefinition]:
    """Definitions that count the persons of the universe (with an answer) and of the numerator, and sum their keys."""
    answered = f"({definition.universe}) AND ({definition.measured}) IS NOT NULL"
    keyed = {"mean": KEY, "numerator": None}
    universe = definition.model_copy(update={**keyed, "id": f"universe {name}", "universe": answered})
    if definition.is_mean:
        return [universe]
    inside = f"({definition.universe}) AND ({definition.numerator})"
    return [universe, definition.model_copy(update={**keyed, "id": f"numerator {name}", "universe": inside})]


def _noisy(name: str, definition: IndicatorDefinition) -> IndicatorDefinition:
    """The definition itself; a mean is taken of answers times the person's noise factor."""
    change: dict[str, Any] = {"id": name}
    if definition.is_mean:
        change["mean"] = f"({definition.mean}) * {NOISE}"
    return definition.model_copy(update=change)


def _matrices(frame: pd.DataFrame, size: int) -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """By indicator and sex: `n`, `population` and `count` of every finest cell, 0 where there is nobody."""
    found: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for name in frame["indicator"].unique():
        for sex in SEXES:
            found[name, sex] = {column: np.zeros(size) for column in ("n", "population", "count")}
    for (name, sex), part in frame.groupby(["indicator", SEX]):
        for column, values in found[str(name), str(sex)].items():
            values[part[CELL].astype(int).to_numpy()] = part[column].fillna(0.0).to_numpy()
    return found


# --- what is stored ---------------------------------------------------------------------------------------------------


def _rows(table: pd.DataFrame, areas: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for row in table.to_dict("records"):
        figures = {name: None if pd.isna(value) else value for name, value in row.items()}
        yield {
            **{str(name): value for name, value in figures.items() if name not in ("indicator", "area", "n")},
            "indicator_id": int(row["indicator"]),
            "area_id": areas[row["area"]],
            "n": None if pd.isna(row["n"]) else int(row["n"]),
        }


def _keep(session: Session, round_id: int, actor: str, secret: bytes, protected: Protected) -> None:
    publication = find_publication(session, round_id)
    if publication is not None and publication.secret != secret.hex():
        message = "Somebody else published the round at the same moment. Publish it again to bring it up to date."
        raise InputError(Problem("publication_raced", message))
    if publication is None:
        publication = Publication(round_id=round_id, secret=secret.hex())
        session.add(publication)
    publication.made_at, publication.made_by = datetime.now(UTC), actor
    publication.rounded_sets = _write_sets(protected.rounded_sets)
    publication.rules = {"method": METHOD, **{_kind(key): _rule(rule) for key, rule in protected.rules.items()}}


def _kind(is_sensitive: bool) -> str:
    return "sensitive" if is_sensitive else "ordinary"


def _rule(rule: Rule) -> dict[str, int]:
    return {"base": rule.base, "least": rule.least, "shown_from": rule.shown_from}


def _write_sets(sets: Mapping[int, Mapping[tuple[int, int], Whole]]) -> dict[str, Any]:
    """Multiples of the base as small whole numbers."""
    return {
        str(base): {f"{key}/{size}": (values // base).tolist() for (key, size), values in known.items()}
        for base, known in sets.items()
    }


def read_sets(stored: Mapping[str, Mapping[str, Sequence[int]]]) -> Sets:
    return {
        int(base): {
            (int(name.split("/")[0]), int(name.split("/")[1])): np.array(values, dtype=np.int64) * int(base)
            for name, values in known.items()
        }
        for base, known in stored.items()
    }
