"""`budget tag`: the tag of one line or of many, step by step. `--as` says which person takes the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from budget_model.errors import InputError, NotFoundError, Problem
from budget_model.spending.tag_rows import TAG_COLUMNS, tag_of_row
from data.commands.files import INPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.yaml_document import read_yaml
from data.store import tags as store
from data.store.lines import find_keys
from data.store.sites import load_site
from data.store.tables import LineTagVersion
from data.store.tags import APPROVED
from data.workflows.tag_bulk import BulkChange, BulkPreview, apply_bulk, preview_bulk
from data.workflows.tag_ratings import load_agreement, rate_line
from data.workflows.tag_steps import TagState
from data.workflows.tags import approve_tag, dispute_tag, propose_tag, return_tag, review_tag

site_option = click.option("--site", required=True, help="Slug of the site.")
year_option = click.option("--year", required=True, type=int, help="Year of the line.")
code_option = click.option("--code", required=True, help="Code of the line.")
as_option = click.option("--as", "actor", default=COMMAND_LINE, help="Log-in name of the person who takes the step.")
based_option = click.option("--based-on", type=int, help="The version that the step starts from (0: untagged).")
set_option = click.option(
    "--set", "facets", multiple=True, help=f"FACET=VALUE, as often as needed. Facets: {', '.join(TAG_COLUMNS)}."
)
why_option = click.option("--rationale", required=True, help="Why the line is tagged so.")
evidence_option = click.option("--evidence", multiple=True, help="A document or address, as often as needed.")


@click.group("tag")
def tag() -> None:
    """The gender tag of budget lines: propose, review, approve, dispute, go back."""


@tag.command("propose")
@site_option
@year_option
@code_option
@set_option
@click.option("--file", "content_file", type=INPUT_FILE, help="A YAML file with the facets, instead of --set.")
@why_option
@evidence_option
@as_option
@based_option
@json_option
@refuse_cleanly
def propose(
    site: str,
    year: int,
    code: str,
    facets: Sequence[str],
    content_file: Path | None,
    rationale: str,
    evidence: Sequence[str],
    actor: str,
    based_on: int | None,
    as_json: bool,
) -> None:
    """Propose what a line is to be tagged with. Facets that are not named are unknown.

    \b
    Examples:
      python -m budget_model budget tag propose --site villa --year 2026 --code 301291/0042/5/07/2.3 \\
        --set marker=2 --set objective="Less violence" --set indicator=IPV12 --set gap="35.6 % of women" \\
        --set women_share_percent=92.5 --set women_share_method=register --set needs="IPV12=0.6; NOHELP=0.4" \\
        --rationale "Plan against violence, goal 2" --evidence "Ordenanza 416" --as demo-oficial
      python -m budget_model budget tag propose --site villa --year 2026 --code 01/02 --file tag.yaml --rationale "…"
    """
    content = read_yaml(content_file)[0] if content_file else tag_of_row(_pairs(facets))
    if not isinstance(content, dict):
        raise InputError(Problem("tag_value_wrong", "The file holds no facets.", file=str(content_file)))
    with opened_store() as opened:
        state = propose_tag(
            opened.factory, site, year, code, content, rationale, actor, evidence=evidence, based_on=based_on
        )
    _print_state(state, as_json)


def _pairs(facets: Sequence[str]) -> dict[str, str]:
    """`marker=2` as name and value."""
    found: dict[str, str] = {}
    for text in facets:
        name, sign, value = text.partition("=")
        if not sign or name.strip() not in TAG_COLUMNS:
            message = f"'{text}' sets no facet. Write FACET=VALUE; facets: {', '.join(TAG_COLUMNS)}."
            raise InputError(Problem("tag_key_unknown", message, value=text))
        found[name.strip()] = value
    return found


@tag.command("review")
@site_option
@year_option
@code_option
@click.option("--remark", default="", help="What was found.")
@as_option
@based_option
@json_option
@refuse_cleanly
def review(site: str, year: int, code: str, remark: str, actor: str, based_on: int | None, as_json: bool) -> None:
    """Say that a proposal was looked through; not by its author.

    \b
    Example:
      python -m budget_model budget tag review --site villa --year 2026 --code 01/02 --as demo-admin
    """
    with opened_store() as opened:
        state = review_tag(opened.factory, site, year, code, actor, remark=remark, based_on=based_on)
    _print_state(state, as_json)


@tag.command("approve")
@site_option
@year_option
@code_option
@click.option("--remark", default="", help="What was found.")
@as_option
@based_option
@json_option
@refuse_cleanly
def approve(site: str, year: int, code: str, remark: str, actor: str, based_on: int | None, as_json: bool) -> None:
    """Approve a reviewed tag; not by the author of its content. From then on it counts.

    \b
    Example:
      python -m budget_model budget tag approve --site villa --year 2026 --code 01/02 --as demo-admin
    """
    with opened_store() as opened:
        state = approve_tag(opened.factory, site, year, code, actor, remark=remark, based_on=based_on)
    _print_state(state, as_json)


@tag.command("dispute")
@site_option
@year_option
@code_option
@click.option("--reason", required=True, help="What is wrong with it.")
@as_option
@based_option
@json_option
@refuse_cleanly
def dispute(site: str, year: int, code: str, reason: str, actor: str, based_on: int | None, as_json: bool) -> None:
    """Say that a tag is wrong, and why. What was approved counts until something else is.

    \b
    Example:
      python -m budget_model budget tag dispute --site villa --year 2026 --code 01/02 --reason "no indicator" --as mona
    """
    with opened_store() as opened:
        state = dispute_tag(opened.factory, site, year, code, actor, reason, based_on=based_on)
    _print_state(state, as_json)


@tag.command("return")
@site_option
@year_option
@code_option
@click.option("--to", "to_version", required=True, type=int, help="The version to go back to.")
@click.option("--reason", required=True, help="Why.")
@as_option
@based_option
@json_option
@refuse_cleanly
def return_(
    site: str, year: int, code: str, to_version: int, reason: str, actor: str, based_on: int | None, as_json: bool
) -> None:
    """Go back to an earlier version: it becomes a proposal, which somebody else reviews and approves.

    Until then what is approved now goes on counting.

    \b
    Example:
      python -m budget_model budget tag return --site villa --year 2026 --code 01/02 --to 3 --reason "…" --as demo-admin
    """
    with opened_store() as opened:
        state = return_tag(opened.factory, site, year, code, to_version, actor, reason, based_on=based_on)
    _print_state(state, as_json)


def _print_state(state: TagState, as_json: bool) -> None:
    document = {
        "year": state.year,
        "code": state.code,
        "version": state.version,
        "state": state.state,
        "actor": state.actor,
        "author": state.author,
        "approved_version": state.approved_version,
        "saved": state.saved,
        "content": state.content,
    }
    if as_json:
        print_json(document)
        return
    done = f"is {state.state} (version {state.version})" if state.saved else "says this already; nothing was stored"
    click.echo(f"The tag of '{state.code}' of {state.year} {done}.{_counting(state)}")


def _counting(state: TagState) -> str:
    """What counts meanwhile, where a step left something beside it."""
    if state.state == APPROVED or state.approved_version is None:
        return ""
    return f" Version {state.approved_version} goes on counting until another one is approved."


@tag.command("show")
@site_option
@year_option
@code_option
@json_option
@refuse_cleanly
def show(site: str, year: int, code: str, as_json: bool) -> None:
    """The history of a line's tag, the newest version last.

    \b
    Example:
      python -m budget_model budget tag show --site villa --year 2026 --code 01/02 --json
    """
    with opened_store() as opened, opened.factory() as session:
        versions = store.list_versions(session, load_site(session, site).id, (year, code))
    if not versions:
        raise NotFoundError(f"tag of a line of {year}", code)
    if as_json:
        print_json({"site": site, "year": year, "code": code, "versions": [_version(one) for one in versions]})
        return
    rows = [
        (one.version, f"{one.at:%Y-%m-%d %H:%M}", one.action, one.state, one.actor, one.content["marker"], one.reason)
        for one in versions
    ]
    print_table(("version", "at (UTC)", "step", "state", "by", "marker", "reason"), rows)


def _version(one: LineTagVersion) -> dict[str, Any]:
    names = ("version", "state", "action", "actor", "author", "content", "rationale", "evidence", "reason")
    document = {name: getattr(one, name) for name in names}
    return {**document, "restored_version": one.restored_version, "at": one.at.isoformat(timespec="seconds")}


@tag.command("bulk")
@site_option
@year_option
@click.option("--where", "conditions", multiple=True, help="LABEL=TEXT: lines whose label is this text. All must hold.")
@click.option("--code", "codes", multiple=True, help="A line by its code, as often as needed.")
@set_option
@click.option("--clear", "cleared", multiple=True, help="A facet to take away.")
@why_option
@evidence_option
@click.option("--only-untagged", is_flag=True, help="Leave lines alone that have a tag.")
@click.option("--apply", "is_applied", is_flag=True, help="Do it; without this it is only shown.")
@as_option
@json_option
@refuse_cleanly
def bulk(
    site: str,
    year: int,
    conditions: Sequence[str],
    codes: Sequence[str],
    facets: Sequence[str],
    cleared: Sequence[str],
    rationale: str,
    evidence: Sequence[str],
    only_untagged: bool,
    is_applied: bool,
    actor: str,
    as_json: bool,
) -> None:
    """Propose the same facets for many lines: shown first, done with --apply, all of it or nothing.

    \b
    Example:
      python -m budget_model budget tag bulk --site villa --year 2026 --where function="PROTECCION SOCIAL" \\
        --set sharp=S3 --rationale "General spending" --as demo-oficial
    """
    change = BulkChange(tag_of_row(_pairs(facets)) | dict.fromkeys(cleared), rationale, tuple(evidence), only_untagged)
    with opened_store() as opened:
        with opened.factory() as session:
            site_id = load_site(session, site).id
            keys = find_keys(session, site_id, year, dict(_conditions(conditions)), codes)
            preview = preview_bulk(session, site_id, keys, change, actor)
        if is_applied:
            apply_bulk(opened.factory, site, preview.versions(), change, actor)
    _print_preview(preview, is_applied, as_json)


def _conditions(texts: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in texts]
    if any(not sign for _, sign, _ in pairs):
        raise InputError(Problem("condition", "Write each condition as LABEL=TEXT."))
    return [(name.strip(), value) for name, _, value in pairs]


def _print_preview(preview: BulkPreview, is_applied: bool, as_json: bool) -> None:
    lines = [
        {
            "year": line.year,
            "code": line.code,
            "version": line.version,
            "changes": {name: list(pair) for name, pair in line.changes.items()},
            "problems": [problem.message for problem in line.problems],
        }
        for line in preview.lines
    ]
    changed, refused = len(preview.changed), len(preview.refused)
    if as_json:
        print_json({"applied": is_applied, "changed": changed, "refused": refused, "lines": lines})
        return
    rows = [(line["code"], line["version"], _changes(line["changes"]), " ".join(line["problems"])) for line in lines]
    print_table(("line", "version", "change", "refused because"), rows)
    done = "changed" if is_applied else "would change; --apply does it"
    progress(f"{changed:,} of {len(lines):,} lines {done}; {refused:,} refused.")


def _changes(changes: Mapping[str, Sequence[Any]]) -> str:
    return "; ".join(
        f"{name}: {'–' if old is None else old} → {'–' if new is None else new}" for name, (old, new) in changes.items()
    )


@tag.command("rate")
@site_option
@year_option
@code_option
@click.option("--scheme", required=True, help="Id of the scheme.")
@click.option("--value", required=True, help="One of its classes.")
@as_option
@json_option
@refuse_cleanly
def rate(site: str, year: int, code: str, scheme: str, value: str, actor: str, as_json: bool) -> None:
    """Say what you would give a line in a scheme without looking at its tag: it serves the agreement of raters only.

    \b
    Example:
      python -m budget_model budget tag rate --site villa --year 2026 --code 01/02 --scheme oecd_dac --value 1 --as mona
    """
    with opened_store() as opened:
        rate_line(opened.factory, site, year, code, scheme, value, actor)
    if as_json:
        print_json({"scheme": scheme, "value": value, "code": code, "year": year})
    else:
        click.echo(f"Kept: '{value}' in {scheme} for '{code}' of {year}.")


@tag.command("agreement")
@site_option
@click.option("--year", type=int, help="Lines of this year only.")
@click.option("--scheme", required=True, help="Id of the scheme.")
@json_option
@refuse_cleanly
def agreement(site: str, year: int | None, scheme: str, as_json: bool) -> None:
    """How far raters agree in a scheme: Krippendorff's alpha of all, Cohen's kappa of each two.

    \b
    Example:
      python -m budget_model budget tag agreement --site villa --scheme oecd_dac --json
    """
    with opened_store() as opened, opened.factory() as session:
        found = load_agreement(session, load_site(session, site).id, scheme, year)
    pairs = [
        {"raters": list(one.raters), "units": one.units, "agreed": one.agreed, "kappa": one.kappa}
        for one in found.pairs
    ]
    document = {"site": site, "scheme": scheme, "scale": found.scale, "raters": list(found.raters)}
    document |= {"units": found.units, "ratings": found.ratings, "alpha": found.alpha, "pairs": pairs}
    if as_json:
        print_json(document)
        return
    print_table(
        ("raters", "lines both rated", "same", "kappa"),
        [(" · ".join(one["raters"]), one["units"], one["agreed"], _number(one["kappa"])) for one in pairs],
    )
    click.echo(f"Krippendorff's alpha ({found.scale}): {_number(found.alpha) or 'not defined'}; {found.units} lines.")


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"
