"""`proposals`: what people propose for the participatory budget of a year."""

from __future__ import annotations

from pathlib import Path

import click

from budget_model.assembly.proposals import STATES, cells_of
from budget_model.assembly.scores import GROUPS
from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.files import read_text
from data.readers.photos import read_photo
from data.store.assembly import list_proposals, load_process
from data.store.sites import load_site
from data.workflows.criteria import read_marks, save_marks
from data.workflows.proposal_scores import DRAWS, score_process
from data.workflows.proposals import export_proposals, give_photo, import_proposals, record_of, zone_codes


@click.group("proposals")
def proposals() -> None:
    """Proposals for the participatory budget of a site."""


@proposals.command("import")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", type=INPUT_FILE)
@json_option
@refuse_cleanly
def import_(site: str, year: int, file: Path, as_json: bool) -> None:
    """Add or change the proposals of a CSV or XLSX file: all of them or none.

    The file has the column code and any of those that an export has. A proposal that is there becomes its next
    version where something differs; proposals that the file does not name stay as they are.

    \b
    Example:
      python -m budget_model proposals import villa-salvador 2027 propuestas.xlsx
    """
    with opened_store() as store:
        done = import_proposals(store.factory, site, year, file, COMMAND_LINE)
    if as_json:
        named = {"added": list(done.added), "changed": list(done.changed), "unchanged": list(done.unchanged)}
        print_json({"site": site, "year": year, **named})
        return
    counts = [("added", len(done.added)), ("changed", len(done.changed)), ("unchanged", len(done.unchanged))]
    print_table(("proposals", ""), counts)


@proposals.command("points")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", type=INPUT_FILE)
@json_option
@refuse_cleanly
def points(site: str, year: int, file: Path, as_json: bool) -> None:
    """Give proposals points by the municipality's own criteria: a CSV with code, criterion, points, all or nothing.

    \b
    Example:
      python -m budget_model proposals points villa-salvador 2027 puntos.csv
    """
    marks = read_marks(read_text(file), file.name)
    with opened_store() as store:
        changed = save_marks(store.factory, site, year, marks, COMMAND_LINE, file.name)
    if as_json:
        print_json({"site": site, "year": year, "changed": changed})
    else:
        print_table(("points", ""), [("changed", changed)])


@proposals.command("export")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", type=OUTPUT_FILE)
@json_option
@refuse_cleanly
def export(site: str, year: int, file: Path, as_json: bool) -> None:
    """Write the proposals of a year as CSV or XLSX, as an import reads them.

    \b
    Example:
      python -m budget_model proposals export villa-salvador 2027 propuestas.csv
    """
    with opened_store() as store:
        count = export_proposals(store.factory, site, year, file)
    progress(f"{count:,} proposals written to {file}.")
    if as_json:
        print_json({"site": site, "year": year, "proposals": count, "file": str(file)})


@proposals.command("list")
@click.argument("site")
@click.argument("year", type=int)
@click.option("--state", type=click.Choice(STATES), help="Only proposals in this state.")
@json_option
@refuse_cleanly
def list_(site: str, year: int, state: str | None, as_json: bool) -> None:
    """The proposals of a year.

    \b
    Example:
      python -m budget_model proposals list villa-salvador 2027 --state feasible
    """
    with opened_store() as store, store.factory() as session:
        found = load_site(session, site)
        zones = zone_codes(session, found.id)
        rows = [
            {**cells_of(record_of(row, zones)), "version": row.version}
            for row in list_proposals(session, load_process(session, found.id, year).id)
            if state in (None, row.state)
        ]
    if as_json:
        print_json({"site": site, "year": year, "proposals": rows})
        return
    shown = [(row["code"], (row["title_es"] or row["title_en"])[:50], row["cost"], row["state"]) for row in rows]
    print_table(("code", "title", "cost", "state"), shown)


@proposals.command("photo")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("code")
@click.argument("file", type=INPUT_FILE)
@click.option("--text", "text_es", required=True, help="What the photo shows, in Spanish, for who does not see it.")
@click.option("--text-en", default="", help="The same in English.")
@json_option
@refuse_cleanly
def photo(site: str, year: int, code: str, file: Path, text_es: str, text_en: str, as_json: bool) -> None:
    """Give a proposal a photo: JPEG, PNG or WebP, written anew without the place and time that the camera noted.

    The proposal gets a further version. Scores of the proposal are computed again with `proposals score`.

    \b
    Example:
      python -m budget_model proposals photo villa-salvador 2027 P-01 local.jpg --text "Local vacío de dos pisos"
    """
    read = read_photo(file.read_bytes(), file.name)
    texts = {"es": text_es, "en": text_en}
    with opened_store() as store:
        version = give_photo(store.factory, site, year, code, read, texts, COMMAND_LINE)
    if as_json:
        size = {"width": read.width, "height": read.height, "bytes": len(read.content)}
        print_json({"site": site, "year": year, "proposal": code, "version": version, "photo": read.sha256, **size})
        return
    print_table(("proposal", "version", "photo"), [(code, version, f"{read.width} x {read.height}")])


def figure_text(figure: dict[str, float] | None) -> str | None:
    """`72 (57-86)`; None for a group that the need does not concern."""
    return f"{figure['value']:,.0f} ({figure['low']:,.0f}-{figure['high']:,.0f})" if figure else None


@proposals.command("score")
@click.argument("site")
@click.argument("year", type=int)
@click.option("--draws", type=click.IntRange(100, 10_000), default=DRAWS, show_default=True)
@json_option
@refuse_cleanly
def score(site: str, year: int, draws: int, as_json: bool) -> None:
    """What every feasible proposal would do for the needs of women and men, by the site's model of today.

    Needs met, cost for each, and the interval in which nine of ten draws lie. Kept for the pages. A proposal without
    a need or without the cost of one person has no score, which is told.

    \b
    Example:
      python -m budget_model proposals score villa-salvador 2027
    """
    with opened_store() as store:
        done = score_process(store.factory, site, year, COMMAND_LINE, draws)
    if as_json:
        print_json({"site": site, "year": year, **done})
        return
    rows: list[tuple[object, ...]] = []
    for code, one in done["scores"].items():
        cost = None if one["cost_per_need"] is None else f"{one['cost_per_need']:,.0f}"
        figures = (figure_text(one[group]) for group in GROUPS)
        rows.append((code, *figures, cost, ""))
    rows += [(code, None, None, None, reason) for code, reason in done["without"].items()]
    print_table(("proposal", "women", "men", "cost a need", "no score"), rows)
