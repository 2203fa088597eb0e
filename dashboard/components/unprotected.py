"""A sentence where published rounds have no protected figures yet, so that nobody wonders why the public sees none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.components.page import notice
from dashboard.context import PageContext
from dashboard.services.access import PLANNERS, SIGNED_IN, may


def unprotected_notice(rounds: Sequence[str], context: PageContext) -> list[Any]:
    """To the public: which round will come. To those who can do it: how. Nothing where every round is ready."""
    if not rounds:
        return []
    _ = context.gettext
    names = ", ".join(rounds)
    if not may(context.user, SIGNED_IN, context.site):
        sentence = _(
            "Survey round {rounds} is published, but its figures for the public have not been made yet: small groups "
            "must be protected first. Ask the municipality to make them.",
            rounds=names,
        )
        return [notice([sentence], "info", role="status")]
    if not may(context.user, PLANNERS, context.site) or context.site is None:
        return []
    command = f"python -m budget_model indicators publish {context.site.slug} {rounds[0]}"
    sentence = _(
        "The public does not see survey round {rounds}: it is published, but its protected figures have not been made. "
        "Make them on the page Validation, or on the server with: {command}",
        rounds=names,
        command=command,
    )
    link = html.A(_("Open Validation"), href=context.address("validation", round=rounds[0]))
    return [html.Div([html.P(sentence), html.P(link)], className="notice notice-warning", role="status")]
