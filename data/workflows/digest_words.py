"""Words of digests: sentences of alerts, of what is new, and of what cannot be said."""

from __future__ import annotations

from collections.abc import Mapping

from data.messages import mark

RULES: Mapping[str, str] = {
    "cut": mark("From PIA to PIM, less than the rest"),
    "slow": mark("Execution below the rest"),
    "gone": mark("Tagged lines that are gone"),
    "december": mark("Money moved out at the year's end"),
}
ALERTS: Mapping[str, str] = {
    "cut": mark(
        "From the opening budget (PIA) to the modified one (PIM) of {year}, counted money went to {own} of "
        "what it was; the rest of the budget to {rest}."
    ),
    "slow": mark("Of the modified budget (PIM) of {year}, {own} of the counted money was accrued; of the rest {rest}."),
    "gone": mark("Lines of {year} with an approved tag that the budget no longer has: {number}."),
    "december": mark(
        "Money left counted lines at the end of {year}: their modified budget (PIM) is lower in the file "
        "that came in on {until} than in the one of {since}. The files do not say on which day in between. "
        "Lines: {number}."
    ),
}
SILENT: Mapping[str, str] = {
    "cut": mark(
        "Nothing can be said of a cut between PIA and PIM of {year}: amounts of both stages are missing, or "
        "tagged lines that count and others that do not."
    ),
    "slow": mark(
        "Nothing can be said of the execution of {year}: modified and accrued amounts are missing, or tagged "
        "lines that count and others that do not."
    ),
    "gone": mark("Nothing can be said of tagged lines that are gone: {year} has no approved tag."),
    "december": mark(
        "Nothing can be said of money moved at the year's end: there are no two files one after the other, "
        "the second of December or January."
    ),
}
STATES: Mapping[str, str] = {
    "new": mark("New alert"),
    "changed": mark("Changed alert"),
    "same": mark("Unchanged alert"),
}
AMOUNTS: Mapping[str, tuple[str, str]] = {
    "cut": (
        mark("Opening (PIA)"),
        mark("Modified (PIM)"),
    ),
    "slow": (
        mark("Modified (PIM)"),
        mark("Accrued"),
    ),
    "december": (
        mark("PIM before"),
        mark("PIM after"),
    ),
}
STAGES: Mapping[str, str] = {
    "pia": mark("opening budget (PIA)"),
    "pim": mark("modified budget (PIM)"),
    "certified": mark("certified"),
    "committed": mark("committed"),
    "accrued": mark("accrued"),
    "paid": mark("paid"),
}
WORDS: Mapping[str, str] = {
    "title": mark("Digest of budget alerts"),
    "weekly": mark("Week {period}"),
    "monthly": mark("Month {period}"),
    "import": mark("After import {period}"),
    "preview": mark("Preview: not sent"),
    "subject": mark("Budget alerts: {news} · {period}"),
    "subject_news": mark("{number} new or changed"),
    "subject_none": mark("nothing new"),
    "how": mark("Counted by {scheme}, stage: {stage}. Made on {at} (UTC). Only tags approved by a second person."),
    "first": mark("This is the first digest of this subscription: everything stands as new."),
    "since": mark("What is new since the digest of {at} (UTC)."),
    "nothing_new": mark("There is nothing new since the digest of {at} (UTC)."),
    "no_alert": mark("No alert: the rules that could be asked found nothing ({rules})."),
    "no_rule": mark("None of the chosen rules could be asked: whether there is anything to alert to is unknown."),
    "no_lines": mark("There are no budget lines of this site yet: nothing is known of it."),
    "money": mark("{year}: at least {counted} of {total} count ({share}). Untagged, nothing is known of {unknown}."),
    "money_unknown": mark("{year}: nothing of {total} is tagged; what counts is unknown, which is not 0."),
    "money_no_stage": mark("{year}: no line has this stage; what counts is unknown, which is not 0."),
    "ended": mark("No longer so: {rule}, {year}."),
    "lines": mark("Lines behind the alert: {shown} of {total}; whole amounts in {currency}, {year}"),
    "new_line": mark("new"),
    "line": mark("Line"),
    "code": mark("Code"),
    "novelty": mark("News"),
    "source": mark("Source: {files}. Last import: {at} (UTC)."),
    "synthetic": mark("Demonstration data: synthetic, of no municipality."),
    "end": mark("To stop it: the page “Digest of alerts” of the dashboard, or digest unsubscribe."),
}
SHEETS: Mapping[str, str] = {"alerts": mark("Alerts"), "lines": mark("Lines")}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "alerts": (
        mark("Site"),
        mark("Year"),
        mark("Rule"),
        mark("News"),
        mark("Rate of what counts"),
        mark("Rate of the rest"),
        mark("Lines"),
        mark("Sentence"),
    ),
    "lines": (
        mark("Site"),
        mark("Year"),
        mark("Rule"),
        mark("Code"),
        mark("Line"),
        mark("Before"),
        mark("After"),
        mark("Currency"),
    ),
}
