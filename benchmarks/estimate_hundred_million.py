"""Claim: 100 million persons, 33 indicators × 1,874 areas × 2 sexes on one machine with less than 4 GB of memory.

Generates the persons piece by piece (a folder of Parquet files of 10 million rows, about 80 MB each), then
estimates once with Polars (streaming) in a process of its own: seconds from the folder to the table of results, and the
peak memory of that process. The generated files are deleted afterwards unless --keep is given. The persons counted over
all cells must be those generated.

    python benchmarks/estimate_hundred_million.py [--persons 100000000] [--engine polars] [--folder FOLDER] [--keep]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from estimate_ten_million import AREAS, definitions, generate, with_engine  # noqa: E402

PERSONS_PER_FILE = 10_000_000
TARGET_GIGABYTES = 4.0


def generate_parts(folder: Path, persons: int) -> None:
    """Files of 10 million persons, each from a seed of its own; those already there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, persons, PERSONS_PER_FILE)):
        file = folder / f"part{number:03}.parquet"
        if not file.exists():
            generate(file, min(PERSONS_PER_FILE, persons - start), seed=20261123 + number)


def measure(folder: Path, engine: str) -> None:
    (seconds, processor), frame = with_engine(folder, engine)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    everybody = int(frame.loc[frame["indicator"] == "I00", "n"].sum())  # its universe is everybody, without gaps
    found = {"seconds": seconds, "processor": processor, "gigabytes": peak, "rows": len(frame), "persons": everybody}
    print(json.dumps(found))


def report(folder: Path, persons: int, engine: str) -> int:
    started = time.perf_counter()
    generate_parts(folder, persons)
    size = sum(file.stat().st_size for file in folder.glob("*.parquet")) / 1024**3
    print(
        f"{persons:,} persons, {size:.1f} GB of Parquet, written in {time.perf_counter() - started:.0f} s", flush=True
    )
    command = [sys.executable, __file__, "--measure", "--engine", engine, "--folder", str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(answer.stdout.splitlines()[-1])
    print(f"{len(definitions())} indicators × {AREAS:,} areas × 2 sexes with {engine}: {found['rows']:,} estimates in")
    took = f"{found['seconds']:.1f} s ({found['processor']:.0f} s of processor)"
    print(f"{took}, {found['gigabytes']:.2f} GB at most (target: under {TARGET_GIGABYTES:g} GB)")
    print(f"{os.cpu_count()} cores, load of the machine {os.getloadavg()[0]:.1f}; all counted: {found['persons']:,}")
    return 0 if found["gigabytes"] < TARGET_GIGABYTES and found["persons"] == persons else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=100_000_000)
    parser.add_argument("--engine", choices=["polars", "duckdb", "spark"], default="polars")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.folder, arguments.engine)
        return 0
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="persons"))
    try:
        return report(folder, arguments.persons, arguments.engine)
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
