"""The quorum in the form of a process: what officials write, and what a process file would say of it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from dash import html

from dashboard.components.forms import choice, field
from dashboard.context import PageContext
from dashboard.services.assembly import ProcessInfo
from dashboard.views.quorum_words import KIND_NAMES
from data.readers.typed_numbers import plain_text

YES = "yes"


def quorum_fields(process: ProcessInfo | None, context: PageContext) -> list[Any]:
    """Fields for the rule that is there, or for none."""
    _ = context.gettext
    rule = process.quorum["rule"] if process and process.quorum else {}
    registered = rule.get("registered")
    kinds = [("", _("None")), *((code, _(name)) for code, name in KIND_NAMES.items())]
    zones = [("", _("The whole site")), (YES, _("Each zone by itself as well"))]
    share = _("A share as 0.5, or a number of persons")
    return [
        html.Div(
            [
                field(
                    "quorum_registered", _("Quorum: participants who must have registered"),
                    "" if registered is None else str(registered), inputmode="numeric", maxlength=8,
                ),
                choice("quorum_kind", _("Quorum of those who vote"), kinds, rule.get("kind") or ""),
                field("quorum_value", _("How many must vote"), value_text(rule), hint=share, maxlength=10),
                choice("quorum_zone", _("Quorum holds for"), zones, YES if rule.get("by_zone") else ""),
                field("quorum_citation", _("Legal ground of the quorum"), rule.get("citation", ""), maxlength=400),
                field(
                    "quorum_effective_on", _("Quorum in force since"), rule.get("effective_on") or "", type="date"
                ),
            ],
            className="form-grid",
        )
    ]  # fmt: skip


def value_text(rule: Mapping[str, Any]) -> str:
    if not rule.get("value"):
        return ""
    value = Fraction(rule["value"])
    return str(int(value)) if value.denominator == 1 else f"{float(value):.6f}".rstrip("0")


def quorum_of(fields: Mapping[str, str]) -> dict[str, Any] | None:
    """What a process file would say; None where nothing was written."""
    told = {name: fields.get(f"quorum_{name}", "").strip() for name in ("registered", "citation", "effective_on")}
    kind, value = fields.get("quorum_kind", "").strip(), plain_text(fields.get("quorum_value")) or ""
    if not (told["registered"] or kind or value):
        return None
    found: dict[str, Any] = {name: text for name, text in told.items() if text}
    if kind or value:
        found[kind or "persons"] = value
    return found | ({"by_zone": True} if fields.get("quorum_zone") == YES else {})
