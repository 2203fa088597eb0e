/* From totals of programmes to areas, and from coverage in every cell to what the page shows. Pure: no DOM.
   Cells lie in the order need, area, group; allocations in the order programme, area. */
(function (own) {
  "use strict";

  /** Split each programme's total over the areas by its shares. `shares` (P*A) add up to 1 for each programme. */
  own.splitTotals = function (totals, shares, areas, allocation) {
    for (let p = 0; p < totals.length; p++) {
      for (let a = 0; a < areas; a++) allocation[p * areas + a] = totals[p] * shares[p * areas + a];
    }
    return allocation;
  };

  /** Shares of each programme's area: of its baseline; where it has none today, the stated fallback. */
  own.areaShares = function (baseline, programmes, areas, fallback) {
    const shares = new Float64Array(programmes * areas);
    for (let p = 0; p < programmes; p++) {
      let total = 0;
      for (let a = 0; a < areas; a++) total += baseline[p * areas + a];
      for (let a = 0; a < areas; a++) {
        shares[p * areas + a] = total > 0 ? baseline[p * areas + a] / total : fallback[p][a];
      }
    }
    return shares;
  };

  /**
   * Sums by need and group, from coverage in every cell (NaN where nobody is concerned).
   * Gains and losses are added up cell by cell, so that one area's gain never hides another's loss.
   */
  own.summarise = function (size, universe, today, scenario, weight) {
    const { needs, areas, groups } = size;
    const cells = needs * groups;
    const sums = {
      universe: new Float64Array(cells), today: new Float64Array(cells), scenario: new Float64Array(cells),
      gains: new Float64Array(cells), losses: new Float64Array(cells), groups: [],
    };
    for (let n = 0; n < needs; n++) {
      for (let a = 0; a < areas; a++) {
        for (let g = 0; g < groups; g++) addCell(sums, n * groups + g, (n * areas + a) * groups + g, universe, today, scenario);
      }
    }
    for (let g = 0; g < groups; g++) sums.groups.push(groupCoverage(sums, needs, groups, g, weight));
    return sums;
  };

  function addCell(sums, target, cell, universe, today, scenario) {
    const persons = universe[cell];
    if (!(persons > 0)) return;
    const change = persons * (scenario[cell] - today[cell]);
    sums.universe[target] += persons;
    sums.today[target] += persons * today[cell];
    sums.scenario[target] += persons * scenario[cell];
    if (change > 0) sums.gains[target] += change;
    else sums.losses[target] -= change;
  }

  /** Coverage of identified needs of a group: weighted persons covered over weighted persons concerned. */
  function groupCoverage(sums, needs, groups, group, weight) {
    let concerned = 0, today = 0, scenario = 0, gains = 0, losses = 0;
    for (let n = 0; n < needs; n++) {
      const cell = n * groups + group;
      concerned += weight[cell] * sums.universe[cell];
      today += weight[cell] * sums.today[cell];
      scenario += weight[cell] * sums.scenario[cell];
      gains += sums.gains[cell];
      losses += sums.losses[cell];
    }
    return { today: today / concerned, scenario: scenario / concerned, gains, losses };
  }

  /** People of a need and group (-1: all groups) still uncovered in each area; NaN where nobody is concerned. */
  own.uncoveredByArea = function (size, universe, coverage, need, group) {
    const { areas, groups } = size;
    const wanted = group < 0 ? [...Array(groups).keys()] : [group];
    return Float64Array.from({ length: areas }, (_, a) => {
      const cells = wanted.map((g) => (need * areas + a) * groups + g).filter((cell) => universe[cell] > 0);
      return cells.length ? cells.reduce((sum, cell) => sum + universe[cell] * (1 - coverage[cell]), 0) : NaN;
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
