"""`area`: the shapes of a site's areas, in and out as GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path

import click

from budget_model.errors import InputError, Problem
from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, progress, refuse_cleanly
from data.readers.files import write_file
from data.workflows.geometry import export_shapes, import_shapes


@click.group("area")
def area() -> None:
    """Areas of a site and their shapes."""


@area.command("import")
@click.argument("site")
@click.argument("file", type=INPUT_FILE)
@click.option(
    "--level", type=click.IntRange(min=0), default=1, show_default=True, help="Level of the areas; 0: the site."
)
@click.option("--id-property", help="Property with the area's code or name. Default: code, id or name.")
@click.option("--alias", "aliases", multiple=True, metavar="TEXT=CODE", help="A name that the file writes otherwise.")
@click.option("--moved", is_flag=True, help="The shapes stored before lie in the wrong place; do not compare.")
@json_option
@refuse_cleanly
def import_command(
    site: str, file: Path, level: int, id_property: str | None, aliases: tuple[str, ...], moved: bool, as_json: bool
) -> None:
    """Take the shapes of a site's areas from a GeoJSON file in WGS 84.

    Refused with every problem at once, and nothing stored: open or crossed rings, coordinates that are no longitude
    and latitude, features of unknown areas, overlaps. An area that the file lacks keeps its shape and is named.

    \b
    Example:
      python -m budget_model area import villa-el-salvador sectors.geojson --level 1 --id-property code
    """
    with opened_store() as store:
        content, names = file.read_bytes(), _aliases(aliases)
        done = import_shapes(
            store.factory, site, content, file.name, COMMAND_LINE, level, id_property, names, is_moved=moved
        )
    place = "Latitude {south} to {north}, longitude {west} to {east}.".format(**done.extent.facts())
    progress(f"{place} Make sure that this is where the site is.")
    for warning in done.shapes.warnings:
        progress(f"Note: {warning}")
    if as_json:
        warnings = [{"rule": one.rule, "area": one.value, "message": one.message} for one in done.shapes.warnings]
        print_json(
            {
                "site": site,
                "level": level,
                "shapes": len(done.shapes.geometries),
                "added": list(done.added),
                "replaced": list(done.replaced),
                "warnings": warnings,
            }
        )
    else:
        click.echo(f"{len(done.added):,} shapes added, {len(done.replaced):,} replaced.")


def _aliases(pairs: tuple[str, ...]) -> dict[str, str]:
    """`TEXT=CODE` as a dict; the last equals sign divides."""
    wrong = [pair for pair in pairs if not all(part.strip() for part in pair.rpartition("="))]
    if wrong:
        message = f"'{wrong[0]}' is no alias. Write the text of the file, an equals sign and the area's code."
        raise InputError(Problem("geometry.alias_form", message, value=wrong[0]))
    return {pair.rpartition("=")[0].strip(): pair.rpartition("=")[2].strip() for pair in pairs}


@area.command("export")
@click.argument("site")
@click.option("--level", type=click.IntRange(min=0), help="Default: every level.")
@click.option("--out", type=OUTPUT_FILE, help="Default: standard output.")
@json_option
@refuse_cleanly
def export_command(site: str, level: int | None, out: Path | None, as_json: bool) -> None:
    """Write the shapes of a site's areas as GeoJSON.

    \b
    Example:
      python -m budget_model area export villa-el-salvador --level 1 --out sectors.geojson
    """
    with opened_store() as store, store.factory() as session:
        collection = export_shapes(session, site, level)
    if out is None:
        print_json(collection)
        return
    write_file(out, json.dumps(collection, ensure_ascii=False).encode())
    if as_json:
        print_json({"site": site, "areas": len(collection["features"]), "target": str(out)})
    else:
        click.echo(f"{len(collection['features']):,} areas written to {out}.")
