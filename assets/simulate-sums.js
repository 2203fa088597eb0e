/* What the Simulate page reads off the cells of the model (kernel.js). Pure: no DOM. Cells lie in the order need,
   area, group; NaN stands where nobody is concerned. */
(function (own) {
  "use strict";

  /** People of a need and group (-1: all groups) still uncovered in each area; NaN where nobody is concerned. */
  own.uncoveredByArea = function (model, coverage, need, group) {
    const { areas, groups } = model.counts;
    const wanted = group < 0 ? [...Array(groups).keys()] : [group];
    return Float64Array.from({ length: areas }, (_, a) => {
      const cells = wanted.map((g) => (need * areas + a) * groups + g).filter((cell) => model.universe[cell] > 0);
      return cells.length ? cells.reduce((sum, cell) => sum + model.universe[cell] * (1 - coverage[cell]), 0) : NaN;
    });
  };

  /** Largest difference of two coverages over all cells; a cell that only one of them has counts as infinite. */
  own.largestDifference = function (first, second) {
    if (first.length !== second.length) return Infinity;
    let largest = 0;
    for (let i = 0; i < first.length; i++) {
      const bothMissing = Number.isNaN(first[i]) && Number.isNaN(second[i]);
      const difference = bothMissing ? 0 : Math.abs(first[i] - second[i]);
      largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
    }
    return largest;
  };
})((window.simulation = window.simulation || {}));
