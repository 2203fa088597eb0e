"""Voting rules, one a file; `RULES` of `counting.py` knows them by name."""
