"""Errors -> sentences in the reader's language. What nobody foresaw gets a reference; its trace goes to the log."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

from werkzeug.exceptions import HTTPException

from budget_model.errors import AccessError, BudgetModelError, InputError, NotFoundError, Problem, StaleVersionError
from dashboard.context import PageContext
from dashboard.i18n import catalogue, mark
from dashboard.views.assembly_photo_words import PROBLEMS as PHOTO_PROBLEMS
from dashboard.views.assembly_words import PROBLEMS as ASSEMBLY_PROBLEMS
from dashboard.views.atomica_words import PROBLEMS as ATOMICA_PROBLEMS
from dashboard.views.ballot_words import PROBLEMS as BALLOT_PROBLEMS
from dashboard.views.focus_words import PROBLEMS as FOCUS_PROBLEMS
from dashboard.views.jobs_words import PROBLEMS as JOB_PROBLEMS
from dashboard.views.map_words import PROBLEMS as MAP_PROBLEMS
from dashboard.views.modification_words import PROBLEMS as MODIFICATION_PROBLEMS
from dashboard.views.optimise_words import PROBLEMS as OPTIMUM_PROBLEMS
from dashboard.views.scorecards_words import PROBLEMS as SCORECARD_PROBLEMS
from dashboard.views.tags_words import PROBLEMS as TAG_PROBLEMS
from dashboard.views.tags_words import stale_sentences
from dashboard.views.trends_words import PROBLEMS as TREND_PROBLEMS
from dashboard.views.validation_words import PROBLEMS
from dashboard.views.winner_words import PROBLEMS as WINNER_PROBLEMS
from dashboard.views.workbench_words import PROBLEMS as WORKBENCH_PROBLEMS
from dashboard.views.years_words import PROBLEMS as YEARS_PROBLEMS

log = logging.getLogger("dashboard")

# Sentences of problems, by rule. A rule that has none here shows its English message.
RULES: dict[str, str] = {
    **PROBLEMS,
    **MAP_PROBLEMS,
    **FOCUS_PROBLEMS,
    **JOB_PROBLEMS,
    **TAG_PROBLEMS,
    **TREND_PROBLEMS,
    **WORKBENCH_PROBLEMS,
    **ATOMICA_PROBLEMS,
    **OPTIMUM_PROBLEMS,
    **YEARS_PROBLEMS,
    **ASSEMBLY_PROBLEMS,
    **PHOTO_PROBLEMS,
    **BALLOT_PROBLEMS,
    **WINNER_PROBLEMS,
    **MODIFICATION_PROBLEMS,
    **SCORECARD_PROBLEMS,
    "above-budget": mark("The allocations add up to {amount}, which is {excess} above the total of {limit}."),
    "locked": mark("{programme} is locked: {amount} differs from {limit}. Leave it at {limit}."),
    "below-floor": mark("{programme}: {amount} is below the least allowed, {limit}."),
    "above-ceiling": mark("{programme}: {amount} is above the most allowed, {limit}."),
    "beyond-max-change": mark("{programme}: {amount} changes today's {baseline} too far. It may go to {limit}."),
}


class ToldError(Exception):
    """A refusal whose sentences are already in the reader's language, with the names that a page shows."""

    def __init__(self, sentences: Sequence[str]):
        super().__init__(" ".join(sentences))
        self.sentences = list(sentences)


# Sentences of what is not there, by the subject that the error names.
NOT_FOUND: dict[str, str] = {
    "area": mark("This site has no area “{identifier}”. Check its code."),
    "form": mark("This site has no form “{identifier}”. Check its name and version."),
    "indicator": mark("This site has no indicator “{identifier}” to show. Check its code."),
    "model": mark("This address was made with a model that is not here. Open Simulate from the menu for today's."),
    "participatory budget": mark("This site has no participatory budget of {identifier}."),
    "photo": mark("There is no such photo to show here."),
    "proposal of the assembly": mark("There is no proposal “{identifier}” to show here."),
    "ballot box": mark("There is no such vote here."),
    "tally": mark("There is no such count here."),
    "line of the winner": mark("This line is not the winner's any more."),
    "vote": mark("There is no such vote here; another may have taken its place."),
    "proposal": mark(
        "This proposal is not here any more, or it is another person's. Search again under Best reallocation."
    ),
    "rule": mark("There is no rule “{identifier}” here. Check its name."),
    "scenario": mark("This site has no scenario “{identifier}”. The list of scenarios has those that there are."),
    "survey round": mark("This site has no survey round “{identifier}” to show. Check its code."),
}
LONGEST_IDENTIFIER, TOO_LARGE = 60, 413


def not_found_sentence(error: NotFoundError, context: PageContext) -> str:
    """What is not there, where its kind has a sentence."""
    sentence = NOT_FOUND.get(error.subject)
    if sentence is None:
        return context.gettext("There is nothing at this address. Check its spelling, or start from the list of sites.")
    return context.gettext(sentence, identifier=error.identifier[:LONGEST_IDENTIFIER])


def sentences_of(error: BaseException, context: PageContext) -> list[str]:
    """What to tell the reader, one sentence a list entry."""
    _ = context.gettext
    if isinstance(error, ToldError):
        return error.sentences
    if isinstance(error, AccessError):
        return [_("Your role does not allow this. Ask an administrator of the site.")]
    if isinstance(error, NotFoundError):
        return [not_found_sentence(error, context)]
    if isinstance(error, InputError):
        return [problem_sentence(problem, context) for problem in error.problems]
    if isinstance(error, StaleVersionError):
        return stale_sentences(error, context)
    if isinstance(error, BudgetModelError):
        return [str(error)]
    if isinstance(error, HTTPException) and error.code == TOO_LARGE:
        return [_("What was sent is larger than this page takes. Shorten the texts, or send a smaller file.")]
    if isinstance(error, HTTPException) and error.code and error.code < 500:
        return [_("The request was refused. Load the page again; if that does not help, log in again.")]
    return [_("Something went wrong here, not with you. Reference: {reference}.", reference=reference_of(error))]


def reference_of(error: BaseException) -> str:
    """A number that the page shows and under which the log has the trace."""
    reference = secrets.token_hex(4)
    log.error("Reference %s", reference, exc_info=(type(error), error, error.__traceback__))
    return reference


def written_facts(problem: Problem, context: PageContext) -> dict[str, object]:
    """The facts as the sentence shows them: amounts as money of the problem's currency."""
    currency = problem.facts.get("currency")
    if currency is None:
        return dict(problem.facts)
    money = context.formats.money
    return {name: money(fact, currency, 2) if isinstance(fact, float) else fact for name, fact in problem.facts.items()}


def problem_sentence(problem: Problem, context: PageContext) -> str:
    """The problem in the reader's language where its rule has a sentence, else its complete English message."""
    sentence = RULES.get(problem.rule)
    if sentence is None or sentence not in catalogue(context.language):
        return str(problem)
    try:
        return context.gettext(sentence, **written_facts(problem, context))
    except (KeyError, IndexError, ValueError):
        return str(problem)
