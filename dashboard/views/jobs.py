"""Background work in words: where it stands, how far it is, why it failed. No Dash, no database."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.jobs import JobNews
from dashboard.shown_errors import problem_sentence
from data.jobs.failures import problems_of
from data.store.jobs import JobState

READING, IMPORT, MEGABYTE = "budget-reading", "budget-import", 2**20
STORING = "store"  # a step that holds the store, so that nothing can be told of it
# What a kind of work says it is doing -> words. A step that has none here shows the general words.
STEPS = {
    "read": mark("Reading the model"),
    "draws": mark("Drawing from survey errors and ranges"),
    "solve": mark("Looking for the best allocation"),
    "frontier": mark("Computing the points of the frontier"),
    "tornado": mark("Moving each assumption alone"),
    "explain": mark("Working out the reasons"),
    "rules": mark("Counting by other rules"),
    "ties": mark("Counting by other tie rules"),
    "chance": mark("Shuffling women and men"),
    "rows": mark("Reading the file"),
    STORING: mark("Storing the lines; all of them or none"),
}
ENDS = {
    JobState.DONE: mark("The calculation is done."),
    JobState.FAILED: mark("The calculation failed. Nothing was changed."),
    JobState.CANCELLED: mark("The calculation was cancelled. Nothing was changed."),
}
ENDS_OF_READING = {
    JobState.DONE: mark("Reading has ended."),
    JobState.FAILED: mark("The file could not be read. Nothing was changed."),
    JobState.CANCELLED: mark("Reading was cancelled. Nothing was changed."),
}
ENDS_OF_IMPORT = {
    JobState.DONE: mark("The import has ended."),
    JobState.FAILED: mark("The import failed. Nothing was changed."),
    JobState.CANCELLED: mark("The import was cancelled. Nothing was changed."),
}
ENDS_OF = {READING: ENDS_OF_READING, IMPORT: ENDS_OF_IMPORT}
ROWS = "rows"  # a step rows/<read>/<kept>, done and total in bytes
SEARCHES = ("solve", "frontier")  # nobody knows how many steps these take
GENERAL_STEP = mark("Computing")


@dataclass(frozen=True)
class JobView:
    """What a panel shows of a job.

    status : the sentence for everybody, said aloud when it changes
    amount : how far it is, beside the bar; empty where that is not known
    share : 0-100 for the bar; None: not known
    """

    status: str
    amount: str
    share: int | None
    sentences: tuple[str, ...]  # why it failed, or why it does not move
    is_active: bool
    can_cancel: bool


def job_view(news: JobNews, context: PageContext) -> JobView:
    is_running = news.state is JobState.RUNNING
    share = round(100 * min(news.done / news.total, 1)) if is_running and news.total else None
    return JobView(
        status=status_sentence(news, context),
        amount=amount_done(news, context) if is_running else "",
        share=share,
        sentences=tuple(trouble(news, context)),
        is_active=news.state.is_active,
        can_cancel=news.state.is_active and not news.is_cancel_wanted,
    )


def status_sentence(news: JobNews, context: PageContext) -> str:
    _ = context.gettext
    if news.state.is_active and news.is_cancel_wanted:
        return _("It is being cancelled.")
    if news.state is JobState.QUEUED:
        return waiting_sentence(news, context)
    if news.state is JobState.RUNNING:
        return _("{step}…", step=_(STEPS.get(news.step.split("/")[0], GENERAL_STEP)))
    return _(ENDS_OF.get(news.kind, ENDS)[news.state])


def waiting_sentence(news: JobNews, context: PageContext) -> str:
    if not news.waiting_before:
        return context.gettext("It waits for its turn.")
    return context.ngettext(
        "It waits for its turn; {number} other is before it.",
        "It waits for its turn; {number} others are before it.",
        news.waiting_before,
        number=context.formats.number(news.waiting_before),
    )


def amount_done(news: JobNews, context: PageContext) -> str:
    formats = context.formats
    if news.step.startswith(f"{ROWS}/"):
        return rows_words(news, context)
    if news.total:
        return context.gettext("{done} of {total}", done=formats.number(news.done), total=formats.number(news.total))
    if not news.done:
        return ""
    if news.step in SEARCHES:
        return context.ngettext(
            "{number} step of the search", "{number} steps of the search", news.done, number=formats.number(news.done)
        )
    return formats.number(news.done)


def rows_words(news: JobNews, context: PageContext) -> str:
    """How much of a file was read: megabytes where its reader counts them, rows where there are any yet."""
    _, number = context.gettext, context.formats.number
    read, kept = (int(part) for part in news.step.split("/")[1:])
    parts = []
    if news.total:
        done, total = (number(size / MEGABYTE, 1) for size in (news.done, news.total))
        parts.append(_("{done} of {total} MB", done=done, total=total))
    if read:
        parts.append(_("{read} rows read, {kept} kept", read=number(read), kept=number(kept)))
    return " · ".join(parts)


def trouble(news: JobNews, context: PageContext) -> list[str]:
    """Why it failed, or why it does not move."""
    _ = context.gettext
    if news.state is JobState.FAILED:
        problems = problems_of(news.failure)
        if problems:
            return [problem_sentence(problem, context) for problem in problems]
        reference = str(news.failure.get("reference", ""))
        return [_("Something went wrong here, not with you. Reference: {reference}.", reference=reference)]
    if news.is_unanswered and news.state is JobState.RUNNING and news.step == STORING:
        return [
            _(
                "Nothing is heard of it while lines are stored, which can take minutes. If its process has ended, it "
                "is started again by itself; nothing is stored twice."
            )
        ]
    if news.is_unanswered and news.state is JobState.RUNNING:
        return [_("The process that does it has not been heard of for a while. It is started again by itself.")]
    if news.is_unanswered:
        return [_("No worker takes calculations at present. It stays in the queue; tell an administrator.")]
    return []
