"""A digest as a page to read (HTML that stands alone), as plain text, and as tables with every line that it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from budget_model.spending.digest import SAME
from data.messages import translate
from data.workflows.digest_content import Document
from data.workflows.digest_words import ALERTS, AMOUNTS, COLUMNS, RULES, SHEETS, SILENT, STAGES, STATES, WORDS
from data.workflows.digests import period_words
from data.writers.tables import Table

LINES_SHOWN = 10  # of each alert on the page and in the text; the tables have all that are named
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#1f2933;max-width:56rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:.5rem 0 1rem}th,td{border-bottom:1px solid #cbd2d9;padding:.25rem .75rem;"
    "text-align:left;vertical-align:top}td.n{text-align:right;white-space:nowrap}caption{text-align:left;color:#52606d}"
    ".state{font-weight:600}.note{color:#52606d}.scroll{overflow-x:auto}"
)


@dataclass(frozen=True)
class Part:
    """A piece of a digest in the order of reading: `kind` is title, site, alert, text, note or table."""

    kind: str
    text: str
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def digest_html(document: Document, period: str | None) -> str:
    """The page; nothing of it is loaded from elsewhere. `period` None: a preview."""
    language = document["language"]
    body = "\n".join(_html(part) for part in digest_parts(document, period))
    title = escape(translate(language, WORDS["title"]))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><main>\n{body}\n</main></body></html>\n"
    )


def _html(part: Part) -> str:
    text = escape(part.text)
    if part.kind == "table":
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in part.header)
        rows = "".join(f"<tr>{_cells(row)}</tr>" for row in part.rows)
        table = f"<table><caption>{text}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(part.text)}">{table}</div>'
    tags = {"title": "h1", "site": "h2", "alert": "h3"}
    tag = tags.get(part.kind, "p")
    return f'<p class="note">{text}</p>' if part.kind == "note" else f"<{tag}>{text}</{tag}>"


def _cells(row: tuple[str, ...]) -> str:
    first, *rest = row
    return f'<th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in rest)


def digest_text(document: Document, period: str | None) -> str:
    """The same for readers of plain text."""
    lines: list[str] = []
    for part in digest_parts(document, period):
        if part.kind in ("title", "site"):
            lines += ["", part.text, ("=" if part.kind == "title" else "-") * len(part.text)]
        elif part.kind == "table":
            lines += [part.text, *(f"  * {' | '.join(cell for cell in row if cell)}" for row in part.rows)]
        else:
            lines.append(f"# {part.text}" if part.kind == "alert" else part.text)
    return "\n".join(lines).strip() + "\n"


def digest_parts(document: Document, period: str | None) -> list[Part]:
    """Everything that a digest says, in the order of reading."""
    language = document["language"]
    parts = [
        Part("title", translate(language, WORDS["title"])),
        Part("text", f"{period_text(period, language)}. {_since(document)}"),
        Part("note", _how(document)),
    ]
    for site in document["sites"]:
        parts += _site_parts(site, document)
    return [*parts, Part("note", translate(language, WORDS["end"]))]


def period_text(period: str | None, language: str) -> str:
    """What a period is called; None: a preview."""
    if period is None:
        return translate(language, WORDS["preview"])
    kind, name = period_words(period)
    return translate(language, WORDS[kind], period=name)


def subject(document: Document, period: str) -> str:
    """The line by which a mail is known."""
    language = document["language"]
    number = sum(
        len(site.get("ended", ())) + sum(alert["state"] != SAME for alert in site["alerts"])
        for site in document["sites"]
    )
    told = translate(language, WORDS["subject_news" if number else "subject_none"], number=number)
    return translate(language, WORDS["subject"], news=told, period=period_text(period, language))


def _since(document: Document) -> str:
    language, previous = document["language"], document["previous_at"]
    if previous is None:
        return translate(language, WORDS["first"])
    return translate(language, WORDS["since" if document["has_news"] else "nothing_new"], at=moment(previous, language))


def _how(document: Document) -> str:
    language, label = document["language"], document["scheme_label"]
    return translate(
        language,
        WORDS["how"],
        scheme=label.get(language) or next(iter(label.values())),
        stage=translate(language, STAGES[document["stage"]]),
        at=moment(document["made_at"], language),
    )


def _site_parts(site: Document, document: Document) -> list[Part]:
    language = document["language"]
    parts = [Part("site", site["name"])]
    if site["is_synthetic"]:
        parts.append(Part("text", translate(language, WORDS["synthetic"])))
    if site["year"] is None:
        return [*parts, Part("text", translate(language, WORDS["no_lines"]))]
    parts.append(Part("text", _money_text(site, language)))
    for alert in site["alerts"]:
        parts += _alert_parts(alert, site, language)
    parts += [Part("text", sentence) for sentence in _quiet(site, document)]
    source = translate(
        language,
        WORDS["source"],
        files=", ".join(site["files"]) or "–",
        at=moment(site["imported_at"], language) if site["imported_at"] else "–",
    )
    return [*parts, Part("note", source)]


def _money_text(site: Document, language: str) -> str:
    counted, total = (None if site[name] is None else Decimal(site[name]) for name in ("counted", "total"))
    facts = {"year": site["year"], "total": money(site["total"], site["currency"])}
    if total is None:
        return translate(language, WORDS["money_no_stage"], **facts)
    if counted is None:
        return translate(language, WORDS["money_unknown"], **facts)
    return translate(
        language,
        WORDS["money"],
        **facts,
        counted=money(site["counted"], site["currency"]),
        share=share(str(counted / total)) if total else "–",
        unknown=money(site["unknown"], site["currency"]),
    )


def _alert_parts(alert: Document, site: Document, language: str) -> list[Part]:
    title = (
        f"{translate(language, STATES[alert['state']])} · {translate(language, RULES[alert['rule']])}, {alert['year']}"
    )
    shown = alert["lines"][:LINES_SHOWN]
    caption = translate(
        language,
        WORDS["lines"],
        shown=len(shown),
        total=len(alert["codes"]),
        currency=site["currency"],
        year=alert["year"],
    )
    rows = tuple(_row(line, alert, site["currency"], language) for line in shown)
    return [
        Part("alert", title),
        Part("text", alert_sentence(alert, language)),
        Part("table", caption, _header(alert["rule"], language), rows),
    ]


def alert_sentence(alert: Document, language: str) -> str:
    """What the rule found, with its figures."""
    return translate(
        language,
        ALERTS[alert["rule"]],
        year=alert["year"],
        own=share(alert["own"]),
        rest=share(alert["rest"]),
        number=f"{len(alert['codes']):,}",
        since=day(alert["since"], language),
        until=day(alert["until"], language),
    )


def _header(rule: str, language: str) -> tuple[str, ...]:
    amounts = tuple(translate(language, name) for name in AMOUNTS.get(rule, ()))
    return (
        translate(language, WORDS["line"]),
        translate(language, WORDS["code"]),
        *amounts,
        translate(language, WORDS["novelty"]),
    )


def _row(line: Document, alert: Document, currency: str, language: str) -> tuple[str, ...]:
    is_new = line["code"] in alert["new_codes"]
    amounts = [money(line[name], currency) for name in ("before", "after")] if alert["rule"] in AMOUNTS else []
    return (line["name"], line["code"], *amounts, translate(language, WORDS["new_line"]) if is_new else "")


def _quiet(site: Document, document: Document) -> list[str]:
    """What is no more, what found nothing, and what could not be asked."""
    language = document["language"]
    told = [
        translate(language, WORDS["ended"], rule=translate(language, RULES[one["rule"]]), year=one["year"])
        for one in site["ended"]
    ]
    if not site["alerts"]:
        asked = [translate(language, RULES[rule]) for rule in document["rules"] if rule not in site["silent"]]
        told.append(translate(language, WORDS["no_alert" if asked else "no_rule"], rules="; ".join(asked)))
    return told + [translate(language, SILENT[rule], year=site["year"]) for rule in site["silent"]]


def digest_tables(document: Document) -> list[Table]:
    """Alerts, and the lines behind them: exact amounts."""
    language = document["language"]
    alerts: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    for site in document["sites"]:
        for alert in site["alerts"]:
            place = (site["name"], alert["year"], translate(language, RULES[alert["rule"]]))
            rates = [None if alert[name] is None else Decimal(alert[name]) for name in ("own", "rest")]
            state = translate(language, STATES[alert["state"]])
            alerts.append((*place, state, *rates, len(alert["codes"]), alert_sentence(alert, language)))
            lines += [(*place, *_line_cells(line, site["currency"])) for line in alert["lines"]]
    return [_table("alerts", alerts, language), _table("lines", lines, language)]


def _table(name: str, rows: list[tuple[Any, ...]], language: str) -> Table:
    return Table(translate(language, SHEETS[name]), [translate(language, title) for title in COLUMNS[name]], rows)


def _line_cells(line: Document, currency: str) -> tuple[Any, ...]:
    amounts = [None if line[name] is None else Decimal(line[name]) for name in ("before", "after")]
    return (line["code"], line["name"], *amounts, currency)


def money(amount: str | None, currency: str) -> str:
    """An amount with its currency; a dash where it is unknown."""
    return "–" if amount is None else f"{currency} {Decimal(amount):,.2f}"


def share(rate: str | None) -> str:
    """A rate in percent; a dash where there is none."""
    return "–" if rate is None else f"{Decimal(rate) * 100:.1f} %"


def moment(iso: str, language: str) -> str:
    at = datetime.fromisoformat(iso)
    return f"{at:%d/%m/%Y %H:%M}" if language == "es" else f"{at:%Y-%m-%d %H:%M}"


def day(iso: str | None, language: str) -> str:
    return "–" if iso is None else moment(iso, language).split(" ")[0]
