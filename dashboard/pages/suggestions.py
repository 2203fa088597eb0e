"""Suggestions for the tags of untagged lines: by rules and by a classifier, with words and measured quality."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Any

from dash import Input, Output, State, html

from budget_model.spending.suggest import Quality
from dashboard.components import Column, Link, card, data_table, keep_in_address, no_data, notice, page_header, select
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.suggestions import Suggestions
from dashboard.views import suggestions as views
from dashboard.views.review import line_name
from dashboard.views.tags_words import FACETS
from data.workflows.suggestions import SuggestedLine

NAME = "suggestions"
TITLE = mark("Suggestions for tags")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
SHOWN, FROM = 20, "from"  # lines of a page; where it begins, in the address


class Ids(StrEnum):
    """Components that callbacks talk to."""

    YEAR = "suggestions-year"
    CONTENT = "suggestions-content"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    found = services.suggestions.suggestions(context.user, context.site, context.query.get("year"))
    header = page_header(
        _(TITLE), _("What untagged lines may be about. A suggestion fills a form at most: people propose.")
    )
    if found.year is None:
        how = _("Bring a budget file in on the page “Budget files”.")
        return html.Div([header, no_data(_("There are no budget lines of this site yet."), how)])
    years = [{"label": str(year), "value": str(year)} for year in reversed(found.years)]
    chosen = html.Div(select(Ids.YEAR, _("Year"), years, str(found.year)), className="filters")
    return html.Div([header, chosen, html.Div(content(services, found, context), id=Ids.CONTENT)])


def content(services: Services, found: Suggestions, context: PageContext) -> list[Any]:
    return [
        quality_card(services, found, context),
        facets_card(services, found, context),
        lines_card(services, found, context),
    ]


def quality_card(services: Services, found: Suggestions, context: PageContext) -> html.Section:
    """How far the classifier can be trusted."""
    _ = context.gettext
    learned = found.learned.marker
    quality = learned.quality
    kind = "info" if quality is not None and quality.is_better_than_guessing else "warning"
    parts: list[Any] = [notice([views.quality_sentence(learned, context)], kind)]
    if quality is not None:
        parts.append(html.P(views.spoken_sentence(quality, context)))
        hint = _(
            "Precision: of the texts that it gave the marker, how many have it. Recall: of the texts that have it, "
            "how many it found. F1: their harmonic mean; the mean of all F1 counts a rare marker as much as a frequent "
            "one, so that always guessing the most frequent one gets little of it."
        )
        parts += [quality_table(services, "marker", quality, context), html.P(hint, className="hint")]
    return card(_("How far it can be trusted"), parts)


def quality_table(services: Services, facet: str, quality: Quality, context: PageContext) -> html.Div:
    columns = [Column(name, place > 0) for place, name in enumerate(views.quality_header(facet, context))]
    caption = context.gettext(
        "Cross-validation in {folds} parts; lines of the same activity never stand on both sides", folds=quality.folds
    )
    return data_table(caption, columns, views.quality_rows(quality, services.tags.schemes(), context, facet))


def facets_card(services: Services, found: Suggestions, context: PageContext) -> html.Section:
    """What the classifiers of the other facets are worth, or that there is too little to learn from."""
    _ = context.gettext
    enough = html.P(views.enough_sentence(context), className="hint")
    parts: list[Any] = [html.Details([html.Summary(_("When there is enough to learn from")), enough])]
    for name, learned in found.learned.facets.items():
        parts.append(html.P(views.facet_sentence(name, learned, context)))
        if learned.quality is not None:
            table = quality_table(services, name, learned.quality, context)
            parts.append(html.Details([html.Summary(_("Each value: {facet}", facet=_(FACETS[name]))), table]))
    return card(_("Policy, beneficiary, Sharp’s categories and needs"), parts)


def lines_card(services: Services, found: Suggestions, context: PageContext) -> html.Section:
    """Untagged lines, the likely ones with the most money first."""
    _, number = context.gettext, context.formats.number
    if not found.lines:
        return card(_("Untagged lines"), html.P(_("Every line of {year} has a tag.", year=found.year)))
    schemes = services.tags.schemes()
    likely = sum(1 for line in found.lines if line.is_likely)
    told = _(
        "{lines} lines of {year} are without a tag; of {likely} a rule or the classifier says that they may matter.",
        lines=number(len(found.lines)),
        year=found.year,
        likely=number(likely),
    )
    columns = [
        Column(_("Line")),
        Column(_("Budget"), True),
        Column(_("Rules by words"), is_folded=True),
        Column(_("Classifier, with its own confidence"), is_folded=True),
    ]
    start = first_shown(found, context)
    part = found.lines[start : start + SHOWN]
    rows = [[line_link(line, context), *views.line_cells(line, schemes, context)] for line in part]
    caption = _(
        "Likely lines first, then by money ({first} to {last} of {total})",
        first=number(start + 1),
        last=number(start + len(rows)),
        total=number(len(found.lines)),
    )
    pages = html.P(page_links(found, start, context), className="review-pages")
    return card(_("Untagged lines"), [html.P(told), data_table(caption, columns, rows, _("More")), pages])


def first_shown(found: Suggestions, context: PageContext) -> int:
    """Where the page of the address begins; the first one where it says nothing of use, or another year was chosen."""
    text = context.query.get(FROM, "")
    start = int(text) if text.isdecimal() and len(text) < 8 else 0
    return start // SHOWN * SHOWN if start < len(found.lines) else 0


def page_links(found: Suggestions, start: int, context: PageContext) -> list[Any]:
    """The lines before and after those shown."""
    _ = context.gettext
    places = [(_("Lines before"), start - SHOWN)] if start else []
    places += [(_("More lines"), start + SHOWN)] if start + SHOWN < len(found.lines) else []
    year = str(found.year)
    return [html.A(words, href=context.address(NAME, year=year, **{FROM: str(place)})) for words, place in places]


def line_link(line: SuggestedLine, context: PageContext) -> Link:
    """Opens the line on the review desk, its form filled with the suggestion."""
    year, code = line.key
    address = context.address("review", year=str(year), line=code, suggestion="yes") + "#review-panel"
    return Link(line_name(line.labels, code), address)


def answer(app: Any, services: Services, year: str, path: str) -> list[Any]:
    context = app.router.context_of(path)
    return content(services, services.suggestions.suggestions(context.user, context.site, year), context)


def register_callbacks(app: Any, services: Services) -> None:
    app.callback(
        Output(Ids.CONTENT, "children"),
        Input(Ids.YEAR, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(partial(answer, app, services))
    keep_in_address(app, [Ids.YEAR])
