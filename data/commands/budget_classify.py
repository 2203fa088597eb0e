"""`budget classify`: the classifier behind the suggestions, taught by a table of labelled texts instead of a site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from budget_model.spending.suggest import LEAST_OF_CLASS, LEAST_TEXTS, Guess, Learned, guess_all, learn, measure
from data.commands.budget_trends import quality_document
from data.commands.files import INPUT_FILE
from data.commands.output import json_option, print_json, print_table, refuse_cleanly
from data.readers.labelled_texts import LabelledText, read_labelled_texts

REPEATS = 3


@click.command("classify")
@click.argument("labelled", type=INPUT_FILE)
@click.argument("to_label", type=INPUT_FILE, required=False)
@click.option("--text", "texts", multiple=True, required=True, help="Column with words; may be given several times.")
@click.option("--label", required=True, help="Column with the label that people gave.")
@click.option("--group", help="Column of what rows share (a project): its rows never teach and test each other.")
@json_option
@refuse_cleanly
def classify(
    labelled: Path, to_label: Path | None, texts: tuple[str, ...], label: str, group: str | None, as_json: bool
) -> None:
    """Learn labels from LABELLED (CSV), measure that on unseen texts, and guess those of TO_LABEL. Nothing is stored.

    Rows of LABELLED without a label are passed over. Where TO_LABEL has the column of labels too, the guesses are held
    against it.

    \b
    Example:
      python -m budget_model budget classify labels.csv new.csv --text title --text sectors --label marker --json
    """
    known = [row for row in read_labelled_texts(labelled, texts, label, group, needs_labels=True) if row.label]
    asked = read_labelled_texts(to_label, texts, label, None, needs_labels=False) if to_label else []
    learned = learn([(row.text, row.label) for row in known], 0, {row.text: row.group for row in known}, REPEATS)
    guesses = guess_all(learned.model, [row.text for row in asked]) if learned.model else [None] * len(asked)
    measured = held_against(known, asked, guesses)
    if as_json:
        print_json(
            {
                "learnt_from": len(known),
                "quality": quality_document(learned),
                "lacking": dict(learned.lacking) if learned.model is None else None,
                "guesses": [guess_document(row, guess) for row, guess in zip(asked, guesses, strict=True)],
                "measured": measured,
            }
        )
        return
    rows = [(row.line, *told(guess)) for row, guess in zip(asked, guesses, strict=True)]
    if rows:
        print_table(("line", "guess", "confidence", "words"), rows)
    click.echo(quality_sentence(learned))
    if measured:
        click.echo(
            f"Held against {measured['texts']} labels: right {measured['accuracy']:.1%}, "
            f"always '{measured['majority']}' {measured['majority_accuracy']:.1%}; "
            f"macro F1 {measured['macro_f1']:.3f}, of one guess {measured['majority_macro_f1']:.3f}."
        )


def held_against(
    known: Sequence[LabelledText], asked: Sequence[LabelledText], guesses: Sequence[Guess | None]
) -> dict[str, Any] | None:
    """Guesses beside the labels that the rows have; the majority is that of the texts that taught."""
    pairs = [
        (row.label, guess.value if guess else None) for row, guess in zip(asked, guesses, strict=True) if row.label
    ]
    if not pairs or all(guess is None for guess in guesses):
        return None
    majority = Counter(row.label for row in known).most_common(1)[0][0]
    return quality_document(Learned(None, measure(pairs, majority), {}))


def guess_document(row: LabelledText, guess: Guess | None) -> dict[str, Any]:
    """A guess as JSON; null where the classifier knows no word of the text, or there is none."""
    found = None
    if guess is not None:
        found = {
            "value": guess.value,
            "confidence": guess.confidence,
            "speaks": guess.speaks,
            "words": list(guess.words),
        }
    return {"line": row.line, "guess": found, "label": row.label or None}


def told(guess: Guess | None) -> tuple[Any, ...]:
    if guess is None:
        return (None, None, "")
    return (guess.value, f"{guess.confidence:.1%}", ", ".join(guess.words) if guess.speaks else "(says little)")


def quality_sentence(learned: Learned) -> str:
    quality = learned.quality
    if quality is None:
        counts = ", ".join(f"'{value}': {texts}" for value, texts in sorted(learned.lacking.items())) or "none"
        return (
            f"Too little to learn from: it takes two labels with {LEAST_OF_CLASS} different texts each, and "
            f"{LEAST_TEXTS} of such texts together; there are {counts}."
        )
    return (
        f"Of unseen texts right {quality.accuracy:.1%}, always '{quality.majority}' {quality.majority_accuracy:.1%}; "
        f"macro F1 {quality.macro_f1:.3f}, of one guess {quality.majority_macro_f1:.3f}."
    )
