"""The part of the validation page about figures: compute the indicators, and make what the public is shown."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from budget_model.errors import Problem
from dashboard.components import notice
from dashboard.components.folding import folding_card
from dashboard.context import PageContext
from dashboard.services import Services
from dashboard.services.round_figures import FiguresInfo
from dashboard.services.validation import Board
from dashboard.views.words import pending_words

CATALOGUE, CATALOGUE_NAME = "validation-catalogue", "validation-catalogue-name"
RUN, AGES, MAKE = "validation-indicators", "validation-ages", "validation-figures"
Message = tuple[list[str], str]


def figures_card(board: Board, context: PageContext) -> html.Details:
    """What the round has, and the buttons for those who may."""
    _ = context.gettext
    found = board.figures
    parts: list[Any] = [html.P(indicators_sentence(found, context)), html.P(public_sentence(board, context))]
    if board.state == "published" and found.indicators and not found.are_public:
        parts.append(notice([_("The public sees nothing of this round until its figures are made.")]))
    if found.pending:
        how = _("To publish them, somebody else than the person who computed them writes the reason above first.")
        parts.append(notice([*(f"{pending_words(one, context)}." for one in found.pending), how]))
    return folding_card(
        _("Indicators and figures for the public"),
        [*parts, *buttons(board, context)],
        note=context.formats.number(found.indicators),
        is_open=board.state != "published" or not found.are_public,
    )


def indicators_sentence(found: FiguresInfo, context: PageContext) -> str:
    _ = context.gettext
    if not found.indicators:
        return _("No indicators were computed from the answers of this round yet.")
    sentence = context.ngettext(
        "{number} indicator was computed.",
        "{number} indicators were computed.",
        found.indicators,
        number=context.formats.number(found.indicators),
    )
    bands = _("Age bands: {bands}.", bands=", ".join(found.bands))
    return f"{sentence} {bands}" if found.bands else sentence


def public_sentence(board: Board, context: PageContext) -> str:
    _, number = context.gettext, context.formats.number
    found = board.figures
    if found.are_public:
        return _(
            "Figures for the public: {shown} shown, {hidden} protected because too few persons stand behind them.",
            shown=number(found.shown),
            hidden=number(found.hidden),
        )
    if board.state != "published":
        return _("Publishing the round makes its figures for the public, in which small groups are protected.")
    return _("Figures for the public have not been made.")


def buttons(board: Board, context: PageContext) -> list[Any]:
    """All of them are always on the page, so that their callbacks find them; who may not use them does not see them."""
    _ = context.gettext
    hint = _(
        "Years at which they begin, with commas: 0, 15, 60. Empty: as they are. A published round keeps its bands."
    )
    ages = html.Div(
        [
            dbc.Label(_("Age bands"), html_for=AGES, class_name="form-label"),
            dbc.Input(id=AGES, type="text", value="", maxlength=60, autocomplete="off"),
            html.P(hint, className="hint"),
        ],
        className="field",
    )
    catalogue = html.Div(
        [
            html.Label(  # names the field that the component hides
                dcc.Upload(
                    _button(f"{CATALOGUE}-choose", _("Choose a catalogue of your own (YAML)"), "outline-secondary"),
                    id=CATALOGUE,
                    accept=".yaml,.yml",
                )
            ),
            html.Span(id=CATALOGUE_NAME, role="status"),
            html.P(
                _("Indicators of the municipality's own, as the command line takes them. Empty: the core indicators."),
                className="hint",
            ),
        ],
        className="field",
    )
    is_ready = board.state == "published" and bool(board.figures.indicators)
    made = [
        _button(RUN, _("Compute the indicators"), "outline-secondary"),
        _button(MAKE, _("Make the figures for the public"), "primary", hidden=not is_ready),
    ]
    told = [] if board.may_publish else [html.P(_("Officials and administrators compute and publish figures."))]
    return [*told, html.Div([ages, catalogue, html.Div(made, className="page-actions")], hidden=not board.may_publish)]


def _button(button_id: str, label: str, kind: str, **options: Any) -> html.Button:
    return html.Button(label, id=button_id, type="button", className=f"btn btn-{kind}", **options)


def run_indicators(services: Services, context: PageContext, code: str, fields: dict[str, Any]) -> Message:
    """Compute the core indicators, or those of the file given; those that the round cannot carry are named."""
    _ = context.gettext
    name, contents = fields.get("catalogue_name"), fields.get("catalogue")
    given = (name or "catalogue.yaml", b64decode(contents.partition(",")[2])) if contents else None
    done = services.round_figures.run(context.user, context.site, code, fields["ages"] or "", given)
    number = len(done.indicators)
    sentences = [
        context.ngettext(
            "{number} indicator was computed.", "{number} indicators were computed.", number, number=f"{number:,}"
        )
    ]
    if done.skipped:
        names = ", ".join(str(problem.facts["indicator"]) for problem in done.skipped)
        sentences.append(_("Left out, because the round lacks questions that they need: {names}.", names=names))
    sentences += [empty_sentence(problem, context) for problem in done.empty]
    return sentences, "warning" if done.empty else "info"


def empty_sentence(problem: Problem, context: PageContext) -> str:
    """Nobody is in the universe of an indicator: which condition, and what the columns of it hold."""
    found = "; ".join(f"{column}: {codes}" for column, codes in problem.facts["found"].items())
    return context.gettext(
        "{indicator}: nobody in this group, so that nothing was stored. Nobody meets the condition {condition}. Found "
        "in its columns: {found}. If people should be in the group, check the codes and the names of the age bands.",
        indicator=str(problem.facts["indicator"]),
        condition=str(problem.facts["condition"]),
        found=found,
    )


def make_figures(services: Services, context: PageContext, code: str, fields: dict[str, Any]) -> Message:
    """Make the figures for the public."""
    services.round_figures.publish(context.user, context.site, code, fields.get("reason") or "")
    return [context.gettext("The figures for the public were made.")], "info"
