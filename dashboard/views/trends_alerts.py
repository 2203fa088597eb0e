"""Alerts of slow or falling money -> sentences and rows of their lines. No Dash."""

from __future__ import annotations

from datetime import date

from budget_model.spending.alerts import Alert, AlertLine
from dashboard.context import PageContext
from dashboard.views.trends_words import ALERT_HEADERS, ALERTS
from data.workflows.trends import ALERT_LINES, YearAlerts


def alert_sentence(alert: Alert, context: PageContext) -> str:
    share, number = context.formats.share, context.formats.number
    days = [None if day is None else date.fromisoformat(day) for day in (alert.since, alert.until)]
    since, until = (context.formats.date(day) for day in days)
    facts = {
        "year": alert.year,
        "own": share(alert.own),
        "rest": share(alert.rest),
        "number": number(len(alert.lines)),
        "since": since,
        "until": until,
    }
    return context.gettext(ALERTS[alert.rule], **facts)


def alert_rows(alert: Alert, found: YearAlerts, currency: str, context: PageContext) -> list[list[str]]:
    """The first lines behind an alert: those that fall short most."""
    return [_alert_row(line, alert, found, currency, context) for line in alert.lines[:ALERT_LINES]]


def _alert_row(line: AlertLine, alert: Alert, found: YearAlerts, currency: str, context: PageContext) -> list[str]:
    name = found.names.get(line.key, line.key[1])
    amounts = [context.formats.money(amount, currency, 2) for amount in (line.before, line.after)]
    return [name, line.key[1], *(amounts if alert.rule in ALERT_HEADERS else [])]


def alert_header(alert: Alert, context: PageContext) -> list[str]:
    _ = context.gettext
    return [_("Line"), _("Code"), *(_(title) for title in ALERT_HEADERS.get(alert.rule, ()))]
