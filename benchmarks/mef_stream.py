"""Claim: the ministry's file is summed exactly by line, in less time than csv and Decimal, in memory that stays small.

    python benchmarks/mef_stream.py [--gigabytes 0.3]

Makes a file in the ministry's layout (the demonstration's lines under many unit numbers), then sums all stages by line
with ours (which also checks each record and number) and with csv + Decimal (the judge), and two stages by year with
pandas in chunks, as floats and without lines: what is gained by being less exact. Each in its own process.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import numpy as np

KEYS = ("ANO_EJE", "SEC_EJEC", "SEC_FUNC", "FUENTE_FINANCIAMIENTO", "RUBRO", "TIPO_TRANSACCION", "GENERICA")
AMOUNTS = ("MONTO_PIA", "MONTO_PIM", "MONTO_CERTIFICADO", "MONTO_COMPROMETIDO_ANUAL", "MONTO_DEVENGADO", "MONTO_GIRADO")
SHOWN = ("MONTO_PIM", "MONTO_DEVENGADO")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def make_file(target: Path, gigabytes: float) -> int:
    """Write the file; says how many rows."""
    from data.demo.spending import write_budget_file

    once = target.with_suffix(".once")
    write_budget_file(np.random.default_rng(1), once)
    header, *rows = once.read_text(encoding="utf-8").splitlines()
    body = "\n".join(rows) + "\n"
    copies = max(1, round(gigabytes * 1e9 / len(body.encode())))
    with target.open("w", encoding="utf-8") as stream:
        stream.write(header + "\n")
        for unit in range(copies):
            stream.write(body.replace(",999142,", f",{300000 + unit},"))
    once.unlink()
    return copies * len(rows)


def ours(file: Path) -> dict[str, list[str]]:
    """Our reader, all stages, lines told apart."""
    from budget_model.spending.lines import totals_by_year
    from data.readers.mef import read_mef

    totals = totals_by_year(read_mef(file, labels=False).frame)
    return {str(year): [str(total.amounts["pim"]), str(total.amounts["accrued"])] for year, total in totals.items()}


def csv_and_decimal(file: Path) -> dict[str, list[str]]:
    """The standard library: the same sums by line, then by year."""
    lines: dict[tuple[str, ...], list[Decimal]] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        keys, amounts = ([header.index(name) for name in names] for names in (KEYS, AMOUNTS))
        for row in reader:
            line = lines.setdefault(tuple(row[place] for place in keys), [Decimal(0)] * len(amounts))
            for number, place in enumerate(amounts):
                line[number] += Decimal(row[place])
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for key, line in lines.items():
        sums[key[0]] = [total + line[AMOUNTS.index(name)] for total, name in zip(sums[key[0]], SHOWN, strict=True)]
    return {year: [str(amount) for amount in total] for year, total in sums.items()}


def pandas_in_chunks(file: Path) -> dict[str, list[str]]:
    """pandas: two sums by year in floats, lines not told apart."""
    import pandas as pd

    columns = ["ANO_EJE", "MONTO_PIM", "MONTO_DEVENGADO"]
    chunks = pd.read_csv(file, usecols=columns, chunksize=200_000)
    sums = pd.concat([chunk.groupby("ANO_EJE")[columns[1:]].sum() for chunk in chunks]).groupby(level=0).sum()
    return {str(year): [repr(amount) for amount in row] for year, row in zip(sums.index, sums.to_numpy(), strict=True)}


READERS = {"ours": ours, "csv": csv_and_decimal, "pandas": pandas_in_chunks}


def measure(name: str, file: Path) -> dict[str, object]:
    """Run one reader in its own process."""
    done = subprocess.run([sys.executable, __file__, "--only", name, str(file)], capture_output=True, check=True)
    return dict(json.loads(done.stdout))


def run_one(name: str, file: Path) -> None:
    start = time.perf_counter()
    totals = READERS[name](file)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "wall": time.perf_counter() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "mb": usage.ru_maxrss / 1024,
    }
    print(json.dumps(figures | {"totals": totals}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=0.3)
    parser.add_argument("--only", nargs=2, metavar=("READER", "FILE"))
    arguments = parser.parse_args()
    if arguments.only:
        run_one(arguments.only[0], Path(arguments.only[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gasto.csv"
        rows = make_file(file, arguments.gigabytes)
        print(f"{rows:,} rows, {file.stat().st_size / 1e9:.2f} GB")
        results = {name: measure(name, file) for name in READERS}
    for name, result in results.items():
        print(f"{name:8} {result['wall']:7.1f} s  {result['cpu']:7.1f} s of CPU  {result['mb']:6.0f} MB")
    exact = {year: [Decimal(text) for text in texts] for year, texts in results["csv"]["totals"].items()}
    found = {year: [Decimal(text) for text in texts] for year, texts in results["ours"]["totals"].items()}
    print("ours equals csv + Decimal:", found == exact)
    for peer in ("csv", "pandas"):
        print(f"{peer} / ours: {results[peer]['cpu'] / results['ours']['cpu']:.1f} times the CPU time")


if __name__ == "__main__":
    main()
