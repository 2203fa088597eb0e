"""The attacker of `disclosure_attacker.py`: what is published of a round (`world`, `styles`), what follows from it
(`programme`, `attack`), and what the public reads of several rounds together (`changes`)."""
