"""Sentences of the scorecards page: why an answer was not kept."""

from __future__ import annotations

from dashboard.i18n import mark

STALE, CONTRADICTION = "stale", "scorecard_contradiction"
PROBLEMS: dict[str, str] = {
    "scorecard_answer": mark("Choose one of the answers of this question."),
    "scorecard_evidence": mark("This answer needs evidence: name a document or an address that shows it."),
    "scorecard_prefill": mark(
        "The system no longer holds what would propose this answer. Answer with your own evidence."
    ),
    CONTRADICTION: mark(
        "Not stored, as it contradicts another answer: {later} can be “yes” only where {first} is “yes”. Change the "
        "other answer first, or take it back."
    ),
    "scorecard_text": mark("Give at most 20 pieces of evidence, and at most 1,000 characters in each text."),
    "scorecard_year": mark("This is no year of a budget here."),
    STALE: mark(
        "Somebody answered this question after you opened it; their answer stands above. Yours is not stored: look at "
        "theirs, and save again if you differ."
    ),
}
