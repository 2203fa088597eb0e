"""Suggestions for tags -> sentences and rows: what was said, how sure, which words spoke for it. No Dash."""

from __future__ import annotations

from budget_model.spending.suggest import LEAST_LIFT, LEAST_OF_CLASS, LEAST_TEXTS, Guess, Learned, Quality
from dashboard.context import PageContext
from dashboard.views.budget import currency_of
from dashboard.views.review import line_name
from dashboard.views.review_tags import WITH_SCHEME, Schemes, code_label, tag_rows
from dashboard.views.tags_words import FACETS
from data.workflows.suggestions import SuggestedLine


def quality_sentence(learned: Learned, context: PageContext) -> str:
    """How good the classifier is, beside guessing; or that there is too little to learn from."""
    _, formats = context.gettext, context.formats
    quality = learned.quality
    if quality is None:
        return lacking_sentence(learned, context)
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
    return " ".join([told, _("It is no better than that: do not rely on it."), *better_at(quality, context)])


def better_at(quality: Quality, context: PageContext) -> list[str]:
    """What a classifier that is not right more often still does better than one guess for all."""
    guessing = 1 / len(quality.classes)
    if quality.balanced_accuracy <= guessing:
        return []
    told = context.gettext(
        "It does find more of the rarer markers: {recall} of each marker’s texts on average, where one guess for all "
        "finds {guessing}.",
        recall=context.formats.share(quality.balanced_accuracy),
        guessing=context.formats.share(guessing),
    )
    return [told]


def spoken_sentence(quality: Quality, context: PageContext) -> str:
    """When the classifier keeps silent, and how often it is right when it does not."""
    _, share = context.gettext, context.formats.share
    if quality.spoken_accuracy is None:
        return _("The words raise no marker above how frequent it is anyway: the classifier keeps silent.")
    return _(
        "Where the words raise a marker by less than {least} points above how frequent it is anyway, the table says "
        "“says little”. Of the unseen texts it spoke of {spoken}, and {right} of those were right.",
        least=context.formats.number(LEAST_LIFT * 100),
        spoken=share(quality.spoken_share),
        right=share(quality.spoken_accuracy),
    )


def lacking_sentence(learned: Learned, context: PageContext) -> str:
    """What there is to learn from, and which marker lacks how many texts."""
    _, number = context.gettext, context.formats.number
    counts = learned.lacking
    enough = {value: texts for value, texts in counts.items() if texts >= LEAST_OF_CLASS}
    parts = [
        _(
            "There is too little to learn from: {texts} different approved texts.",
            texts=number(sum(counts.values())),
        )
    ]
    if counts:
        listed = "; ".join(f"“{value}”: {number(texts)}" for value, texts in sorted(counts.items()))
        parts.append(_("By marker: {listed}.", listed=listed))
    missing = [
        f"“{value}”: {number(LEAST_OF_CLASS - texts)}"
        for value, texts in sorted(counts.items())
        if texts < LEAST_OF_CLASS
    ]
    if len(counts) < 2:
        missing.append(_("of another marker: {missing}", missing=number(LEAST_OF_CLASS)))
    if len(enough) > 1:
        missing.append(_("of markers that have enough: {missing}", missing=number(LEAST_TEXTS - sum(enough.values()))))
    parts.append(_("Texts that are missing: {listed}.", listed="; ".join(missing)))
    needed = _(
        "It takes two markers with {of_class} different texts each, and {least} of such texts together. Until then "
        "only the rules by words speak.",
        of_class=number(LEAST_OF_CLASS),
        least=number(LEAST_TEXTS),
    )
    return " ".join([*parts, needed])


def quality_header(facet: str, context: PageContext) -> list[str]:
    _ = context.gettext
    return [_(FACETS[facet]), _("Texts"), _("Precision"), _("Recall"), _("F1"), _("F1 of one guess for all")]


def quality_rows(quality: Quality, schemes: Schemes, context: PageContext, facet: str = "marker") -> list[list[str]]:
    """Precision, recall and F1 of each value, F1 of always guessing the most frequent one, and their means."""
    formats = context.formats
    rows = [
        [
            value_label(facet, one.value, schemes, context),
            formats.number(one.texts),
            formats.share(one.precision),
            formats.share(one.recall),
            formats.number(one.f1, 2),
            formats.number(quality.majority_f1(one.value), 2),
        ]
        for one in quality.classes
    ]
    means = (quality.macro_f1, quality.majority_macro_f1)
    recall = formats.share(quality.balanced_accuracy)
    mean = [
        context.gettext("Mean of them (macro)"),
        formats.number(quality.texts),
        "–",
        recall,
        *(formats.number(one, 2) for one in means),
    ]
    return [*rows, mean]


def facet_sentence(facet: str, learned: Learned, context: PageContext) -> str:
    """How good a facet's own classifier is, beside guessing; or what there is and what it would take."""
    _, formats, quality = context.gettext, context.formats, learned.quality
    name = _(FACETS[facet])
    if quality is None:
        counts = sorted(learned.lacking.items())
        listed = "; ".join(f"“{value}”: {formats.number(texts)}" for value, texts in counts) or "–"
        return _(
            "{facet}: too little to learn from, only the rules by words speak. Approved texts: {listed}.",
            facet=name,
            listed=listed,
        )
    told = _(
        "{facet}: learnt from {texts} texts. Of texts that it had not seen it guessed {accuracy} right, always "
        "guessing “{majority}” {majority_accuracy}.",
        facet=name,
        texts=formats.number(quality.texts),
        accuracy=formats.share(quality.accuracy),
        majority=quality.majority,
        majority_accuracy=formats.share(quality.majority_accuracy),
    )
    if quality.is_better_than_guessing:
        return told
    return f"{told} {_('It is no better than that: do not rely on it.')}"


def enough_sentence(context: PageContext) -> str:
    """What is enough to learn a facet from, and why."""
    return context.gettext(
        "Each of these has a classifier of its own as soon as two of its values have {of_class} different approved "
        "texts each, and such texts are {least} together: each of the five parts of the cross-validation then has a "
        "text of each value, and with fewer texts the share that is right would be uncertain by more than 11 points "
        "(one standard error). It says which value a line has if it has one; a tag that does not state it teaches "
        "nothing. A line with several needs teaches each, and the guess names one, so that not all can be right.",
        of_class=context.formats.number(LEAST_OF_CLASS),
        least=context.formats.number(LEAST_TEXTS),
    )


def value_label(facet: str, value: str, schemes: Schemes, context: PageContext) -> str:
    return code_label(schemes[WITH_SCHEME[facet]], value, context) if facet in WITH_SCHEME else value


def guess_text(guess: Guess | None, schemes: Schemes, context: PageContext, facet: str = "marker") -> str:
    """`1 · Significant (72.0 %): care, children`"""
    if guess is None:
        return "–"
    label = value_label(facet, guess.value, schemes, context)
    words = ", ".join(guess.words)
    told = f"{label} ({context.formats.share(guess.confidence)})"
    if not guess.speaks:
        return context.gettext("says little: {guess}", guess=told)
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
    return [money, rules_text(line, schemes, context), guesses_text(line, schemes, context)]


def guesses_text(line: SuggestedLine, schemes: Schemes, context: PageContext) -> str:
    """The marker, and of a line that may matter the other facets of which the words speak."""
    told = [guess_text(line.guess, schemes, context)]
    if line.is_likely:
        told += [
            f"{context.gettext(FACETS[name])}: {guess_text(guess, schemes, context, name)}"
            for name, guess in line.facets.items()
            if guess.speaks
        ]
    return ". ".join(told)


def filled_note(line: SuggestedLine, schemes: Schemes, context: PageContext) -> list[str]:
    """Above a form that suggestions filled."""
    _ = context.gettext
    return [
        _(
            "The form starts from suggestions for {line}. Nothing is stored until you propose it.",
            line=line_name(line.labels, line.key[1]),
        ),
        _("By rules: {rules}", rules=rules_text(line, schemes, context)),
        _("By what the site approved before: {guess}", guess=guesses_text(line, schemes, context)),
    ]
