"""Instrument: versions of the questionnaires, their questions, the workbook for the tablets, and which indicators a
version can carry."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from dash import html

from dashboard.components import Column, card, data_table, page_header, tile, tiles
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.instrument import Instrument
from dashboard.views.instrument import SectionView, indicator_rows, section_views, version_rows

NAME = "instrument"
TITLE = mark("Instrument")
GROUP = Group.SURVEY
ROLES = SIGNED_IN
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    found = services.instrument.instrument(context.user, context.site, context.query.get("form"))
    chosen = found.chosen
    subtitle = _("The questionnaires: what is asked, in which version, and which indicators can be computed from it.")
    download = html.A(
        _("Download XLSX"),
        href=context.address(f"{NAME}/form.xlsx", form=chosen.key),
        className="btn btn-outline-secondary btn-sm",
    )
    possible, lacking = indicator_rows(found, context)
    number = context.formats.number
    figures = [
        tile(_("Questions"), number(chosen.questions)),
        tile(_("Indicators that can be had"), number(len(possible))),
        tile(_("Indicators that cannot"), number(len(lacking))),
    ]
    title = f"{chosen.title or chosen.form_id} · {chosen.version or _('no version')}"
    return html.Div(
        [
            page_header(_(TITLE), subtitle, [download]),
            versions_card(found, context),
            html.H2(title, className="version-title"),
            tiles(figures, title),
            indicators_card(found, possible, lacking, context),
            questions_card(section_views(found.form, context), context),
        ]
    )


def versions_card(found: Instrument, context: PageContext) -> html.Section:
    """All versions; the title is a link to its questions."""
    _ = context.gettext
    header = [
        *(Column(_("Questionnaire")), Column(_("Version")), Column(_("Questions"), True), Column(_("Languages"))),
        *(Column(_("Published")), Column(_("By")), Column(_("Local modules"))),
    ]
    rows: list[list[Any]] = []
    for version, row in zip(found.versions, version_rows(found.versions, context), strict=True):
        current = {"aria-current": "true"} if version.key == found.chosen.key else {}
        rows.append([html.A(row[0], href=context.address(NAME, form=version.key), **current), *row[1:]])
    return card(_("Versions"), data_table(_("Choose a version to see its questions"), header, rows))


def indicators_card(
    found: Instrument, possible: list[list[str]], lacking: list[list[str]], context: PageContext
) -> html.Section:
    _ = context.gettext
    together = (
        [html.P(_("Counted together with: {names}.", names=", ".join(found.together)), className="hint")]
        if found.together
        else []
    )
    parts: list[Any] = [*together]
    if lacking:
        header = [Column(_("Indicator")), Column(_("Questions that it needs")), Column(_("Why not"))]
        parts.append(data_table(_("Indicators that this version cannot give"), header, lacking))
    header = [Column(_("Indicator")), Column(_("Questions that it needs"))]
    table = data_table(_("Indicators that this version can give"), header, possible)
    summary = html.Summary(_("Indicators and the questions that they need"))
    parts.append(html.Details([summary, table]))
    return card(_("Indicators"), parts)


def questions_card(sections: list[SectionView], context: PageContext) -> html.Section:
    _ = context.gettext
    language, other = ("español", "English") if context.language == "es" else ("English", "español")
    header = [
        *(Column(_("Name")), Column(_("Kind")), Column(language), Column(other)),
        *(Column(_("Choices")), Column(_("Asked only if"))),
    ]
    parts = []
    for section in sections:
        summary = html.Summary(f"{section.title} ({context.formats.number(len(section.rows))})")
        note = [html.P(section.note, className="hint")] if section.note else []
        parts.append(html.Details([summary, *note, data_table(section.title, header, section.rows)]))
    return card(_("Questions by section"), parts)


def workbook(services: Services, context: PageContext) -> Resource:
    """The form itself."""
    chosen, content = services.instrument.workbook(context.user, context.site, context.query.get("form"))
    return Resource(content, XLSX, f"{chosen.form_id}-{chosen.version or 'form'}.xlsx")


QUERIES = {"form.xlsx": frozenset({"form"})}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {"form.xlsx": partial(workbook)}


def register_callbacks(app: Any, services: Services) -> None:
    """None: the version stands in the address."""
