"""`focus`: sessions of focus groups, their priorities, and how far they count in the model."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from budget_model.errors import InputError, Problem
from budget_model.needs.focus_groups import GROUPS, WEIGHTINGS, rank_agreement, ranks_of
from data.commands.files import INPUT_FILE
from data.commands.opened import COMMAND_LINE, OpenedStore, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.focus_groups import SEX_OF, FocusGroupRecord, read_sessions
from data.store.focus_groups import ACTIVE, list_sessions
from data.store.sites import load_site
from data.workflows.focus_groups import find_hints, save_sessions, withdraw_session
from data.workflows.priorities import Mix, load_mix, load_priorities, set_mix


@click.group("focus")
def focus() -> None:
    """Focus groups: priorities of women and men."""


@focus.command("add")
@click.argument("site")
@click.argument("file", type=INPUT_FILE)
@click.option("--names-checked", is_flag=True, help="What looks like a name, a number or an address names nobody.")
@click.option("--reason", default="", help="Why stored sessions are changed.")
@json_option
@refuse_cleanly
def add(site: str, file: Path, names_checked: bool, reason: str, as_json: bool) -> None:
    """Store the sessions of a YAML, CSV or XLSX file: all of them or none.

    A session whose code is stored already becomes its next version; earlier versions stay. Notes that seem to hold
    names, identity or telephone numbers or e-mail addresses are refused, each place named, until they are taken out
    or confirmed with --names-checked. The file is described in docs/needs.md.

    \b
    Example:
      python -m budget_model focus add villa-salvador sessions.yaml
    """
    records = read_sessions(file)
    with opened_store() as store:
        accepted = _all_hints(store, site, records) if names_checked else frozenset()
        done = save_sessions(store.factory, site, records, COMMAND_LINE, accepted=accepted, reason=reason)
    if as_json:
        sessions = [{"code": one.code, "version": one.version, "is_new": one.is_new} for one in done]
        print_json({"site": site, "sessions": sessions, "names_accepted": sorted(accepted)})
        return
    words = {True: "stored", False: "stored already, unchanged"}
    print_table(("session", "version", ""), [(one.code, one.version, words[one.is_new]) for one in done])


@focus.command("list")
@click.argument("site")
@click.option("--all", "with_withdrawn", is_flag=True, help="Withdrawn sessions too.")
@json_option
@refuse_cleanly
def list_(site: str, with_withdrawn: bool, as_json: bool) -> None:
    """Sessions of a site, the priorities of women and men over all of them, and how far they agree.

    \b
    Example:
      python -m budget_model focus list villa-salvador --json
    """
    with opened_store() as store, store.factory() as session:
        found = load_site(session, site)
        sessions = list_sessions(session, found.id, with_withdrawn=with_withdrawn)
        listed = [_session_document(one) for one in sessions]
        priorities, mix = load_priorities(session, found.id), load_mix(session, found.id)
    document = {"site": site, "sessions": listed, "priorities": _priorities(priorities), "mix": _mix(mix)}
    document["agreement_women_men"] = _agreement(priorities)
    if as_json:
        print_json(document)
    else:
        _print_for_people(document)


@focus.command("withdraw")
@click.argument("site")
@click.argument("code")
@click.option("--reason", required=True, help="Why it does not count any more.")
@json_option
@refuse_cleanly
def withdraw(site: str, code: str, reason: str, as_json: bool) -> None:
    """Take a session out of the priorities. Its versions stay on record.

    \b
    Example:
      python -m budget_model focus withdraw villa-salvador FG-002 --reason "entered twice"
    """
    with opened_store() as store:
        done = withdraw_session(store.factory, site, code, COMMAND_LINE, reason=reason)
    if as_json:
        print_json({"site": site, "code": done.code, "version": done.version, "is_active": False})
    else:
        click.echo(f"'{done.code}' is withdrawn since version {done.version}.")


@focus.command("mix")
@click.argument("site")
@click.argument("share")
@click.option("--weighting", type=click.Choice(WEIGHTINGS), default="participants", help="What a session counts by.")
@click.option("--reason", required=True, help="Why, and who agreed.")
@json_option
@refuse_cleanly
def mix(site: str, share: str, weighting: str, reason: str, as_json: bool) -> None:
    """Set how far focus groups count in the weights of the model: SHARE from 0 (survey only) to 1.

    \b
    Example:
      python -m budget_model focus mix villa-salvador 0.3 --reason "agreed with the women's network on 2 April"
    """
    try:
        number = Decimal(share)
    except InvalidOperation:
        message = f"'{share}' is not a number. Write the share from 0 to 1, such as 0.3."
        raise InputError(Problem("focus.mix", message, column="share", value=share)) from None
    with opened_store() as store:
        done = set_mix(store.factory, site, number, weighting, COMMAND_LINE, reason)
    if as_json:
        print_json({"site": site, "mix": _mix(done)})
    else:
        click.echo(f"Weights of the model: {done.focus_share} focus groups, {1 - done.focus_share} survey.")


def _all_hints(store: OpenedStore, site: str, records: tuple[FocusGroupRecord, ...]) -> frozenset[str]:
    """What looks like persons in the files, named on standard error so that somebody sees what is confirmed."""
    with store.factory() as session:
        hints = find_hints(session, load_site(session, site).id, records)
    for problem in hints:
        progress(f"Confirmed: {problem}")
    return frozenset(str(problem.facts["found"]) for problem in hints)


def _session_document(one: Any) -> dict[str, Any]:
    counts = {sex: sum(one.participants.get(sex, {}).values()) for sex in SEX_OF.values()}
    return {
        "code": one.code,
        "version": one.version,
        "is_active": one.state == ACTIVE,
        "held_on": one.held_on.isoformat(),
        "place": one.place,
        "group": one.composition,
        "participants": counts,
        "method": one.method,
        "facilitator": one.facilitator,
        "saved_by": one.saved_by,
        "is_synthetic": one.is_synthetic,
    }


def _priorities(found: Any) -> dict[str, Any]:
    return {
        group: {
            "sessions": one.sessions,
            "participants": one.participants,
            "shares": dict(one.shares),
            "ranks": ranks_of(one.shares),
        }
        for group, one in found.items()
        if one is not None
    }


def _agreement(found: Any) -> dict[str, Any] | None:
    if any(found[group] is None for group in GROUPS):
        return None
    agreement = rank_agreement(found["women"].shares, found["men"].shares)
    return {"spearman": agreement.spearman, "kendall": agreement.kendall, "n": agreement.n}


def _mix(mix: Mix) -> dict[str, Any]:
    return {
        "focus_share": float(mix.focus_share),
        "weighting": mix.weighting,
        "set_by": mix.set_by,
        "set_on": mix.set_at.date().isoformat() if mix.set_at else None,
        "reason": mix.reason,
    }


def _print_for_people(document: dict[str, Any]) -> None:
    header = ("session", "version", "held on", "group", "women", "men", "place")
    rows = [
        (one["code"], one["version"], one["held_on"], one["group"], *one["participants"].values(), one["place"])
        for one in document["sessions"]
    ]
    print_table(header, rows)
    found = document["priorities"]
    needs = sorted({need for one in found.values() for need in one["shares"]})
    if needs:
        click.echo("\nPriorities (% of each group's, rank):")
        print_table(("need", *found), [(need, *(_cell(one, need) for one in found.values())) for need in needs])
    agreement = document["agreement_women_men"]
    if agreement and agreement["spearman"] is not None:
        click.echo(
            f"\nWomen and men: Spearman {agreement['spearman']:.2f}, Kendall {agreement['kendall']:.2f} "
            f"over {agreement['n']} needs."
        )
    share = document["mix"]["focus_share"]
    click.echo(f"\nWeights of the model: {share:.0%} focus groups, {1 - share:.0%} survey.")


def _cell(one: dict[str, Any], need: str) -> str | None:
    return f"{100 * one['shares'][need]:.1f} ({one['ranks'][need]:g})" if need in one["shares"] else None
