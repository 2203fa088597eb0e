"""The chain from survey answers to a simulated budget, as pure functions.

Nothing in here opens a file, a socket or a database, reads the clock, or draws from a global random source;
`__main__.py`, the command line, is the one exception, because it has to fetch what it computes on.
"""

__version__ = "0.6.0"
