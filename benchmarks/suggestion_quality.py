"""How well the classifier of suggestions learns real labels: precision and recall by cross-validation, beside guessing.

Run: python benchmarks/suggestion_quality.py [folder of the shared data]
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from budget_model.spending.suggest import find_rules, learn
from data.readers.suggestion_rules import read_rules

SHARED = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
Pairs = list[tuple[str, str]]
Groups = dict[str, str]


def donor_labels() -> tuple[Pairs, Groups]:
    """Activities with the marker that their donor gave them (0, 1, 2); components of one project are a group."""
    names = ("title", "description", "sectors", "parent_title", "parent_description")
    pairs, groups = [], {}
    for row in read(SHARED / "gender_marker" / "iati_gender_labels_shared.csv"):
        text = " ".join(row[name] for name in names)
        pairs.append((text, row["gender_significance"]))
        groups[text] = row["parent_identifier"] or text
    return pairs, groups


def gender_lines() -> tuple[Pairs, Groups]:
    """Activities of Carmen de Areco: whether its gender report has them; activities of one programme are a group."""
    names = ("jurisdiccion", "programa", "actividad")
    pairs, groups = [], {}
    for row in read(SHARED / "budget" / "carmen_de_areco" / "presupuesto_completo_2024_con_ppg.csv"):
        text = " ".join(dict.fromkeys(row[name] for name in names))
        pairs.append((text, "gender" if float(row["ppg_pct"]) > 0 else "rest"))
        groups[text] = f"{row['jurisdiccion_codigo']}/{row['programa_codigo']}"
    return pairs, groups


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def show(name: str, pairs: Pairs, groups: Groups | None) -> None:
    quality = learn(pairs, groups=groups, repeats=3).quality
    if quality is None:
        print(f"{name}: too little to learn from")
        return
    right, guessing = quality.accuracy, quality.majority_accuracy
    print(f"{name}: {quality.texts} texts, {quality.folds} folds")
    print(f"  right {right:.3f}, always '{quality.majority}' {guessing:.3f}, ratio {right / guessing:.2f}")
    print(f"  balanced accuracy {quality.balanced_accuracy:.3f}, of one guess {1 / len(quality.classes):.3f}")
    print(f"  macro F1 {quality.macro_f1:.3f}, of one guess {quality.majority_macro_f1:.3f}")
    spoken = f"{quality.spoken_accuracy:.3f}" if quality.spoken_accuracy is not None else "–"
    print(f"  speaks of {quality.spoken_share:.3f} of the texts, right of those {spoken}")
    for one in quality.classes:
        precision, recall = (f"{value:.2f}" if value is not None else "–" for value in (one.precision, one.recall))
        f1 = f"F1 {one.f1:.2f}, of one guess {quality.majority_f1(one.value):.2f}"
        print(f"  {one.value}: {one.texts} texts, precision {precision}, recall {recall}, {f1}")


def show_rules(pairs: Pairs) -> None:
    """The rules by words on the Spanish lines: a line with any hit counts as found."""
    found = [bool(find_rules(text, read_rules())) for text, _ in pairs]
    hits = sum(1 for (_, value), hit in zip(pairs, found, strict=True) if hit and value == "gender")
    there, said = sum(1 for _, value in pairs if value == "gender"), sum(found)
    print(f"  rules by words: precision {hits / max(said, 1):.2f}, recall {hits / there:.2f} ({said} lines found)")


if __name__ == "__main__":
    labels, projects = donor_labels()
    show("Donors' markers (IATI), projects apart", labels, projects)
    show("Donors' markers (IATI), texts apart", labels, None)
    lines, programmes = gender_lines()
    show("Carmen de Areco, in its gender report or not, programmes apart", lines, programmes)
    show("Carmen de Areco, in its gender report or not, texts apart", lines, None)
    show_rules(lines)
