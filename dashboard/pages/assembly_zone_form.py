"""Envelopes of zones in the form of a process: a field for each zone; the whole site votes on the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html

from dashboard.components.forms import field
from dashboard.context import PageContext
from dashboard.services.assembly import ProcessInfo

PREFIX = "zone_envelope-"


def zone_fields(
    process: ProcessInfo | None, sectors: Sequence[tuple[str, str]], context: PageContext
) -> list[html.Details]:
    """A field for each zone of the first level and each that has money already."""
    _ = context.gettext
    zones = process.zones if process else ()
    kept = {code: str(amount) for code, _name, amount in zones}
    names = {**dict(sectors), **{code: name for code, name, _amount in zones}}
    if not names:
        return []
    told = _(
        "What a zone is given is voted on there, with the zone's proposals; the whole site votes on the rest. Together "
        "no more than the envelope; empty: the zone has none of its own."
    )
    made = [
        field(PREFIX + code, name, kept.get(code, ""), inputmode="decimal", maxlength=18)
        for code, name in names.items()
    ]
    grid = html.Div(made, className="form-grid")
    return [
        html.Details([html.Summary(_("Envelopes of zones")), html.P(told, className="hint"), grid], open=bool(kept))
    ]


def zones_of(fields: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """Amounts by code as the form says; of zones that the form does not name, as they are."""
    written = {name.removeprefix(PREFIX): text.strip() for name, text in fields.items() if name.startswith(PREFIX)}
    return {code: amount for code, amount in {**kept, **written}.items() if amount}
