/* Where the Simulate page starts from: today's budget, or a saved scenario with its money by area as it is stored.

   A programme at its total of the scenario keeps the scenario's amounts by area; one that is moved is spread over the
   areas as today. That is a rule of the totals alone, so that history and addresses need no more than totals. The
   server follows the same rule (dashboard/services/simulate.py: run_stored). */
(function (own) {
  "use strict";
  const HALF_A_CENT = 0.005;

  /** What a programme has at the start: its total in the scenario that is open, else today's. */
  own.startTotal = (view, p) => (view.stored ? view.stored.totals[p] : view.programmes[p].today);

  own.isAtStart = (page, p) => own.toCents(page.amounts[p] - own.startTotal(page.view, p)) === 0;

  /** Let the sliders reach what the scenario has: its own spread over the areas allows other totals than today's. */
  own.widenSliders = function (view) {
    view.programmes.forEach((programme, p) => {
      programme.start = own.startTotal(view, p);
      programme.first = Math.min(programme.low, programme.start);
      programme.top = Math.max(programme.top, programme.start);
    });
  };

  /** Amounts by programme and area, P*A, of what is being tried. */
  own.allocationOf = function (page) {
    const { model, view, amounts } = page;
    const allocation = model.spread(amounts);
    view.stored?.rows.forEach((row, p) => {
      if (own.isAtStart(page, p)) allocation.set(row, p * model.counts.areas);
    });
    return allocation;
  };

  /** Whether a programme has other money than today, in total or in an area. */
  own.isChanged = function (page, p) {
    const { model, view, amounts } = page;
    if (own.toCents(amounts[p] - view.programmes[p].today) !== 0) return true;
    if (!view.stored || !own.isAtStart(page, p)) return false;
    const first = p * model.counts.areas;
    return view.stored.rows[p].some((amount, a) => Math.abs(amount - model.baseline[first + a]) >= HALF_A_CENT);
  };
})((window.simulation = window.simulation || {}));
