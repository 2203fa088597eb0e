"""Suggestions for tags -> sentences and rows: what was said, how sure, which words spoke for it. No Dash."""

from __future__ import annotations

from budget_model.spending.suggest import LEAST_OF_CLASS, LEAST_TEXTS, Guess, Learned, Quality
from dashboard.context import PageContext
from dashboard.views.budget import currency_of
from dashboard.views.review import line_name
from dashboard.views.review_tags import WITH_SCHEME, Schemes, code_label, tag_rows
from data.workflows.suggestions import SuggestedLine


def quality_sentence(learned: Learned, context: PageContext) -> str:
    """How good the classifier is, beside guessing; or that there is too little to learn from."""
    _, formats = context.gettext, context.formats
    quality = learned.quality
    if quality is None:
        return _(
            "There is too little to learn from: {texts} different approved texts. It takes {least} of at least two "
            "markers, each with {of_class}. Until then only the rules by words speak.",
            texts=formats.number(sum(learned.lacking.values())),
            least=formats.number(LEAST_TEXTS),
            of_class=formats.number(LEAST_OF_CLASS),
        )
    told = _(
        "Trained on {texts} different texts of approved lines. Of texts that it had not seen it guessed {accuracy} "
        "right; always guessing “{majority}” would have {majority_accuracy} right.",
        texts=formats.number(quality.texts),
        accuracy=formats.share(quality.accuracy),
        majority=quality.majority,
        majority_accuracy=formats.share(quality.majority_accuracy),
    )
    if quality.is_better_than_guessing:
        return told
    return told + " " + _("It is no better than that: do not rely on it.")


def quality_rows(quality: Quality, schemes: Schemes, context: PageContext) -> list[list[str]]:
    """Precision and recall of each marker."""
    formats, scheme = context.formats, schemes[WITH_SCHEME["marker"]]
    return [
        [
            code_label(scheme, one.value, context),
            formats.number(one.texts),
            formats.share(one.precision),
            formats.share(one.recall),
        ]
        for one in quality.classes
    ]


def guess_text(guess: Guess | None, schemes: Schemes, context: PageContext) -> str:
    """`1 · Significant (72.0 %): care, children`"""
    if guess is None:
        return "–"
    label = code_label(schemes[WITH_SCHEME["marker"]], guess.value, context)
    words = ", ".join(guess.words)
    told = f"{label} ({context.formats.share(guess.confidence)})"
    return f"{told}: {words}" if words else told


def rules_text(line: SuggestedLine, schemes: Schemes, context: PageContext) -> str:
    """What rules suggest, which word spoke, and why."""
    parts = []
    for hit in line.hits:
        facets = "; ".join(f"{name}: {value}" for name, value in tag_rows(hit.rule.suggests, schemes, context))
        parts.append(f"{context.in_language(hit.rule.why)} («{hit.term}»): {facets}")
    return ". ".join(parts) or "–"


def line_cells(line: SuggestedLine, schemes: Schemes, context: PageContext) -> list[str]:
    """The cells after the name."""
    money = context.formats.money(line.amount, currency_of(context), 2)
    return [money, rules_text(line, schemes, context), guess_text(line.guess, schemes, context)]


def filled_note(line: SuggestedLine, schemes: Schemes, context: PageContext) -> list[str]:
    """Above a form that suggestions filled."""
    _ = context.gettext
    return [
        _(
            "The form starts from suggestions for {line}. Nothing is stored until you propose it.",
            line=line_name(line.labels, line.key[1]),
        ),
        _("By rules: {rules}", rules=rules_text(line, schemes, context)),
        _("By what the site approved before: {guess}", guess=guess_text(line.guess, schemes, context)),
    ]
