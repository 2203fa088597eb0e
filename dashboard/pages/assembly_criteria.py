"""The municipality's own matrix on the pages of proposals and of the process: table, form of points, lines to write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html

from budget_model.assembly.criteria import Criterion
from dashboard.components import Column, card, data_table, source_note
from dashboard.components.forms import field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.services.assembly import ProposalInfo, ScoreBoard
from dashboard.services.criteria import Matrix
from dashboard.views.assembly_criteria import criterion_name, exact, points_text, total_text
from dashboard.views.assembly_scores import source_words, with_interval
from data.readers.typed_numbers import plain_text

POINTS = "points:"  # beginning of the names of fields with points
SEVERAL = "|"


def matrix_cards(
    matrix: Matrix, proposals: Sequence[ProposalInfo], scores: ScoreBoard, context: PageContext
) -> list[html.Section]:
    """A row a proposal: points of each criterion, what they make of 100, and the model's score beside them."""
    if not matrix.criteria or not proposals:
        return []
    _ = context.gettext
    heads = [Column(_("Proposal"))]
    for one in matrix.criteria:
        facts = {"name": criterion_name(one, context), "most": exact(one.most), "weight": exact(one.weight)}
        heads.append(Column(_("{name} (of {most}, weight {weight})", **facts), True))
    heads += [Column(_("Of 100"), True), Column(_("Needs of women met"), True), Column(_("Needs of men met"), True)]
    rows = [matrix_row(matrix, one, scores, context) for one in proposals]
    title = _("The municipality's own criteria beside the needs met")
    note = _("–: no points or no score yet. A sum over part of the criteria is marked with *.")
    shown = [data_table(title, heads, rows), html.P(note, className="source-note")]
    source = source_words(scores, context)
    return [card(title, [*shown, *([source_note(context, [source])] if source else [])])]


def matrix_row(matrix: Matrix, one: ProposalInfo, scores: ScoreBoard, context: PageContext) -> list[str]:
    code = one.record.code
    points, score = matrix.points.get(code, {}), scores.scores.get(code)
    cells = [points_text(points, line.code) for line in matrix.criteria]
    met = ["–", "–"] if score is None else [with_interval(score[group], context) for group in ("women", "men")]
    return [f"{code} · {context.in_language(one.record.title)}", *cells, total_text(matrix, points, context), *met]


def points_card(matrix: Matrix, code: str, year: int, action: str, context: PageContext) -> list[html.Section]:
    """The form in which officials give points to a proposal; nothing where no criteria were announced."""
    if not matrix.criteria:
        return []
    _, points = context.gettext, matrix.points.get(code, {})
    fields = [
        field(
            POINTS + one.code, criterion_name(one, context), exact(points[one.code]) if one.code in points else "",
            hint=_("0 to {most}; empty: no points yet", most=exact(one.most)), inputmode="decimal", maxlength=10,
        )
        for one in matrix.criteria
    ]  # fmt: skip
    kept = [hidden("year", str(year), "points"), hidden("code", code, "points")]
    button = html.Div([submit(_("Save the points"))], className="buttons")
    return [card(_("Points by the municipality's own criteria"), plain_form(action, [*kept, *fields, button]))]


def points_of(fields: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(POINTS): plain_text(text) or "" for name, text in fields.items() if name.startswith(POINTS)
    }


def criteria_lines(criteria: Sequence[Criterion]) -> str:
    """A line a criterion, as `criteria_of_lines` reads them."""
    lines = []
    for one in criteria:
        names = f" {SEVERAL} ".join(one.name[key] for key in ("es", "en") if one.name.get(key))
        lines.append(f"{one.code}, {exact(one.weight)}, {exact(one.most)}, {names}")
    return "\n".join(lines)


def criteria_of_lines(text: str) -> list[dict[str, str]]:
    """Criteria as a process file says them."""
    made = []
    for line in text.splitlines():
        if line.strip():
            code, weight, most, names = [*(part.strip() for part in line.split(",", 3)), "", "", ""][:4]
            spanish, _bar, english = (part.strip() for part in names.partition(SEVERAL))
            told = {"code": code, "weight": weight, "most": most, "name_es": spanish}
            made.append(told | ({"name_en": english} if english else {}))
    return made
