"""What a digest says, as plain data: the alerts of each site with their lines, and what is new since the last one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.spending.alerts import DECEMBER, GONE, Alert
from budget_model.spending.digest import COMPARED, Facts, Place, askable_rules, news
from budget_model.spending.lines import amount_text
from data.store.budget_imports import late_imports
from data.store.lines import list_years
from data.store.tables import BudgetImport, DigestIssue, DigestSubscription, Site
from data.workflows.statement import counting_scheme, line_names, source_files
from data.workflows.tagged_lines import approved_tags, tagged_lines
from data.workflows.trends import TrendYear, load_alerts, load_trend

NAMED_LINES = 200  # of each alert with name and amounts; the codes of all are kept
Document = dict[str, Any]


def compose(
    session: Session, row: DigestSubscription, sites: Sequence[Site], last: DigestIssue | None, at: datetime
) -> Document:
    """The digest of these sites now, beside the last one that was delivered."""
    parts = [_site(session, site, row) for site in sites]
    before = _facts_by_place(last.document["sites"]) if last is not None and last.document else {}
    slugs = {site.slug for site in sites}
    before = {place: facts for place, facts in before.items() if place[0] in slugs}  # nothing of what is closed now
    found = news(_facts_by_place(parts), before)
    for part in parts:
        for alert in part["alerts"]:
            place = (part["slug"], alert["rule"], alert["year"])
            alert["state"] = found.states[place]
            alert["new_codes"] = sorted(found.new_codes[place])
        part["ended"] = [{"rule": rule, "year": year} for slug, rule, year in found.ended if slug == part["slug"]]
    return {
        "language": row.language,
        "scheme": row.scheme,
        "scheme_label": dict(counting_scheme(row.scheme).label),
        "stage": row.stage,
        "rules": list(row.rules),
        "made_at": at.isoformat(timespec="seconds"),
        "previous_at": last.delivered_at.isoformat(timespec="seconds") if last and last.delivered_at else None,
        "has_news": found.is_any,
        "sites": parts,
    }


def content_hash(document: Document) -> str:
    """SHA-256 of what a digest says, whenever it was made."""
    said = {name: part for name, part in document.items() if name not in ("made_at", "previous_at")}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _facts_by_place(parts: Sequence[Document]) -> Mapping[Place, Facts]:
    return {
        (part["slug"], alert["rule"], alert["year"]): Facts(alert["own"], alert["rest"], frozenset(alert["codes"]))
        for part in parts
        for alert in part["alerts"]
    }


def _site(session: Session, site: Site, row: DigestSubscription) -> Document:
    known: Document = {"slug": site.slug, "name": site.name, "is_synthetic": site.is_synthetic, "alerts": []}
    years = list_years(session, site.id)
    if not years:
        return {**known, "year": None, "silent": []}
    year = max(years)
    return {
        **known,
        "year": year,
        "currency": site.currency,
        **_money(session, site, row, year),
        "alerts": _alerts(session, site, row, year),
        "silent": _silent_rules(session, site, row, year),
        "files": list(source_files(session, site.id, year)),
        "imported_at": _imported_at(session, site.id),
    }


def _money(session: Session, site: Site, row: DigestSubscription, year: int) -> Document:
    """Counted money and the whole budget of the year at the stage; None: unknown, which is not 0."""
    found: Sequence[TrendYear] = load_trend(session, site, row.scheme, row.stage).years
    one = next((one for one in found if one.year == year), None)
    if one is None:
        return {"counted": None, "total": None, "unknown": None}
    counted = None if one.as_tagged is None else amount_text(one.as_tagged)
    return {"counted": counted, "total": amount_text(one.series.total), "unknown": amount_text(one.series.untagged)}


def _alerts(session: Session, site: Site, row: DigestSubscription, year: int) -> list[Document]:
    """Alerts of the newest year, and of the end of the year before, which is told when the new one has begun."""
    of_year = load_alerts(session, site.id, year, row.scheme).alerts
    before = load_alerts(session, site.id, year - 1, row.scheme).alerts if DECEMBER in row.rules else ()
    chosen = [alert for alert in of_year if alert.rule in row.rules]
    chosen += [alert for alert in before if alert.rule == DECEMBER]
    return [_alert(session, site.id, alert) for alert in chosen]


def _alert(session: Session, site_id: int, alert: Alert) -> Document:
    named = alert.lines[:NAMED_LINES]
    names = line_names(session, site_id, {line.key for line in named if line.before is not None})
    return {
        "rule": alert.rule,
        "year": alert.year,
        "own": _text(alert.own),
        "rest": _text(alert.rest),
        "since": alert.since,
        "until": alert.until,
        "codes": [line.key[1] for line in alert.lines],
        "lines": [
            {
                "code": line.key[1],
                "name": names.get(line.key, line.key[1]),
                "before": None if line.before is None else amount_text(line.before),
                "after": None if line.after is None else amount_text(line.after),
            }
            for line in named
        ],
    }


def _text(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate:.12f}"


def _silent_rules(session: Session, site: Site, row: DigestSubscription, year: int) -> list[str]:
    """Chosen rules that cannot say anything of this site: their silence is no good news."""
    lines = list(tagged_lines(session, site.id, year))
    can = set(askable_rules(lines, counting_scheme(row.scheme)))
    if approved_tags(session, site.id, year):
        can.add(GONE)
    if late_imports(session, site.id, year) or late_imports(session, site.id, year - 1):
        can.add(DECEMBER)
    return [rule for rule in (*COMPARED, GONE, DECEMBER) if rule in row.rules and rule not in can]


def _imported_at(session: Session, site_id: int) -> str | None:
    query = select(BudgetImport.at).where(BudgetImport.site_id == site_id).order_by(BudgetImport.id.desc()).limit(1)
    at = session.scalar(query)
    return None if at is None else at.isoformat(timespec="seconds")
