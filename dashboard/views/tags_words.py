"""Words of gender tags: states, steps, facets, reasons, and the sentences of problems by rule (for `shown_errors`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budget_model.errors import StaleVersionError
from dashboard.context import PageContext
from dashboard.i18n import mark

STATES = {
    "untagged": mark("Without a tag"),
    "proposed": mark("Proposed"),
    "reviewed": mark("Reviewed"),
    "approved": mark("Approved"),
    "disputed": mark("Disputed"),
}
ACTIONS = {
    "propose": mark("proposed"),
    "review": mark("reviewed"),
    "approve": mark("approved"),
    "dispute": mark("disputed"),
    "return": mark("went back to an earlier version"),
}
FACETS = {
    "marker": mark("Gender marker"),
    "objective": mark("Equality objective"),
    "indicator": mark("Indicator that follows it"),
    "gap": mark("Gap on which it works"),
    "review_on": mark("Date of review"),
    "sharp": mark("Sharp's category"),
    "policy": mark("Policy of Law 28983"),
    "beneficiary": mark("Main beneficiary"),
    "other_beneficiaries": mark("Other beneficiaries"),
    "women_share_percent": mark("Women's share, %"),
    "women_share_method": mark("How the women's share is known"),
    "attribution": mark("Attribution"),
    "needs": mark("Needs on which it works"),
    "is_locked": mark("Earmarked by law"),
    "lock_law": mark("Law that earmarks it"),
    "is_capital": mark("Capital"),
    "start_year": mark("First year of service"),
    "proposal": mark("Proposal of the participatory budget"),
    "state": mark("State"),
}
SHARE_METHODS = {
    "register": mark("Register of those served"),
    "survey": mark("Survey"),
    "need_share": mark("Share of the need"),
    "judgement": mark("Judgement"),
}
PROBLEMS: dict[str, str] = {
    "tag_key_unknown": mark("The tag has a field that is not known here."),
    "tag_value_wrong": mark("A field of the tag holds a value that it cannot hold. Check numbers and choices."),
    "tag_lock_law": mark("A line earmarked by law needs the law. State it."),
    "tag_code_unknown": mark("A code is not one of its list. Choose one from the list."),
    "tag_main_beneficiary": mark("Other beneficiaries are named and no main one. Choose one main beneficiary."),
    "tag_beneficiary_twice": mark("A beneficiary is named twice. Name each once, the main one apart from the others."),
    "scheme_is_floor": mark(
        "This is a floor for the whole budget and puts no line into a class. Choose a scheme that counts lines."
    ),
    "scheme_counts_nothing": mark("This scheme counts no money. Choose one that does: {counting}."),
    "tag_date": mark("The date of review is no date. Write it as 2027-03-31."),
    "tag_evidence_missing": mark(
        "The marker {marker} lacks something: 2 and 1 need objective, indicator and gap; 0* needs a date of review."
    ),
    "tag_share_method": mark(
        "The women's share and how it is known belong together. Give both, or neither where the share is not known."
    ),
    "tag_need_twice": mark("A need is linked twice. Keep one link."),
    "tag_need_unknown": mark("A linked need is not one of this site's. Choose one from the list."),
    "tag_need_weights": mark("The weights of the needs add up to more than 1, which is the whole line. Lower them."),
    "tag_scheme_unknown": mark("The attribution names no scheme that counts money. Choose one from the list."),
    "tag_answers_unused": mark("This scheme has no form. Leave the answers out."),
    "tag_percent_unused": mark("This scheme works out its percentage by itself. Leave it out."),
    "tag_share_missing": mark("This scheme counts the women's share, which is not stated. State it with its method."),
    "tag_outside_scheme": mark("This scheme does not know the marker that was chosen. Choose another scheme."),
    "tag_item_unknown": mark("The form has no such question."),
    "tag_item_points": mark("A question of the form has points that it cannot give. Choose one of its answers."),
    "tag_form_incomplete": mark("The form has questions without an answer. No answer is not 0: answer every question."),
    "tag_category_unknown": mark("The category is not one of the scheme's. Choose one from the list."),
    "tag_percent_fixed": mark(
        "This category always counts the same percentage of the line. Leave the percentage out, or choose another one."
    ),
    "tag_percent_missing": mark("State which percentage of the line belongs to the category."),
    "tag_line_gone": mark(
        "The line {code} of {year} was removed from the budget by an import. Its tag is kept with its history, comes "
        "back with the line, and cannot be changed without it."
    ),
    "tag_state": mark(
        "The tag of {code} ({year}) is not at the step that this needs. The way is proposed, reviewed, approved."
    ),
    "tag_second_person": mark(
        "You reviewed the tag of {code} ({year}) and wrote part of it, or nobody’s name stands for its content. "
        "Another person must approve it (four eyes)."
    ),
    "tag_four_eyes": mark(
        "{author} wrote the tag of {code} ({year}), or went back to it. Another person must take this step (four eyes)."
    ),
    "tag_nameless": mark("This step takes a person whose name stands beside it. Log in."),
    "tag_text_missing": mark("A text is missing: a proposal needs a rationale, a dispute and a return need a reason."),
    "tag_text_long": mark("The text is too long. Put the rest into a document and name it as evidence."),
    "tag_evidence_many": mark("Too many documents are named. Name one that lists the others."),
    "tag_none": mark("The line {code} of {year} has no tag yet. Propose one first."),
    "tag_version": mark("The page is out of date. Load it again."),
    "tag_bulk_none": mark("No line is chosen. Choose at least one."),
    "tag_bulk_many": mark("{count} lines are chosen and {most} can be changed at once. Narrow the filter."),
    "tag_rating": mark("The value is not one of the scheme's classes. Choose one from the list."),
}


def stale_sentences(error: StaleVersionError, context: PageContext) -> list[str]:
    """What the other person did, a sentence each."""
    _ = context.gettext
    told = _(
        "{by} saved version {found} at {at} ({action}) after you opened version {based_on}. Your change is not stored, "
        "and theirs stands. Look at it and save again.",
        by=error.by,
        found=error.found,
        at=error.at,
        action=_(ACTIONS[error.action]) if error.action in ACTIONS else error.action,
        based_on=error.based_on,
    )
    return [told, *(_change(name, pair, context) for name, pair in error.changes.items())]


def _change(name: str, pair: tuple[Any, Any], context: PageContext) -> str:
    facet = context.gettext(FACETS[name]) if name in FACETS else name
    return f"{facet}: {value_text(name, pair[0], context)} → {value_text(name, pair[1], context)}"


def value_text(name: str, value: Any, context: PageContext) -> str:
    """A facet's value as text; what is not stated as a dash."""
    if value is None:
        return "–"
    if name == "state":
        return context.gettext(STATES[value]) if value in STATES else str(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item}" for key, item in value.items() if not isinstance(item, Mapping))
    if isinstance(value, list):
        return ", ".join(item["need"] if isinstance(item, Mapping) else str(item) for item in value)
    return str(value)
