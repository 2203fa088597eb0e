"""Digest of alerts: a person subscribes to what the rules of the trends find, and fetches what was made for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, html

from budget_model.errors import InputError, NotFoundError
from budget_model.spending.digest import RULES
from dashboard.components import Column, card, data_table, no_data, notice, page_header
from dashboard.components.forms import choice, field, field_id, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.digests import DigestView, IssueRow, SubscriptionRow
from dashboard.views import digest_words as words
from dashboard.views.budget import stage_names
from data.store.digests import Wish
from data.workflows.digest_content import Document
from data.workflows.digest_pages import digest_html, digest_tables, period_text
from data.workflows.digests import IMPORT
from data.workflows.statement import DEFAULT_SCHEME, DEFAULT_STAGE, counting_schemes
from data.writers.tables import xlsx_bytes

NAME = "digest"
TITLE = mark("Digest of alerts")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ALL, SITE, RULE = "all-sites", "site-", "rule-"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    found = services.digests.view(context.user, context.site)
    subtitle = _("What the rules of the trends find, told to you regularly, with what is new since the last time.")
    return html.Div(
        [
            page_header(_(TITLE), subtitle, [html.A(_("Trends"), href=context.address("trends"))]),
            *told(context),
            subscriptions_card(found, services, context),
            subscribe_card(found, services, context),
        ]
    )


def told(context: PageContext) -> list[html.Div]:
    """What a posted form came to."""
    _, query = context.gettext, context.query
    refused = [words.PROBLEMS[rule] for rule in query.get("refused", "").split(",") if rule in words.PROBLEMS]
    if refused:
        return [notice([_("Nothing was kept."), *[_(sentence) for sentence in refused]], "danger", role="alert")]
    done = query.get("done", "")
    return [notice([_(words.DONE[done])], "info", role="status")] if done in words.DONE else []


def subscriptions_card(found: DigestView, services: Services, context: PageContext) -> html.Section:
    _ = context.gettext
    if not found.subscriptions:
        shown: Any = no_data(_("You have no digest yet."), _("Subscribe below."))
        return card(_("Your digests"), shown)
    return card(_("Your digests"), [subscription(one, found, services, context) for one in found.subscriptions])


def subscription(one: SubscriptionRow, found: DigestView, services: Services, context: PageContext) -> html.Div:
    """What was wished, the digests that were made, a preview and the way out."""
    _ = context.gettext
    title = _("Digest {number}: {sites}", number=one.id, sites=site_names(one.wish, found, context))
    end = plain_form(
        context.address(f"{NAME}/unsubscribe"),
        [
            hidden("subscription", str(one.id), form=f"end{one.id}-"),
            html.Button(
                _("Unsubscribe"),
                type="submit",
                className="btn btn-outline-secondary btn-sm",
                disable_n_clicks=True,
                **{"aria-label": _("Unsubscribe from digest {number}", number=one.id)},
            ),
        ],
    )
    look = html.A(
        _("Preview of today (file)"),
        href=context.address(f"{NAME}/preview.html", subscription=str(one.id)),
        **{"aria-label": _("Preview of today (file), digest {number}", number=one.id)},
    )
    parts: list[Any] = [html.H3(title), html.P(wish_sentence(one.wish, services, context)), html.P(look), end]
    if one.issues and one.issues[0].error_rule:
        failed = _("The last digest could not be delivered; the next run tries again.")
        parts.insert(2, notice([failed], "danger"))
    return html.Div([*parts, issues_table(one, context)])


def site_names(wish: Wish, found: DigestView, context: PageContext) -> str:
    if wish.sites is None:
        return context.gettext("all municipalities that you may see")
    closed = context.gettext("a municipality closed to you")
    return ", ".join(found.sites.get(slug, closed) for slug in wish.sites)


def wish_sentence(wish: Wish, services: Services, context: PageContext) -> str:
    _ = context.gettext
    reached = _(words.DELIVERIES[wish.delivery])
    return _(
        "{often}. {reached}. Counted by {scheme}, stage {stage}. Rules: {rules}.",
        often=_(words.FREQUENCIES[wish.frequency]),
        reached=f"{reached}: {wish.address}" if wish.address else reached,
        scheme=context.in_language(services.tags.schemes()[wish.scheme].label),
        stage=stage_names(context)[wish.stage],
        rules="; ".join(_(words.RULES[rule]) for rule in wish.rules),
    )


def issues_table(one: SubscriptionRow, context: PageContext) -> Any:
    _ = context.gettext
    if not one.issues:
        return html.P(_("No digest has been made yet."), className="hint")
    caption = _("Digests made for number {number} (times in UTC)", number=one.id)
    columns = [Column(_("Period")), Column(_("When")), Column(_("State")), Column(_("Files"))]
    return data_table(caption, columns, [issue_row(issue, one, context) for issue in one.issues])


def issue_row(issue: IssueRow, one: SubscriptionRow, context: PageContext) -> list[Any]:
    _ = context.gettext
    period = period_text(issue.period, context.language)
    when = f"{context.formats.date(issue.at.date())} {issue.at:%H:%M}"
    if issue.is_open:
        links = [
            html.A(
                kind.upper(),
                href=context.address(f"{NAME}/digest.{kind}", issue=str(issue.id)),
                **{"aria-label": f"{kind.upper()}: {period} ({one.id})"},
            )
            for kind in ("html", "xlsx")
        ]
        return [period, when, _("Delivered"), html.Span([links[0], " · ", links[1]])]
    failed = words.FAILURES.get(issue.error_rule or "")
    state = _(failed) if failed else _("Not open to you now, or in the making")
    return [period, when, state, "–"]


def subscribe_card(found: DigestView, services: Services, context: PageContext) -> html.Section:
    """The form. E-mail stands in it only where the server can send it."""
    _ = context.gettext
    schemes = services.tags.schemes()
    reach = [(key, _(text)) for key, text in words.DELIVERIES.items() if key == "file" or found.has_mail]
    mail = (
        field("address", _("E-mail address"), type="email", maxLength=254, hint=_("Only for e-mail."))
        if found.has_mail
        else html.P(_("This server has no mail server set up: digests come as files."), className="hint")
    )
    fields = [
        sites_group(found, context),
        rules_group(context),
        choice(
            "scheme",
            _("Scheme that counts the money"),
            [(name, context.in_language(schemes[name].label)) for name in counting_schemes()],
            DEFAULT_SCHEME,
        ),
        choice("stage", _("Stage of the amounts"), list(stage_names(context).items()), DEFAULT_STAGE),
        choice("language", _("Language"), [("es", "Español"), ("en", "English")], context.language),
        choice("frequency", _("How often"), [(key, _(text)) for key, text in words.FREQUENCIES.items()], "weekly"),
        choice("delivery", _("How it reaches you"), reach, "file"),
        mail,
        submit(_("Subscribe")),
    ]
    about = _("Only municipalities that you may see when it is sent are in it; where access ends, nothing is sent.")
    return card(_("Subscribe"), [plain_form(context.address(f"{NAME}/subscribe"), fields)], about)


def sites_group(found: DigestView, context: PageContext) -> html.Fieldset:
    _ = context.gettext
    own = context.site.slug if context.site else ""
    boxes = [box(ALL, _("All that I may see, also later ones"), False)]
    boxes += [box(SITE + slug, name, slug == own) for slug, name in found.sites.items()]
    return html.Fieldset([html.Legend(_("Municipalities"), className="form-label fs-6"), *boxes], className="field")


def rules_group(context: PageContext) -> html.Fieldset:
    _ = context.gettext
    boxes = [box(RULE + rule, _(words.RULES[rule]), True) for rule in RULES]
    return html.Fieldset([html.Legend(_("Rules"), className="form-label fs-6"), *boxes], className="field")


def box(name: str, label: str, is_on: bool) -> dbc.Checkbox:
    return dbc.Checkbox(id=field_id(name), name=name, label=label, value=is_on)


# --- forms and files -------------------------------------------------------------------------------------------------


def post_subscribe(services: Services, context: PageContext, posted: Posted) -> str:
    wish = wish_of(posted.fields)
    try:
        services.digests.subscribe(context.user, context.site, wish)
    except InputError as refusal:
        return context.address(NAME, refused=",".join(dict.fromkeys(problem.rule for problem in refusal.problems)))
    return context.address(NAME, done="subscribed_import" if wish.frequency == IMPORT else "subscribed")


def wish_of(fields: Any) -> Wish:
    """What a form states; the service checks it."""
    named = tuple(name.removeprefix(SITE) for name in fields if name.startswith(SITE))
    delivery = fields.get("delivery", "")
    return Wish(
        sites=None if ALL in fields else named,
        scheme=fields.get("scheme", ""),
        stage=fields.get("stage", ""),
        rules=tuple(rule for rule in RULES if RULE + rule in fields),
        language=fields.get("language", ""),
        frequency=fields.get("frequency", ""),
        delivery=delivery,
        address=(fields.get("address", "").strip() or None) if delivery == "mail" else None,
    )


def post_unsubscribe(services: Services, context: PageContext, posted: Posted) -> str:
    services.digests.unsubscribe(context.user, context.site, number(posted.fields.get("subscription", "")))
    return context.address(NAME, done="ended")


def number(text: str) -> int:
    """An id of an address or form; what is no number is not there."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFoundError("digest", text[:40])
    return int(text)


def preview(services: Services, context: PageContext) -> Resource:
    found = services.digests.preview(context.user, context.site, number(context.query.get("subscription", "")))
    return page_file(found, None)


def page_file(document: Document, period: str | None) -> Resource:
    name = f"digest-{period or 'preview'}.html"
    return Resource(digest_html(document, period).encode(), "text/html", name)


def issue_file(services: Services, context: PageContext, kind: str) -> Resource:
    asked = number(context.query.get("issue", ""))
    document, period = services.digests.issue(context.user, context.site, asked)
    if kind == "html":
        return page_file(document, period)
    title = period_text(period, document["language"])
    made = xlsx_bytes(title, [(title, document["made_at"])], digest_tables(document))
    return Resource(made, XLSX, f"digest-{period}.xlsx")


RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "preview.html": preview,
    "digest.html": partial(issue_file, kind="html"),
    "digest.xlsx": partial(issue_file, kind="xlsx"),
}
QUERIES = {
    "preview.html": frozenset({"subscription"}),
    "digest.html": frozenset({"issue"}),
    "digest.xlsx": frozenset({"issue"}),
}
ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {
    "subscribe": post_subscribe,
    "unsubscribe": post_unsubscribe,
}


def register_callbacks(app: Dash, services: Services) -> None:
    """Nothing on this page answers back: it posts plain forms."""
