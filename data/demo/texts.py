"""Texts of the demonstration that are stored, read from `texts.yaml`."""

from __future__ import annotations

from pathlib import Path

import yaml

TEXTS: dict[str, str] = yaml.safe_load((Path(__file__).parent / "texts.yaml").read_text(encoding="utf-8"))
