"""What is being tried, as it stands in an address: `model=<beginning of its hash>&t=<programme>-<cents>.…`.

`t` names programmes by their place in the model and amounts in cents, both to the base 36: with it two hundred changed
programmes fit into an address that every server takes. Because places mean nothing in another model, `t` holds for its
own model only. On top of a saved scenario, whose model is known, it stands as `scenario=<number>&t=…` and names what
differs from the scenario. `c=<code>:<amount>,…` says the same at length for today's budget and is read as well;
`assets/simulate-address.js` writes. No Dash here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from budget_model.coverage.types import BudgetModel

SHORT_HASH = 16  # letters of a model's hash in an address: 64 bits, unique among the models of a site
LONGEST_QUERY = 7_000  # letters; the server takes lines of 8,190, of which log-in and the path need some
LONGEST_TEXT = 20_000
COMPACT = re.compile(r"([0-9a-z]{1,4})-([0-9a-z]{1,11})")  # 36^11 cents are more than any budget

Changes = Mapping[str, str]  # programme code -> amount


def asks_for_amounts(query: Mapping[str, str]) -> bool:
    return any(name in query for name in ("model", "c", "t"))


def changes_of_query(query: Mapping[str, str], model: BudgetModel) -> dict[str, str] | None:
    """Amounts by programme; None where they cannot be read, or stand there in both ways."""
    compact, plain = query.get("t", ""), query.get("c", "")
    if compact and (plain or not query.get("model")):
        return None
    return compact_changes(compact, model.programmes) if compact else changes_of_address(plain)


def moves_of_query(query: Mapping[str, str], model: BudgetModel) -> dict[str, str] | None:
    """Amounts that an address moves on the saved scenario it names; None where they cannot be read."""
    if query.get("c") or query.get("model"):
        return None
    return compact_changes(query["t"], model.programmes) if query.get("t") else {}


def compact_changes(text: str, programmes: tuple[str, ...]) -> dict[str, str] | None:
    """`0-2s.1b-5yc4` -> amounts by code; None where it is not written like that."""
    changes: dict[str, str] = {}
    for part in text.split("."):
        found = COMPACT.fullmatch(part)
        place = int(found[1], 36) if found else len(programmes)
        if found is None or place >= len(programmes) or programmes[place] in changes:
            return None
        cents = int(found[2], 36)
        changes[programmes[place]] = f"{cents // 100}.{cents % 100:02}"
    return changes


def changes_of_address(text: str) -> dict[str, str] | None:
    """`code:amount,code:amount` -> amounts by code; None where it is not written like that."""
    if len(text) > LONGEST_TEXT:
        return None
    changes: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        code, colon, amount = part.rpartition(":")
        if not (code and colon and amount) or code in changes:
            return None
        changes[code] = amount
    return changes
