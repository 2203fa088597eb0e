"""Claim: the ministry's file, filtered to one municipality, is read three times as fast as by pandas in chunks or more,
in less than 1 GB of memory; and summed as a whole exactly, in less time than csv and Decimal take.

    python benchmarks/mef_stream.py [--gigabytes 5] [--whole-gigabytes 0.3] [--folder /tmp]

Makes files in the ministry's layout (lines of the demonstration under many unit numbers); each reader runs in its own
process, the import of its library not counted.

one municipality : ours (all six stages by line, exact, labels kept, every line of the municipality checked) beside
    `pandas.read_csv` in chunks filtered chunk by chunk, as floats: as it is, and with only the 14 columns that the sums
    need chosen (which is the most that can be done for it)
whole file : ours (each record and number checked), csv + Decimal (the judge), and pandas, two stages by year as floats
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

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
    return {
        str(year): [repr(float(amount)) for amount in row]
        for year, row in zip(sums.index, sums.to_numpy(), strict=True)
    }


def ours_of_one(file: Path) -> dict[str, list[str]]:
    """One municipality with ours: all stages by line, with labels."""
    from budget_model.spending.lines import totals_by_year
    from data.readers.mef import read_mef

    totals = totals_by_year(read_mef(file, municipality=WANTED).frame)
    return {str(year): [str(total.amounts["pim"]), str(total.amounts["accrued"])] for year, total in totals.items()}


def pandas_of_one(file: Path) -> dict[str, list[str]]:
    """One municipality with pandas: the columns that the sums need, filtered chunk by chunk, as floats."""
    import pandas as pd

    keys = [name for name in KEYS if name != "SEC_EJEC"]
    kept = []
    for chunk in pd.read_csv(file, usecols=[*KEYS, "MES_EJE", *AMOUNTS], chunksize=200_000):
        kept.append(chunk[chunk["SEC_EJEC"] == int(WANTED)].groupby(keys)[list(AMOUNTS)].sum())
    lines = pd.concat(kept).groupby(level=list(range(len(keys)))).sum()
    sums = lines.groupby(level="ANO_EJE")[list(SHOWN)].sum()
    return {
        str(year): [repr(float(amount)) for amount in row]
        for year, row in zip(sums.index, sums.to_numpy(), strict=True)
    }


def pandas_as_it_is(file: Path) -> dict[str, list[str]]:
    """One municipality with pandas, all columns read: what `read_csv` in chunks does unless it is told otherwise."""
    import pandas as pd

    chunks = pd.read_csv(file, chunksize=200_000, low_memory=False)
    kept = pd.concat([chunk[chunk["SEC_EJEC"] == int(WANTED)] for chunk in chunks])
    return _texts(kept.groupby("ANO_EJE")[list(SHOWN)].sum())


def _texts(sums: Any) -> dict[str, list[str]]:
    rows = zip(sums.index, sums.to_numpy(), strict=True)
    return {str(year): [repr(float(amount)) for amount in row] for year, row in rows}


WANTED = "300007"
READERS = {
    "ours": ours,
    "csv": csv_and_decimal,
    "pandas": pandas_in_chunks,
    "ours, one": ours_of_one,
    "pandas, one": pandas_of_one,
    "pandas, all": pandas_as_it_is,
}


def measure(name: str, file: Path) -> dict[str, object]:
    """Run one reader in its own process."""
    done = subprocess.run([sys.executable, __file__, "--only", name, str(file)], capture_output=True, check=True)
    return dict(json.loads(done.stdout))


def run_one(name: str, file: Path) -> None:
    importlib.import_module("pandas" if "pandas" in name else "data.readers.mef")  # is not part of the reading
    start = time.perf_counter()
    totals = READERS[name](file)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "wall": time.perf_counter() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "mb": usage.ru_maxrss / 1024,
    }
    print(json.dumps(figures | {"totals": totals}))


def compare(folder: Path, gigabytes: float, names: list[str]) -> dict[str, dict[str, object]]:
    """Make a file, run the readers on it, print what each took."""
    file = folder / "gasto.csv"
    rows = make_file(file, gigabytes)
    megabytes = file.stat().st_size / 1e6
    print(f"{rows:,} rows, {megabytes / 1e3:.2f} GB")
    results = {name: measure(name, file) for name in names}
    file.unlink()
    for name, result in results.items():
        wall, cpu = float(str(result["wall"])), float(str(result["cpu"]))
        print(f"{name:12} {wall:7.1f} s  {megabytes / wall:6.0f} MB/s  {cpu:7.1f} s of CPU  {result['mb']:6.0f} MB")
    return results


def exact(totals: object) -> dict[str, list[Decimal]]:
    return {year: [Decimal(text) for text in texts] for year, texts in dict(totals).items()}  # type: ignore[call-overload]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=5)
    parser.add_argument("--whole-gigabytes", type=float, default=0.3)
    parser.add_argument("--folder", type=Path, help="Where the files are made; default: the system's temporary folder.")
    parser.add_argument("--only", nargs=2, metavar=("READER", "FILE"))
    arguments = parser.parse_args()
    if arguments.only:
        run_one(arguments.only[0], Path(arguments.only[1]))
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        one = compare(folder, arguments.gigabytes, ["ours, one", "pandas, one", "pandas, all"])
        whole = (
            compare(folder, arguments.whole_gigabytes, ["ours", "csv", "pandas"]) if arguments.whole_gigabytes else {}
        )
    for peer, what in (("pandas, all", "in chunks"), ("pandas, one", "in chunks, 14 columns chosen")):
        ratios = [one[peer][kind] / one["ours, one"][kind] for kind in ("wall", "cpu")]
        print(f"one municipality, pandas.read_csv {what} / ours: {ratios[0]:.1f} in time, {ratios[1]:.1f} in CPU time")
    print(f"memory of ours: {one['ours, one']['mb']:.0f} MB (less than 1,000)")
    floats, ours_exact = exact(one["pandas, one"]["totals"]), exact(one["ours, one"]["totals"])
    near = all(
        abs(a - b) < Decimal("0.01") for year in floats for a, b in zip(floats[year], ours_exact[year], strict=True)
    )
    print("same sums as pandas to the cent:", near and floats.keys() == ours_exact.keys())
    if whole:
        print("whole file, ours equals csv + Decimal:", exact(whole["ours"]["totals"]) == exact(whole["csv"]["totals"]))
        for peer in ("csv", "pandas"):
            print(f"whole file, {peer} / ours: {whole[peer]['cpu'] / whole['ours']['cpu']:.1f} times the CPU time")


if __name__ == "__main__":
    main()
