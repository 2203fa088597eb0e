"""Small elections for tests, written down ballot by ballot."""

from fractions import Fraction

from budget_model.assembly.election import Election, Proposal, ballots_of


def election(costs, ballots, budget, vote_type="approval", points=None, counts=()):
    """Costs by id; ballots as texts of ids with blanks between them."""
    proposals = tuple(Proposal(name, Fraction(cost)) for name, cost in costs.items())
    index = {name: place for place, name in enumerate(costs)}
    rows = [[index[name] for name in ballot.split()] for ballot in ballots]
    return Election(Fraction(budget), vote_type, proposals, ballots_of(rows, points, counts))


def names(held, winners):
    return [held.proposals[index].id for index in winners]
