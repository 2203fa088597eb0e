"""Fixtures that several rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files that nobody here wrote; tests that need it say so when it is absent."""
    folder = Path(os.environ.get("SHARED_DATA", SHARED))
    if not folder.is_dir():
        pytest.skip(f"the real files are not here ({folder}); set SHARED_DATA to their folder")
    return folder
