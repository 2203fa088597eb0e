"""`indicators`: estimates and needs from a stored round."""

from __future__ import annotations

from pathlib import Path

import click

from data.commands.files import INPUT_FILE
from data.commands.opened import BY, COMMAND_LINE, OpenedStore, acting_login, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.estimates_table import read_estimates_map
from data.readers.files import read_text
from data.settings import PROJECT
from data.store.definitions import PendingDefinition, pending_definitions
from data.store.rounds import load_round
from data.store.sites import load_site
from data.workflows.indicators import IndicatorRun, run_indicators
from data.workflows.publication import publish_figures
from data.workflows.published_estimates import StoredEstimates, import_estimates
from data.workflows.round_states import PUBLISHERS

NOBODY = "nobody in this group"
CORE_CATALOGUE = PROJECT / "data" / "catalogue" / "indicators.yaml"


@click.group("indicators")
def indicators() -> None:
    """Indicators of a site."""


@indicators.command("run")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.option(
    "--catalogue", "catalogue_file", type=INPUT_FILE, default=CORE_CATALOGUE, help="Default: the core indicators."
)
@click.option("--ages", help="Years at which age bands begin, kept for the round: 0,15,25,60.")
@BY
@json_option
@refuse_cleanly
def run(site: str, round_code: str, catalogue_file: Path, ages: str | None, by: str | None, as_json: bool) -> None:
    """Estimate a catalogue on a stored round; keep estimates and the needs of women and men.

    Indicators whose questions the round did not ask are left out and named. On a published round, new indicators and
    new versions are kept for officials; the public goes on seeing what was published until `indicators publish`.

    \b
    Example:
      python -m budget_model indicators run nairobi 2021 --catalogue data/examples/nairobi/needs.yaml
    """
    text, starts = read_text(catalogue_file), age_starts(ages)
    with opened_store() as store:
        place = (store.factory, store.bank_folder, site, round_code)
        actor = acting_login(store, site, by, PUBLISHERS)
        done = run_indicators(*place, text, actor, catalogue_file.name, starts)
        pending = _pending(store, site, round_code)
    if pending:
        names = ", ".join(map(_pending_words, pending))
        progress(f"Note: the round is published, and the public does not see yet: {names}. See: indicators publish")
    for problem in (*done.skipped, *done.empty):
        progress(f"Note: {problem}")
    if as_json:
        print_json(_document(done))
    else:
        _print_for_people(done)


def age_starts(text: str | None) -> tuple[int, ...] | None:
    """`0,15,65` → (0, 15, 65); None where nothing was said. A file that gives the age -1 to those who were born after
    its reference date has them in a band that begins there: `-1,16,65`."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() or part == "-1" for part in parts):
        raise click.UsageError(f"--ages takes years separated by commas, such as 0,15,65. Found: {text}")
    return tuple(map(int, parts))


@indicators.command("import")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.argument("file", type=INPUT_FILE)
@click.option("--map", "map_file", type=INPUT_FILE, required=True, help="What the columns and words of the file mean.")
@click.option(
    "--areas", "areas_file", type=INPUT_FILE, help="Table of areas that the map asks for. Default: beside the map."
)
@json_option
@refuse_cleanly
def import_command(
    site: str, round_code: str, file: Path, map_file: Path, areas_file: Path | None, as_json: bool
) -> None:
    """Store estimates that somebody has published, with their errors, as a round without answers.

    \b
    Example:
      python -m budget_model indicators import lima-callao 2019 districts.csv --map enaho_2019_districts.yaml
    """
    mapping = read_estimates_map(read_text(map_file), map_file.name)
    areas = areas_file or (map_file.parent / mapping.areas.file if mapping.areas else None)
    register = (areas.read_bytes(), areas.name) if areas and areas.is_file() else None
    with opened_store() as store:
        done = import_estimates(
            store.factory, site, round_code, file.read_bytes(), file.name, mapping, COMMAND_LINE, register
        )
    if as_json:
        print_json(_imported(done))
    else:
        click.echo(
            f"{done.estimates:,} estimates of {len(done.indicators)} indicators stored as round {done.round_code} "
            f"({done.state}); {len(done.areas):,} areas made, {len(done.without_figure):,} of them without a figure."
        )


def _imported(done: StoredEstimates) -> dict[str, object]:
    return {
        "round": done.round_code,
        "state": done.state,
        "estimates": done.estimates,
        "indicators": list(done.indicators),
        "areas_made": list(done.areas),
        "areas_without_figure": list(done.without_figure),
        "rows_of_other_places": done.table.elsewhere,
        "rows_left_out": done.table.left_out,
    }


@indicators.command("publish")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.option("--reason", default="", help="Why what the public sees changes; needed for new versions and indicators.")
@BY
@json_option
@refuse_cleanly
def publish(site: str, round_code: str, reason: str, by: str | None, as_json: bool) -> None:
    """Make the protected figures of a round: what the public sees once the round is published.

    Again after more indicators, or new versions, were run on a published round: that takes --reason and --by with
    another person than the one who ran them. The history of the round keeps both.

    \b
    Examples:
      python -m budget_model indicators publish nairobi 2021
      python -m budget_model indicators publish nairobi 2021 --by rosa --reason "The first version counted the healthy"
    """
    with opened_store() as store:
        actor = acting_login(store, site, by, PUBLISHERS)
        done = publish_figures(store.factory, store.bank_folder, site, round_code, actor, reason)
    if as_json:
        print_json({"round": done.round_code, "figures": done.figures, "hidden": done.hidden})
    else:
        click.echo(f"{done.figures:,} protected figures stored, {done.hidden:,} of them hidden.")


def _pending(store: OpenedStore, site: str, round_code: str) -> tuple[PendingDefinition, ...]:
    with store.factory() as session:
        return pending_definitions(session, load_round(session, load_site(session, site).id, round_code))


def _pending_words(one: PendingDefinition) -> str:
    seen = f"it sees version {one.public_version}" if one.public_version else "it sees none"
    return f"{one.code} version {one.version} ({seen})"


def _document(done: IndicatorRun) -> dict[str, object]:
    return {
        "round": done.round_code,
        "indicators": list(done.indicators),
        "skipped": [
            {"indicator": p.facts["indicator"], "questions": p.facts["questions"], "message": p.message}
            for p in done.skipped
        ],
        "nobody_in_universe": [
            {"indicator": p.facts["indicator"], "condition": p.facts["condition"], "message": p.message}
            for p in done.empty
        ],
        "estimates": done.estimates.to_dict("records"),
        "households": done.households.to_dict("records"),
        "needs": done.needs.to_dict("records"),
    }


def _print_for_people(done: IndicatorRun) -> None:
    """Needs of the whole site by sex, the largest first."""
    root = done.estimates["area"].iloc[0]  # the first set of cells is everybody together
    rows = done.needs[done.needs["area"] == root].sort_values("deficit", ascending=False)
    print_table(
        ("need", "group", "people lacking", "of", "share"),
        [
            (
                row.indicator,
                row.group,
                f"{row.deficit:,.0f}" if row.universe else NOBODY,
                f"{row.universe:,.0f}",
                _percent(row.deficit, row.universe),
            )
            for row in rows.itertuples()
        ],
    )
    click.echo(f"\n{len(done.estimates):,} estimates and {len(done.needs):,} needs stored.")


def _percent(part: float, whole: float) -> str | None:
    return f"{100 * part / whole:.1f} %" if whole else None
