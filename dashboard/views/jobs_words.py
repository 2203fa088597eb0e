"""Sentences of what can go wrong with background work, by rule."""

from __future__ import annotations

from dashboard.i18n import mark

PROBLEMS: dict[str, str] = {
    "job-active": mark(
        "You already have a calculation of this kind that waits or runs. Cancel it, or wait until it ends."
    ),
    "job-kind": mark(
        "Nobody here knows this calculation ({kind}). The worker may be older than the pages: tell an administrator."
    ),
    "job-forbidden": mark("Your role no longer allows this calculation. Ask an administrator of the site."),
    "job-out-of-time": mark(
        "The calculation took longer than {minutes} minutes and was ended. Ask for less, and start it again."
    ),
    "job-worker-stopped": mark(
        "The process that did this calculation stopped, twice, without saying why; it may have run out of memory. "
        "Ask for less, or tell an administrator."
    ),
    "job-not-found": mark("What the calculation needs is no longer there. Load the page again and start anew."),
}
