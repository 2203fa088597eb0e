"""Labels of the ministry's lines have words: no screen shows the name of a field."""

from __future__ import annotations

from dashboard.views.words import LABEL_KEYS
from data.readers.mef_columns import LABELS


def test_every_label_that_the_ministrys_reader_gives_has_words():
    assert set(LABELS) <= set(LABEL_KEYS)
