"""Claim: 60 indicators of 20,000 persons by sex × area with standard errors in under 0.3 s, at least 5 times as fast as
`svy`, with the same figures to 1e-9.

`svy` (PyPI, MIT licence) is no dependency of this product. Make it an environment of its own and name its Python:

    python -m venv /tmp/svy && /tmp/svy/bin/pip install svy
    python benchmarks/estimate_speed_svy.py --svy-python /tmp/svy/bin/python [--repeats 7] [--agreement-only]

Both run in the same minutes, turn about, each in its own process with its libraries already imported; the median of all
repeats counts. The answers lie in memory as a Polars table.

Agreement is checked on four designs: clusters in strata with unequal weights, the same with a finite population
correction, strata of single persons, and a plain weighted sample; on shares, means, totals and a ratio, each with its
standard error, everybody and in cells, where two strata have no member of a cell. Of a median the error is compared for
everybody only: in a cell svy counts the degrees of freedom of the cell, here those of the whole design count.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

PERSONS, INDICATORS, AREAS = 20_000, 60, 20
NAMES = [f"y{index}" for index in range(INDICATORS)]
DESIGNS = {
    "clusters": {"strata": "stratum", "psu": "block"},
    "clusters with fpc": {"strata": "stratum", "psu": "block", "fpc": "blocks"},
    "single persons": {"strata": "stratum"},
    "weights only": {},
}
TARGET_SECONDS, TARGET_TIMES, TARGET_AGREEMENT = 0.3, 5.0, 1e-9


def generate(file: Path) -> None:
    """20,000 persons in 200 blocks of 10 strata; blocks differ, weights are unequal, area 19 is rare."""
    import numpy as np
    import polars as pl

    random = np.random.default_rng(20261123)
    stratum = random.integers(0, 10, PERSONS)
    block = stratum * 100 + random.integers(0, 20, PERSONS)
    effect = random.normal(size=2000)
    area = np.where((stratum < 8) & (random.random(PERSONS) < 0.02), AREAS - 1, random.integers(0, AREAS - 1, PERSONS))
    columns = {
        "sex": random.choice(["female", "male"], PERSONS),
        "area": np.array([f"A{number:02}" for number in range(AREAS)])[area],
        "stratum": stratum,
        "block": block,
        "blocks": np.array([40, 55, 60, 80, 100, 120, 150, 200, 300, 400])[stratum],
        "weight": random.lognormal(4, 0.5, PERSONS),
        "hours": 20 + 5 * effect[block] + random.normal(size=PERSONS) * 8,
        "pay": random.lognormal(7, 0.6, PERSONS),
    }
    for index, name in enumerate(NAMES):
        level = np.quantile(effect, 0.1 + 0.8 * index / INDICATORS)
        columns[name] = (effect[block] + random.normal(size=PERSONS) > level).astype("int64")
    pl.DataFrame(columns).write_parquet(file)


# --- ours ------------------------------------------------------------------------------------------------------------


def definition(identifier: str, **measured: str):
    from budget_model.survey.catalogue import IndicatorDefinition

    return IndicatorDefinition(
        id=identifier,
        level="person",
        universe="TRUE",
        direction="down",
        version=1,
        label={"en": identifier},
        **measured,
    )


def ours(file: Path, task: str, repeats: int) -> object:
    import ibis
    import polars as pl

    from budget_model.survey.design import SampleDesign
    from budget_model.survey.estimate import estimate

    people = pl.read_parquet(file)
    connection = ibis.polars.connect()
    if task == "speed":
        shares = [definition(name, numerator=f"{name} = 1") for name in NAMES]
        design = SampleDesign("weight", "stratum", "block")
        return timed(
            lambda: estimate(
                connection.create_table("people", people, overwrite=True), shares, [("sex", "area")], design
            ),
            repeats,
        )
    catalogue = [
        definition("share", numerator="y7 = 1"),
        definition("mean", mean="hours"),
        definition("ratio", mean="pay", over="hours"),
        definition("median", median="pay"),
    ]
    results = {}
    for name, parts in DESIGNS.items():
        design = SampleDesign("weight", **parts)
        frame = estimate(
            connection.create_table("people", people, overwrite=True), catalogue, [(), ("sex", "area")], design
        )
        for row in frame.to_dict("records"):
            cell = "all" if row["sex"] is None else f"{row['sex']} {row['area']}"
            has_error = row["indicator"] != "median" or cell == "all"
            results[f"{name} | {row['indicator']} | {cell}"] = [row["estimate"], row["se"] if has_error else None]
            if row["indicator"] == "mean":
                results[f"{name} | total | {cell}"] = [row["count"], row["count_se"]]
    return results


# --- svy -------------------------------------------------------------------------------------------------------------


def theirs(file: Path, task: str, repeats: int) -> object:
    import polars as pl
    import svy

    people = pl.read_parquet(file)
    if task == "speed":
        design = svy.Design(stratum="stratum", psu="block", wgt="weight")
        # an indicator of 0 and 1 has its share as its mean; one call for all is the fastest way that svy offers
        return timed(lambda: svy.Sample(people, design).estimation.mean(NAMES, by=("sex", "area")), repeats)
    results = {}
    for name, parts in DESIGNS.items():
        names = {"strata": "stratum", "psu": "psu", "fpc": "pop_size"}
        given = {names[part]: column for part, column in parts.items()}
        estimation = svy.Sample(people, svy.Design(wgt="weight", **given)).estimation
        for by in (None, ("sex", "area")):
            for kind, answer in {
                "share": estimation.mean("y7", by=by),
                "mean": estimation.mean("hours", by=by),
                "total": estimation.total("hours", by=by),
                "ratio": estimation.ratio("pay", "hours", by=by),
                "median": estimation.median("pay", by=by),
            }.items():
                for row in answer.to_polars().to_dicts():
                    cell = "all" if by is None else f"{row['sex']} {row['area']}"
                    has_error = kind != "median" or by is None
                    results[f"{name} | {kind} | {cell}"] = [row["est"], row["se"] if has_error else None]
    return results


def timed(work, repeats: int) -> list[float]:
    """Seconds of each repeat, after one to warm up."""
    work()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds


# --- both ------------------------------------------------------------------------------------------------------------


def ask(python: str, who: str, task: str, file: Path, repeats: int = 1) -> object:
    command = [python, __file__, "--worker", who, "--task", task, "--file", str(file), "--repeats", str(repeats)]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    if answer.returncode:
        raise SystemExit(f"{who} failed:\n{answer.stderr}")
    return json.loads(answer.stdout.splitlines()[-1])


def largest_difference(one: dict, other: dict) -> tuple[float, str]:
    """Largest relative difference over all figures, and where."""
    if set(one) != set(other):
        raise SystemExit(f"figures on one side only: {sorted(set(one) ^ set(other))[:5]}")
    worst = (0.0, "")
    for key in one:
        for part, a, b in zip(("estimate", "se"), one[key], other[key], strict=True):
            if (a is None or a != a) and (b is None or b != b):  # NaN on both sides
                continue
            difference = abs(a - b) / max(abs(b), 1e-300)
            worst = max(worst, (difference, f"{key} | {part}: {a!r} and {b!r}"))
    return worst


def agreement(python: str, file: Path) -> bool:
    one, other = ask(sys.executable, "ours", "agreement", file), ask(python, "svy", "agreement", file)
    good = True
    for name in DESIGNS:
        parts = [{key: value for key, value in side.items() if key.startswith(f"{name} |")} for side in (one, other)]
        difference, where = largest_difference(*parts)
        good = good and difference <= TARGET_AGREEMENT
        print(f"{name:>18}: {len(parts[0])} figures, largest relative difference {difference:.1e} ({where})")
    return good


def speed(python: str, file: Path, repeats: int) -> bool:
    rounds = [
        (ask(sys.executable, "ours", "speed", file, repeats), ask(python, "svy", "speed", file, repeats))
        for _ in range(3)
    ]
    mine = statistics.median(itertools.chain.from_iterable(one for one, _ in rounds))
    other = statistics.median(itertools.chain.from_iterable(two for _, two in rounds))
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {3 * repeats} runs each")
    print(f"ours {mine:.3f} s, svy {other:.3f} s: {other / mine:.1f} times as fast (target: under 0.3 s and 5 times)")
    print(
        f"fastest run of each: {min(min(one) for one, _ in rounds):.3f} s, {min(min(two) for _, two in rounds):.3f} s"
    )
    return mine < TARGET_SECONDS and other / mine >= TARGET_TIMES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svy-python", default="/tmp/svy_venv/bin/python")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--agreement-only", action="store_true")
    parser.add_argument("--worker", choices=["ours", "svy"], help=argparse.SUPPRESS)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work = ours if arguments.worker == "ours" else theirs
        print(json.dumps(work(arguments.file, arguments.task, arguments.repeats)))
        return 0
    if not Path(arguments.svy_python).exists():
        print(f"There is no {arguments.svy_python}. Make it as the text of --help says.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.parquet"
        generate(file)
        print(f"{PERSONS:,} persons, {INDICATORS} indicators, {AREAS} areas × 2 sexes, 10 strata, 200 blocks")
        good = agreement(arguments.svy_python, file)
        if not arguments.agreement_only:
            good = speed(arguments.svy_python, file, arguments.repeats) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
