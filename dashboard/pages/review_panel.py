"""Review desk: the panel of one line: what it is, where its tag stands, what this person may do, history, form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from budget_model.spending.schemes import Scheme
from dashboard.components import Column, data_table, notice
from dashboard.context import PageContext
from dashboard.pages.review_form import tag_form
from dashboard.services import Services
from dashboard.services.access import PLANNERS, may
from dashboard.services.tags import LineDetail, VersionInfo
from dashboard.views.budget import currency_of, stage_names
from dashboard.views.review import line_name, row_id, state_words
from dashboard.views.review_tags import change_rows, form_values, tag_rows
from dashboard.views.tags_words import ACTIONS
from dashboard.views.words import label_key_name
from data.workflows.tag_similar import SimilarLine

USE = "review-use"  # type of the ids of the buttons that take over the tag of a similar line
LABELS_SHOWN = ("function", "programme", "product", "activity", "target", "source", "fund", "generic", "heading")


class PanelIds(StrEnum):
    """Components of the panel."""

    KEY = "review-key"
    PROPOSE = "review-propose"
    REVIEW = "review-review"
    APPROVE = "review-approve"
    DISPUTE = "review-dispute"
    RETURN = "review-return"
    REASON = "review-reason"
    VERSION = "review-version"
    SIMILAR = "review-similar"
    HEAD = "review-head"
    FORM = "review-form"
    FORM_TITLE = "review-form-title"


@dataclass(frozen=True)
class Filled:
    """What the form starts from instead of the line's own tag, and the sentences that say where it is from."""

    content: Mapping[str, Any]
    told: Sequence[str]


def filled_by_similar(taken: SimilarLine, context: PageContext) -> Filled:
    """The tag of a similar line."""
    told = context.gettext(
        "The form holds the tag of {line} ({year}). Read it, correct it, and say why it is right here.",
        line=line_name(taken.labels, taken.code),
        year=taken.year,
    )
    return Filled(taken.content, [told])


def line_panel(
    services: Services, context: PageContext, key: tuple[int, str], filled: Filled | None = None
) -> list[Any]:
    """The panel of a line; `filled`: what its form starts from."""
    detail = services.tags.line(context.user, context.site, *key)
    looking = html.P(context.gettext("Looking for similar lines…"), className="hint")
    return [
        html.H2(line_name(detail.labels, detail.code)),
        dcc.Store(id=PanelIds.KEY, data=row_id(*key)),
        html.Div(head_parts(services, context, detail), id=PanelIds.HEAD, className="review-head"),
        html.Div(looking, id=PanelIds.SIMILAR),  # found once the panel stands: it takes longer
        form_part(services, detail, filled, context) if detail.may_propose else no_form(),
    ]


def line_head(services: Services, context: PageContext, key: tuple[int, str]) -> list[Any]:
    """What a step changes in the panel of a line, so that the large form beside it stays as it is."""
    return head_parts(services, context, services.tags.line(context.user, context.site, *key))


def head_parts(services: Services, context: PageContext, detail: LineDetail) -> list[Any]:
    schemes = services.tags.schemes()
    shown = {"data-line": row_id(detail.year, detail.code), "data-version": str(detail.version)}  # what a step is on
    return [
        html.P(where_it_stands(detail, context), className="review-state", role="status", **shown),
        facts(detail, context),
        *current_tag(detail, schemes, context),
        steps(detail, context),
        history(detail, schemes, context),
    ]


def where_it_stands(detail: LineDetail, context: PageContext) -> str:
    """State, version, who and when."""
    _ = context.gettext
    newest = detail.newest
    if newest is None:
        return _("Without a tag: nobody has said anything of this line yet. That is unknown, not 0.")
    counting = next((one.version for one in detail.history if one.counts), None)
    told = _(
        "{state}, version {version}; content by {author}, last step by {actor} on {at}.",
        state=state_words(newest.state, counting is not None, context),
        version=newest.version,
        author=newest.author,
        actor=newest.actor,
        at=context.formats.moment(newest.at),
    )
    if counting is None or counting == newest.version:
        return told
    return told + " " + _("Version {version} counts in statements.", version=counting)


def facts(detail: LineDetail, context: PageContext) -> html.Div:
    """Amounts by stage, and the line's labels folded."""
    _ = context.gettext
    currency, money = currency_of(context), context.formats.money
    rows = [(name, money(detail.amounts[stage], currency, 2)) for stage, name in stage_names(context).items()]
    caption = _("Amounts by stage, {year}", year=detail.year)
    labels = [(label_key_name(name, context), detail.labels[name]) for name in LABELS_SHOWN if detail.labels.get(name)]
    labels += [(_("Code"), detail.code), (_("Source"), detail.source)]
    if detail.gender_share is not None:
        labels.append((_("Gender share stated by the source"), context.formats.share(detail.gender_share)))
    labels_table = data_table(_("What the line is"), [Column(_("Label")), Column(_("Text"))], labels)
    return html.Div(
        [
            data_table(caption, [Column(_("Stage")), Column(_("Amount"), True)], rows),
            html.Details([html.Summary(_("Labels, code and source of the line")), labels_table]),
        ]
    )


def current_tag(detail: LineDetail, schemes: Mapping[str, Scheme], context: PageContext) -> list[Any]:
    """What the newest version says, with its rationale and evidence."""
    _ = context.gettext
    newest = detail.newest
    if newest is None:
        return []
    rows = tag_rows(newest.content, schemes, context)
    rows.append([_("Rationale"), newest.rationale])
    rows += [[_("Evidence"), text] for text in newest.evidence]
    rows += [[_("Reason"), newest.reason]] if newest.reason else []
    return [data_table(_("What the tag says"), [Column(_("Facet")), Column(_("Value"))], rows)]


def steps(detail: LineDetail, context: PageContext) -> html.Div:
    """Buttons of what this person may do now; why not, where she may not."""
    _ = context.gettext
    buttons = [
        step_button(PanelIds.REVIEW, _("Mark as reviewed"), detail.may_review, "primary"),
        step_button(PanelIds.APPROVE, _("Approve"), detail.may_approve, "primary"),
        step_button(PanelIds.DISPUTE, _("Dispute"), detail.may_dispute, "outline-secondary"),
        step_button(PanelIds.RETURN, _("Go back to the version"), detail.may_return, "outline-secondary"),
    ]
    versions = [
        {"value": str(one.version), "label": version_title(one, context)}
        for one in detail.history
        if one.version != detail.version
    ]
    select = html.Div(
        [
            html.Label(_("Version to go back to"), htmlFor=PanelIds.VERSION, className="form-label"),
            dbc.Select(id=PanelIds.VERSION, options=versions, value=versions[0]["value"] if versions else ""),
        ],
        className="field",
        hidden=not detail.may_return,
    )
    reason = html.Div(
        [
            html.Label(_("Reason or remark"), htmlFor=PanelIds.REASON, className="form-label"),
            dbc.Textarea(id=PanelIds.REASON, value="", rows=2),
            html.P(
                _("A dispute and a return need a reason. A return is a proposal: somebody else approves it."),
                className="hint",
            ),
        ],
        className="field",
        hidden=not (detail.may_review or detail.may_approve or detail.may_dispute),
    )
    return html.Div([four_eyes(detail, context), reason, select, html.Div(buttons, className="buttons")])


def four_eyes(detail: LineDetail, context: PageContext) -> Any:
    """Why somebody cannot take the next step."""
    newest = detail.newest
    if newest is None or newest.author != context.user.login or newest.state not in ("proposed", "reviewed"):
        return None
    _ = context.gettext
    told = _("You wrote what this tag says: somebody else reviews and approves it (four eyes).")
    if newest.action == "return":
        told = _("You went back to what this tag says: somebody else reviews and approves it (four eyes).")
    return notice([told], "info")


def step_button(button_id: str, label: str, is_shown: bool, kind: str) -> html.Button:
    return html.Button(label, id=button_id, className=f"btn btn-{kind}", hidden=not is_shown, **step_data(button_id))


def step_data(step: str, version: int | None = None) -> dict[str, str]:
    """What a button says to `51-review-steps.js`; `version`: on which one, if not the one that the panel shows."""
    return {"data-review-step": step, **({"data-on-version": str(version)} if version is not None else {})}


def version_title(one: VersionInfo, context: PageContext) -> str:
    """`2 · reviewed by beto, 3 Nov 2026, 10:15`"""
    return context.gettext(
        "{version} · {action} by {actor}, {at}",
        version=one.version,
        action=context.gettext(ACTIONS[one.action]) if one.action in ACTIONS else one.action,
        actor=one.actor,
        at=context.formats.moment(one.at),
    )


def history(detail: LineDetail, schemes: Mapping[str, Scheme], context: PageContext) -> Any:
    """Every version, the newest first, with what it changed."""
    _ = context.gettext
    if not detail.history:
        return None
    entries = []
    for place, one in enumerate(detail.history):
        before = detail.history[place + 1].content if place + 1 < len(detail.history) else {}
        names = [name for name in {**before, **one.content} if before.get(name) != one.content.get(name)]
        changes = {name: (before.get(name), one.content.get(name)) for name in names}
        texts = change_rows(changes, schemes, context)
        counts = html.Strong([" ", _("This version counts.")]) if one.counts else None
        words = [one.rationale if texts else "", one.reason]
        entries.append(
            html.Li(
                [
                    html.Strong(version_title(one, context)),
                    counts,
                    html.Ul([html.Li(text) for text in texts]) if texts else None,
                    *[html.P(word) for word in words if word],
                ]
            )
        )
    title = context.ngettext(
        "History: {number} version", "History: {number} versions", len(entries), number=str(len(entries))
    )
    return html.Details([html.Summary(title), html.Ul(entries, className="review-history")], open=True)


def similar_part(services: Services, context: PageContext, key: tuple[int, str]) -> Any:
    """Lines like it that are tagged; for those who may propose, a button takes their tag into the form."""
    _ = context.gettext
    found = services.tags.similar(context.user, context.site, key)
    if not found:
        return html.P(_("No similar line is tagged yet."))
    schemes, may_take = services.tags.schemes(), may(context.user, PLANNERS, context.site)
    entries = [similar_entry(one, may_take, schemes, context) for one in found]
    title = _("Similar lines already tagged: {number}", number=len(entries))
    return html.Details([html.Summary(title), html.Ul(entries, className="review-history")])


def similar_entry(one: SimilarLine, may_take: bool, schemes: Mapping[str, Scheme], context: PageContext) -> html.Li:
    _ = context.gettext
    why = _("the same line in another year") if one.is_same_series else ""
    shared = ", ".join(label_key_name(name, context).lower() for name in one.shared if not name.endswith("_code"))
    facts = [text for text in (why, _("shares {labels}", labels=shared) if shared else "") if text]
    says = "; ".join(f"{facet}: {value}" for facet, value in tag_rows(one.content, schemes, context)[:4])
    take = _("Take its tag into the form")
    button = html.Button(
        take,
        id={"type": USE, "path": row_id(one.year, one.code)},
        className="btn btn-outline-secondary btn-sm",
        **{"aria-label": f"{take}: {one.code} ({one.year})"},  # begins with what is seen, for those who speak to it
    )
    head = f"{line_name(one.labels, one.code)}, {one.year} ({state_words(one.state, False, context).lower()})"
    return html.Li(
        [
            html.Strong(head),
            html.P(" · ".join(facts)),
            html.P(says),
            button if may_take else None,
        ]
    )


def form_title(is_tagged: bool, context: PageContext) -> str:
    return context.gettext("Propose another tag") if is_tagged else context.gettext("Propose a tag")


def form_part(services: Services, detail: LineDetail, filled: Filled | None, context: PageContext) -> html.Details:
    """The form: with the newest tag, or what it is filled with, or empty."""
    newest = detail.newest
    content = filled.content if filled else newest.content if newest else {}
    rationale = newest.rationale if newest and not filled else ""
    evidence = newest.evidence if newest and not filled else ()
    values = form_values(content, rationale, evidence)
    needs = services.tags.needs(context.user, context.site)
    note = notice(filled.told, "info") if filled else None
    button = step_button(PanelIds.PROPOSE, context.gettext("Propose"), True, "primary")
    title = html.Summary(form_title(newest is not None, context), id=PanelIds.FORM_TITLE)
    body = [title, note, tag_form(values, content, services.tags.schemes(), needs, context)]
    is_open = newest is None or filled is not None or newest.state == "disputed"
    return html.Details([*body, html.Div(button, className="buttons")], open=is_open, id=PanelIds.FORM)


def no_form() -> html.Details:
    """For those who only read: the place of the form, with nothing in it."""
    return html.Details(html.Summary(id=PanelIds.FORM_TITLE), hidden=True, id=PanelIds.FORM)
