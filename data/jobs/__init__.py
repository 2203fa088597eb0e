"""Work that outlives a page: asked for on the dashboard, done by worker processes, kept in the table `job`.

`kind.py` says what a kind of work is, `kinds/` holds one kind a file, `queue.py` carries ids of jobs to the workers
(Huey: a SQLite file here, Redis where several machines share the work), `execution.py` does one job, `housekeeping.py`
finds what was left lying, `worker.py` and `supervisor.py` run the processes. The table is the truth: a message that is
lost or comes twice changes nothing.
"""
