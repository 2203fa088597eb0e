"""What the page of links shows: coverage of the budget, lines, programmes and needs as rows. No Dash, no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from budget_model.spending.links import LinkedLine
from dashboard.context import PageContext
from dashboard.views.budget import currency_of
from data.workflows.line_links import ProgrammeLinks, SiteLinks
from data.writers.tables import Cell, Table

Row = tuple[str, ...]


def finding(found: SiteLinks, context: PageContext) -> str:
    """How much of the budget the model stands on, in a sentence."""
    _, formats, coverage = context.gettext, context.formats, found.coverage
    currency = currency_of(context)
    return _(
        "Of the modified budget of {year}, {linked} of {whole} ({share}) stand behind the programmes of the model: "
        "{lines} of {all} lines. What a scenario moves is a part of these.",
        year=found.year,
        linked=formats.millions(coverage.linked_amount, currency),
        whole=formats.millions(coverage.amount, currency),
        share=formats.share(coverage.share),
        lines=formats.number(coverage.linked_count),
        all=formats.number(coverage.line_count),
    )


def warnings(found: SiteLinks, context: PageContext) -> list[str]:
    """What is wrong with the links: lines shared too far, lines that a programme names and the year lacks."""
    _, ngettext = context.gettext, context.ngettext
    told = []
    if found.coverage.over_shared:
        names = ", ".join(line.code for line in found.coverage.over_shared)
        told.append(_("Programmes share more than the whole of these lines: {lines}. Correct the shares.", lines=names))
    gone = [(one, code) for one in found.programmes for code in one.gone]
    if gone:
        names = ", ".join(sorted({code for _one, code in gone})[:10])
        told.append(_("Programmes name lines that the budget of {year} lacks: {lines}.", year=found.year, lines=names))
    if missing := len(found.coverage.without_amount):
        sentence = ngettext(
            "{count} line has no modified budget; it counts as unknown, not as 0.",
            "{count} lines have no modified budget; they count as unknown, not as 0.",
            missing,
            count=missing,
        )
        told.append(sentence)
    return told


def source_header(context: PageContext) -> Row:
    _ = context.gettext
    return (_("Funding source"), _("Lines"), _("Modified budget (PIM)"), _("Behind programmes"), _("Share"))


def source_rows(found: SiteLinks, context: PageContext) -> list[Row]:
    """Funding sources with what of them stands behind programmes."""
    formats, currency = context.formats, currency_of(context)
    return [
        (
            one.source or context.gettext("not stated"),
            formats.number(one.line_count),
            formats.money(one.amount, currency, 2),
            formats.money(one.linked_amount, currency, 2),
            formats.share(one.linked_amount / one.amount if one.amount else None),
        )
        for one in found.sources
    ]


def programme_header(context: PageContext) -> Row:
    _ = context.gettext
    return (_("Programme"), _("Modified budget (PIM)"), _("Lines and shares"), _("Needs that it meets"))


def programme_rows(found: SiteLinks, context: PageContext) -> list[Row]:
    """Programmes between their lines and their needs."""
    currency = currency_of(context)
    return [
        (
            context.in_language(one.name, one.code),
            context.formats.money(programme_money(one), currency, 2),
            lines_text(one, context),
            ", ".join(need_name(found, code, context) for code in one.needs) or context.gettext("none"),
        )
        for one in found.programmes
    ]


def programme_money(one: ProgrammeLinks) -> Decimal:
    return one.amount + (one.stated or Decimal(0))


def lines_text(one: ProgrammeLinks, context: PageContext) -> str:
    """`code (share), …`; for a stated amount, that no line stands behind it."""
    if not one.lines:
        return context.gettext("none: the amount is stated, no line stands behind it")
    return ", ".join(f"{code} ({context.formats.share(share, 0)})" for code, share in one.lines)


def need_name(found: SiteLinks, code: str, context: PageContext) -> str:
    return context.in_language(found.need_names.get(code), code)


def line_header(context: PageContext) -> Row:
    _ = context.gettext
    return (_("Line"), _("Name"), _("Modified budget (PIM)"), _("Behind programmes"), _("Rest"))


def line_rows(found: SiteLinks, lines: Iterable[LinkedLine], context: PageContext) -> list[Row]:
    """Lines with what of them is not behind a programme."""
    formats, currency = context.formats, currency_of(context)
    return [
        (
            line.code,
            found.line_names[line.code],
            formats.money(line.amount, currency, 2),
            formats.share(line.share),
            formats.money(line.rest if line.amount is not None else None, currency, 2),
        )
        for line in lines
    ]


def export_tables(found: SiteLinks, context: PageContext) -> list[Table]:
    """All of the page, exact."""
    _ = context.gettext
    names = {one.code: context.in_language(one.name, one.code) for one in found.programmes}
    shares: list[Sequence[Cell]] = [
        (names[one.code], code, found.line_names[code], share) for one in found.programmes for code, share in one.lines
    ]
    needs: list[Sequence[Cell]] = [
        (names[one.code], code, need_name(found, code, context)) for one in found.programmes for code in one.needs
    ]
    kinds = ((_("no link"), found.coverage.unlinked), (_("linked in part"), found.coverage.partly))
    over = ((_("shared above 100 %"), found.coverage.over_shared),)
    rest: list[Sequence[Cell]] = [
        (kind, line.code, found.line_names[line.code], line.amount, line.share, line.rest)
        for kind, lines in (*kinds, *over)
        for line in lines
    ]
    sources: list[Sequence[Cell]] = [
        (one.source, one.line_count, one.amount, one.linked_amount) for one in found.sources
    ]
    header = line_header(context)
    return [
        Table(_("Funding sources"), source_header(context)[:-1], sources),
        Table(_("Lines and programmes"), (_("Programme"), _("Line"), _("Name"), _("Share")), shares),
        Table(_("Programmes and needs"), (_("Programme"), _("Need"), _("Name")), needs),
        Table(_("Lines without a full link"), (_("Link"), *header), rest),
    ]
