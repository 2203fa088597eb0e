"""The door to Spark: a connection for Ibis. Neither pyspark nor Java is needed for the other engines.

Where a session is already there (a notebook, `spark-submit`) that one is used. Else `SPARK_MASTER` names the cluster
(`spark://host:7077`, `yarn`, `k8s://…`), and without it Spark runs on this machine alone.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import ibis
import polars as pl

from budget_model.errors import InputError, Problem

STARTED_ELSEWHERE = ("PYSPARK_GATEWAY_PORT", "SPARK_REMOTE", "PYSPARK_SUBMIT_ARGS")  # set by Spark's own launchers
LOCAL = {
    "spark.driver.host": "127.0.0.1",  # the name of this machine need not resolve
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "8",  # 200, its default, is meant for clusters
    "spark.ui.showConsoleProgress": "false",
}


def spark_connection() -> Any:
    """An Ibis connection to Spark.

    Raises
    ------
    InputError : pyspark is not installed, or Spark does not start (no Java, no cluster at that address).
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        message = "the engine spark needs the packages of requirements-spark.txt and Java 17 or newer. Install them."
        raise InputError(Problem("spark.missing", message)) from error
    if SparkSession.getActiveSession() is None and "SPARK_REMOTE" not in os.environ and not _has_java():
        message = "the engine spark needs Java 17 or newer, and there is none on the PATH or in JAVA_HOME. Install it."
        raise InputError(Problem("spark.java", message))
    builder = SparkSession.builder.appName("cbms-grb").config("spark.sql.session.timeZone", "UTC")
    master = os.environ.get("SPARK_MASTER")
    if master:
        builder = builder.master(master)
    elif not any(name in os.environ for name in STARTED_ELSEWHERE):
        builder = builder.master("local[*]")
        for name, value in LOCAL.items():
            builder = builder.config(name, value)
    try:
        return ibis.pyspark.connect(builder.getOrCreate())
    except (PySparkException, OSError) as error:
        where = master or "this machine"
        raise InputError(
            Problem("spark.start", f"Spark does not start at {where} ({error}). Is Java there?")
        ) from error


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java") is not None or (home is not None and (Path(home) / "bin" / "java").is_file())


def spark_table(frame: pl.DataFrame) -> Any:
    """A loaded table handed to Spark."""
    connection = spark_connection()
    arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    connection.raw_sql("SELECT 1").sparkSession.createDataFrame(arrow).createOrReplaceTempView("answers")
    return connection.table("answers")
