"""Values of the plain page where one builds a list: boxes, the sum, what the list does, what is wrong. No Dash here."""

from __future__ import annotations

from typing import Any

from dashboard.components.projector import kept_size
from dashboard.context import PageContext
from dashboard.services import Services
from dashboard.views.assembly_list import (
    brackets_note,
    chosen_of,
    chosen_table,
    left_of,
    list_facts,
    list_warnings,
    offered_of,
    side_by_side_address,
)
from dashboard.views.assembly_scores import source_words
from dashboard.views.assembly_words import money
from dashboard.views.ballot_overview import board_of, row
from dashboard.views.phone_proposals import told_score

NAME = "phone/list"


def list_values(services: Services, context: PageContext) -> dict[str, Any]:
    """What the template shows. Raises NotFoundError for a year that has none."""
    board = board_of(services, context)
    process, site, user = board.process, context.site, context.user
    if process is None or site is None:
        return {"year": None, "rows": [], "codes": [], "query": {}, "is_invented": False, "address": {}}
    offered = offered_of(board)
    chosen = chosen_of(offered, context)
    codes = [one.record.code for one in chosen]
    scores, interval = services.assembly.list_scores(user, site, process.year, codes)
    facts = list_facts(board, chosen, scores, interval, context)
    year, named = {"year": str(process.year)}, {"codes": ",".join(codes)} if codes else {}
    left = left_of(board, chosen)
    return {
        "year": process.year,
        "is_invented": process.is_synthetic,
        "codes": codes,
        "query": {**year, **named},
        "facts": [(one.label, one.value, one.note) for one in facts],
        "source": source_words(scores, context),
        "warnings": list_warnings(board, chosen, context),
        "left": money(left, context) if left is not None else "",
        "rows": [row(one, process.year, context, told_score(scores, one, context)) for one in offered],
        "chosen": chosen_table(chosen, scores, context) if chosen else None,
        "brackets": brackets_note(context),
        "address": {
            "empty": context.address(NAME, **year, **kept_size(context)),
            "beside": side_by_side_address(chosen, process.year, context),
            "full": context.address("my-list", **year, **named, full="1"),
        },
    }
