"""`verify`: whether a sealed record holds. Offline: nothing but the record is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from budget_model.errors import InputError, Problem
from budget_model.plan.sealed import open_record
from data.commands.files import INPUT_FILE
from data.commands.output import json_option, print_json, refuse_cleanly
from data.readers.files import read_text
from data.workflows.votes import VOTE_KIND, verify_vote

VERIFIERS = {VOTE_KIND: verify_vote}


@click.command("verify")
@click.argument("record", metavar="RECORD", type=INPUT_FILE)
@json_option
@refuse_cleanly
def verify(record: Path, as_json: bool) -> None:
    """Compute a sealed record again: its hash, and everything that follows from what it holds.

    Exit code 0 where it holds, 1 where it does not.

    \b
    Example:
      python -m budget_model verify record.json
    """
    document = open_record(_json_of(record), record.name)
    if document["kind"] not in VERIFIERS:
        message = f"The record is a '{document['kind']}', and only {', '.join(VERIFIERS)} can be verified."
        raise InputError(Problem("record_kind_unknown", message, file=record.name))
    found = VERIFIERS[document["kind"]](document, record.name)
    if as_json:
        print_json(found)
    else:
        _print_for_people(found)
    sys.exit(0 if found["valid"] else 1)


def _json_of(record: Path) -> Any:
    try:
        return json.loads(read_text(record))
    except (ValueError, RecursionError) as wrong:  # ValueError: also whole numbers of thousands of digits
        line = getattr(wrong, "lineno", None)
        message = "The record is no JSON here. It was cut or changed; fetch it again."
        raise InputError(Problem("json_broken", message, file=record.name, line=line)) from None


def _print_for_people(found: dict[str, Any]) -> None:
    click.echo(f"{'The record holds' if found['valid'] else 'The record does NOT hold'}: {found['hash']}")
    for part in found["contents"]:
        if part["what"] == "ballots":
            click.echo(f"  Ballots: {part['count']:,}")
        if part["what"] == "rule":
            click.echo(f"  Rule: {part['rule']}; equal proposals: {part['ties']}")
        if part["what"] == "result":
            click.echo(f"  Winners: {', '.join(part['winners']) or 'none'}; {part['cost']} of {part['budget']}")
        if part["what"] == "program":
            click.echo(f"  Counted by: {part['sealed'] or 'not told'}; counted again by: {part['now']}")
        if part["what"] == "quorum":
            words = {True: "reached", False: "NOT reached", None: "not known whether reached"}
            click.echo(f"  Quorum {words[part['reached']]}: {part['voted']} voted, {part['voted_needed']} needed.")
    for remark in found["remarks"]:
        click.echo(f"  Note: {remark['message']}")
    for difference in found["differences"]:
        if difference["what"] == "hash":
            click.echo("  The hash is not that of the contents: something was changed after sealing.")
        else:
            click.echo(f"  {difference['what']}: sealed {difference['sealed']}, counted again {difference['counted']}")
