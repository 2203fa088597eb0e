"""Claim: estimates of a country's census take seconds and little memory: at least 20 times as fast as plain pandas and
1.5 times as fast as DuckDB with SQL written by hand.

Generates 10 million persons in 1,874 areas (Parquet, in a temporary folder), then estimates 33 indicators by area × sex
with this product on Polars (streaming) and on DuckDB, with DuckDB alone (`COUNT_IF`, one GROUP BY: the fastest of four
ways to write it) and with plain pandas, each in a process of its own, turn about: seconds from the file to the table of
results (median of the repeats) and the peak memory of the process. The counts of all must agree in every cell.

Plain pandas is a flag for the universe and one for the numerator of every indicator, and one group-by. Beside it,
without a target: pandas as somebody writes it who knows that no answer is missing and that many indicators share a
universe, so that each of the five universes is summed up once.

    python benchmarks/estimate_ten_million.py [--persons 10000000] [--repeats 3] [--skip-pandas] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

AREAS, PERSONS_PER_PART = 1874, 1_000_000
YES_NO = [f"answer_{number}" for number in range(6)]
CODES = [f"code_{number}" for number in range(12)]

# (SQL, the same in pandas): the universes and numerators are combined to 33 indicators
UNIVERSES: list[tuple[str, Callable]] = [
    ("TRUE", lambda people: people["age"] >= 0),
    ("age >= 15", lambda people: people["age"] >= 15),
    ("age BETWEEN 6 AND 11", lambda people: people["age"].between(6, 11)),
    ("age >= 12 AND age < 65", lambda people: (people["age"] >= 12) & (people["age"] < 65)),
    ("age < 6", lambda people: people["age"] < 6),
]


def numerators() -> list[tuple[str, Callable]]:
    """33 conditions of four kinds."""
    pairs: list[tuple[str, Callable]] = []
    for name in YES_NO:
        pairs.append((f"{name} = 'no'", lambda people, name=name: people[name] == "no"))
    for number, name in enumerate(CODES):
        wanted = number % 5
        pairs.append((f"{name} = {wanted}", lambda people, name=name, wanted=wanted: people[name] == wanted))
    for name in CODES[:9]:
        pairs.append((f"{name} IN (1, 3)", lambda people, name=name: people[name].isin([1, 3])))
    for number, name in enumerate(YES_NO):
        code = CODES[number]
        pairs.append(
            (
                f"{code} > 2 AND {name} = 'yes'",
                lambda people, name=name, code=code: (people[code] > 2) & (people[name] == "yes"),
            )
        )
    return pairs


def definitions() -> list[tuple[str, str, str, Callable, Callable]]:
    """Id, universe and numerator in SQL, and both as pandas functions."""
    result = []
    for number, (numerator, count) in enumerate(numerators()):
        universe, inside = UNIVERSES[number % len(UNIVERSES)]
        result.append((f"I{number:02}", universe, numerator, inside, count))
    return result


def generate(file: Path, persons: int, seed: int = 20261123) -> None:
    """Write the persons, a million at a time."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(seed)
    words = {"sex": ["female", "male"], **{name: ["no", "yes", "unknown"] for name in YES_NO}}
    writer = None
    for start in range(0, persons, PERSONS_PER_PART):
        size = min(PERSONS_PER_PART, persons - start)
        columns = {
            "area": pa.array(random.integers(10_000, 10_000 + AREAS, size).astype("int32")),
            "age": pa.array(random.integers(0, 90, size).astype("int8")),
        }
        for name, choices in words.items():
            codes = pa.array(random.integers(0, len(choices), size).astype("int8"))
            columns[name] = pa.DictionaryArray.from_arrays(codes, pa.array(choices)).cast(pa.string())
        for name in CODES:
            columns[name] = pa.array(random.integers(0, 5, size).astype("int8"))
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(file, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=250_000)
    writer.close()


def processor_seconds() -> float:
    """Of all cores together: what the clock would show on one quiet core."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def since(started: tuple[float, float]) -> tuple[float, float]:
    """Seconds of the clock and of the processor."""
    return time.perf_counter() - started[0], processor_seconds() - started[1]


def with_engine(file: Path, engine: str):
    """Counts by indicator and cell, from our own estimate."""
    import ibis

    from budget_model.survey.catalogue import IndicatorDefinition
    from budget_model.survey.estimate import estimate
    from data.readers.microdata import columns_without_gaps, read_microdata

    catalogue = [
        IndicatorDefinition(
            id=identifier, level="person", universe=universe, numerator=numerator, direction="down", version=1,
            label={"en": identifier},
        )
        for identifier, universe, numerator, _, _ in definitions()
    ]  # fmt: skip
    if engine != "spark":
        getattr(ibis, engine).connect()  # imports are not timed, here or for pandas
    started = time.perf_counter(), processor_seconds()
    table, known = read_microdata(file, engine), columns_without_gaps(file)
    frame = estimate(table, catalogue, [("area", "sex")], engine=engine, never_missing=known)
    seconds = since(started)
    return seconds, frame[["indicator", "area", "sex", "n", "count"]]


def with_sql(file: Path, engine: str):
    """The same counts as somebody who knows DuckDB would write them."""
    import duckdb

    counts = ", ".join(
        f'COUNT_IF({universe} AND ({numerator}) IS NOT NULL) AS "n {identifier}", '
        f'COUNT_IF({universe} AND {numerator}) AS "count {identifier}"'
        for identifier, universe, numerator, _, _ in definitions()
    )
    query = f"SELECT area, sex, {counts} FROM read_parquet('{file}') GROUP BY area, sex"
    connection = duckdb.connect()
    started = time.perf_counter(), processor_seconds()
    sums = connection.sql(query).df()
    seconds = since(started)
    return seconds, long_form(sums.set_index(["area", "sex"]))


def long_form(sums):
    """One row an indicator and cell."""
    import pandas as pd

    parts = [
        sums[[f"n {identifier}", f"count {identifier}"]]
        .set_axis(["n", "count"], axis=1)
        .reset_index()
        .assign(indicator=identifier)
        for identifier, *_ in definitions()
    ]
    return pd.concat(parts)


def with_pandas(file: Path, engine: str):
    """The same counts the plain way: a flag column per indicator, one group-by."""
    import pandas as pd
    import pyarrow.parquet  # noqa: F401 (imported by read_parquet)

    started = time.perf_counter(), processor_seconds()
    people = pd.read_parquet(file)
    flags = {"area": people["area"], "sex": people["sex"]}
    for identifier, _, _, universe, numerator in definitions():
        inside = universe(people)
        flags[f"n {identifier}"] = inside
        flags[f"count {identifier}"] = inside & numerator(people)
    sums = pd.DataFrame(flags).groupby(["area", "sex"]).sum()
    seconds = since(started)
    return seconds, long_form(sums)


def with_careful_pandas(file: Path, engine: str):
    """The same counts with each universe summed up once for all indicators that have it."""
    import pandas as pd
    import pyarrow.parquet  # noqa: F401 (imported by read_parquet)

    started = time.perf_counter(), processor_seconds()
    people = pd.read_parquet(file)
    flags = {"area": people["area"], "sex": people["sex"]}
    for identifier, condition, _, universe, numerator in definitions():
        if condition not in flags:
            flags[condition] = universe(people)
        flags[f"count {identifier}"] = flags[condition] & numerator(people)
    sums = pd.DataFrame(flags).groupby(["area", "sex"]).sum()
    sums = sums.assign(**{f"n {identifier}": sums[condition] for identifier, condition, *_ in definitions()})
    seconds = since(started)
    return seconds, long_form(sums)


WAYS = {
    "polars": with_engine,
    "duckdb": with_engine,
    "sql": with_sql,
    "pandas": with_pandas,
    "careful": with_careful_pandas,
}
NAMES = {
    "polars": "this product, Polars",
    "duckdb": "this product, DuckDB",
    "sql": "DuckDB by hand",
    "pandas": "pandas",
    "careful": "pandas, universes once",
}


def measure(file: Path, engine: str, results: Path) -> None:
    """Run one way in this process and print what it took."""
    (seconds, processor), frame = WAYS[engine](file, engine)
    frame = frame.astype({"n": "int64", "count": "int64", "area": "int64"})[["indicator", "area", "sex", "n", "count"]]
    frame.sort_values(["indicator", "area", "sex"]).to_csv(results / f"{engine}.csv", index=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"engine": engine, "seconds": seconds, "processor": processor, "gigabytes": peak}))


def run_all(file: Path, folder: Path, engines: list[str], repeats: int) -> dict[str, dict[str, float]]:
    runs: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    for _ in range(repeats):
        for engine in engines:
            command = [sys.executable, __file__, "--measure", engine, "--file", str(file), "--folder", str(folder)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True)
            runs[engine].append(json.loads(answer.stdout.splitlines()[-1]))
    figures = {}
    for engine, found in runs.items():
        seconds = [run["seconds"] for run in found]
        figures[engine] = {
            "seconds": statistics.median(seconds),
            "gigabytes": max(run["gigabytes"] for run in found),
        }
        shown = ", ".join(f"{value:.2f}" for value in seconds)
        median, peak = figures[engine]["seconds"], figures[engine]["gigabytes"]
        processor = statistics.median(run["processor"] for run in found)
        shown += f"; {processor:.1f} s of processor"
        print(f"{NAMES[engine]:>22}: {median:7.2f} s ({shown}) {peak:6.2f} GB", flush=True)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--skip-pandas", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--measure", choices=list(WAYS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.file, arguments.measure, arguments.folder)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        ways = [way for way in WAYS if way not in ("pandas", "careful") or not arguments.skip_pandas]
        return report(folder, arguments.persons, ways, arguments.repeats)


def report(folder: Path, persons: int, engines: list[str], repeats: int) -> int:
    file = folder / f"persons_{persons}.parquet"
    if not file.exists():
        generate(file, persons)
    print(f"{persons:,} persons, {len(definitions())} indicators, {AREAS:,} areas, 2 sexes, {os.cpu_count()} cores")
    figures = run_all(file, folder, engines, repeats)
    same = len({(folder / f"{engine}.csv").read_text() for engine in engines}) == 1
    print(f"counts agree in every cell: {same}; load of the machine: {os.getloadavg()[0]:.1f}")
    good = same and figures["polars"]["gigabytes"] < 1.5
    for other, target in (("sql", 1.5), ("pandas", 20.0)):
        if other in figures:
            times = figures[other]["seconds"] / figures["polars"]["seconds"]
            good = good and times >= target
            print(f"on Polars {times:.1f} times as fast as {NAMES[other]} (target: {target:g}, and below 1.5 GB)")
    if "careful" in figures:
        times = figures["careful"]["seconds"] / figures["polars"]["seconds"]
        print(f"on Polars {times:.1f} times as fast as {NAMES['careful']} (no target)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
