/* The budget model in the browser: the same mathematics as budget_model/coverage, so that a picture follows a slider
 * whatever the network does. The server's answer stays the authoritative one; a test holds both together in every cell.
 *
 * budgetKernel.parse(arrayBuffer) reads the binary of budget_model/coverage/kernel.py (layout in its docstring) and
 * returns a model:
 *   counts                       {programmes, needs, areas, groups, links}
 *   baseline, baselineTotal      Float64Array P*A, P      [currency / year]
 *   universe                     Float64Array N*A*G       [persons]
 *   coverageBaseline             Float64Array N*A*G       [share; NaN where nobody belongs to the universe]
 *   spread(totals)               Float64Array P*A from one amount a programme, as spread_totals of the server does
 *   evaluate(allocation)         coverage, Float64Array N*A*G; only what changed since the last call is computed anew
 *   summary()                    totals for the last evaluated allocation, see summarise() below
 * Arrays are in C order: the cell (n, a, g) is at (n * A + a) * G + g. Returned arrays are the model's own and are
 * written again by the next call; copy what has to stay.
 */
(function (root) {
  "use strict";

  const MAGIC = 0x4b4d4243;
  const VERSION = 1;
  const HEADER_BYTES = 64;
  const ADDITIVE = 0, INDEPENDENT = 1;          // otherwise nested
  const LINEAR = 0, EXPONENTIAL = 1;            // otherwise tanh

  /** Reads one block after the other; each starts at a multiple of 8 bytes. */
  function blockReader(buffer) {
    let offset = HEADER_BYTES;
    const next = function (Kind, length) {
      const block = new Kind(buffer, offset, length);
      offset += Math.ceil((length * Kind.BYTES_PER_ELEMENT) / 8) * 8;
      return block;
    };
    return {
      floats: function (length) { return next(Float64Array, length); },
      integers: function (length) { return next(Int32Array, length); },
      offset: function () { return offset; },
    };
  }

  function readHeader(buffer) {
    if (buffer.byteLength < HEADER_BYTES) throw new Error("budgetKernel: the file is too short to be a model.");
    const view = new DataView(buffer);
    const word = function (index) { return view.getInt32(4 * index, true); };
    if (word(0) !== MAGIC) throw new Error("budgetKernel: this is not a model file.");
    if (word(1) !== VERSION) {
      throw new Error("budgetKernel: the model file has version " + word(1) + ", this script reads " + VERSION + ".");
    }
    if (word(7) !== buffer.byteLength) {
      throw new Error("budgetKernel: the file has " + buffer.byteLength + " bytes, it should have " + word(7) + ".");
    }
    return {
      counts: { programmes: word(2), needs: word(3), areas: word(4), groups: word(5), links: word(6) },
      women: word(8),
      men: word(9),
    };
  }

  function readBlocks(buffer, counts) {
    const P = counts.programmes, N = counts.needs, A = counts.areas, G = counts.groups, L = counts.links;
    const read = blockReader(buffer);
    const blocks = {
      unitCost: read.floats(P * A),
      capacity: read.floats(P * A),
      baseline: read.floats(P * A),
      baselineTotal: read.floats(P),
      split: read.floats(P * A),
      universe: read.floats(N * A * G),
      background: read.floats(N * A * G),
      weight: read.floats(N * G),
      linkCeiling: read.floats(L),
      coefficient: read.floats(L * A * G),
      overlap: read.integers(N),
      needStart: read.integers(N + 1),
      linkProgramme: read.integers(L),
      linkCurve: read.integers(L),
      programmeStart: read.integers(P + 1),
      programmeLink: read.integers(L),
      linkNeed: read.integers(L),
    };
    if (read.offset() !== buffer.byteLength) throw new Error("budgetKernel: the blocks do not fill the file.");
    return blocks;
  }

  /** Coverage by one programme alone: slope 1 at the origin, never above the ceiling. */
  function respond(curve, intensity, ceiling) {
    if (curve === EXPONENTIAL) return -ceiling * Math.expm1(-intensity / ceiling);
    if (curve === LINEAR) return Math.min(intensity, ceiling);
    return ceiling * Math.tanh(intensity / ceiling);
  }

  /** Coverage of one cell by all its programmes: links first..last-1, `stride` apart from `cell` in `cover`. */
  function combine(rule, cover, first, last, stride, cell) {
    let combined = rule === INDEPENDENT ? 1 : 0;
    for (let link = first; link < last; link++) {
      const share = cover[link * stride + cell];
      if (rule === INDEPENDENT) combined *= 1 - share;
      else if (rule === ADDITIVE) combined += share;
      else if (share > combined) combined = share;
    }
    if (rule === INDEPENDENT) return 1 - combined;
    return combined > 1 ? 1 : combined;
  }

  function share(part, whole) {
    return whole > 0 ? part / whole : NaN;
  }

  function Model(buffer) {
    const header = readHeader(buffer);
    const counts = header.counts;
    const blocks = readBlocks(buffer, counts);
    const P = counts.programmes, N = counts.needs, A = counts.areas, G = counts.groups, L = counts.links;
    const last = new Float64Array(P * A).fill(NaN);      // the allocation that `coverage` belongs to
    const cover = new Float64Array(L * A * G);           // each link alone
    const coverage = new Float64Array(N * A * G);
    const dirty = new Uint8Array(N * A);

    /** Links of one programme in one area; marks the needs that they serve there. */
    function updateLine(programme, area, amount) {
      const line = programme * A + area;
      const served = Math.min(amount / blocks.unitCost[line], blocks.capacity[line]);
      for (let k = blocks.programmeStart[programme]; k < blocks.programmeStart[programme + 1]; k++) {
        const link = blocks.programmeLink[k];
        const curve = blocks.linkCurve[link], ceiling = blocks.linkCeiling[link];
        const cell = (link * A + area) * G;
        for (let group = 0; group < G; group++) {
          cover[cell + group] = respond(curve, blocks.coefficient[cell + group] * served, ceiling);
        }
        dirty[blocks.linkNeed[link] * A + area] = 1;
      }
    }

    function updateCell(need, area) {
      const first = blocks.needStart[need], end = blocks.needStart[need + 1], rule = blocks.overlap[need];
      for (let group = 0; group < G; group++) {
        const cell = (need * A + area) * G + group;
        const background = blocks.background[cell];
        const byProgrammes = combine(rule, cover, first, end, A * G, area * G + group);
        coverage[cell] = blocks.universe[cell] > 0 ? background + (1 - background) * byProgrammes : NaN;
      }
    }

    function checkAllocation(allocation) {
      if (allocation.length !== P * A) {
        throw new Error("budgetKernel: expected " + P * A + " amounts, found " + allocation.length + ".");
      }
      for (let line = 0; line < P * A; line++) {
        if (!(allocation[line] >= 0)) throw new Error("budgetKernel: amount " + line + " is negative or missing.");
      }
    }

    function evaluate(allocation) {
      checkAllocation(allocation);
      for (let line = 0; line < P * A; line++) {
        if (allocation[line] !== last[line]) {
          last[line] = allocation[line];
          updateLine((line / A) | 0, line % A, allocation[line]);
        }
      }
      for (let pair = 0; pair < N * A; pair++) {
        if (dirty[pair]) {
          updateCell((pair / A) | 0, pair % A);
          dirty[pair] = 0;
        }
      }
      return coverage;
    }

    /** One amount a programme: each keeps today's proportions between areas; new ones follow `split`. */
    function spread(totals) {
      if (totals.length !== P) throw new Error("budgetKernel: expected " + P + " totals, found " + totals.length + ".");
      const allocation = new Float64Array(P * A);
      for (let line = 0; line < P * A; line++) {
        const programme = (line / A) | 0, today = blocks.baselineTotal[programme];
        allocation[line] = today > 0
          ? blocks.baseline[line] * (totals[programme] / today)
          : blocks.split[line] * totals[programme];
      }
      return allocation;
    }

    dirty.fill(1);                                       // needs that no programme serves are computed once, here
    evaluate(blocks.baseline);
    const coverageBaseline = coverage.slice();
    const totals = emptyTotals(N, A, G);

    this.counts = counts;
    this.women = header.women;
    this.men = header.men;
    this.baseline = blocks.baseline;
    this.baselineTotal = blocks.baselineTotal;
    this.universe = blocks.universe;
    this.weight = blocks.weight;
    this.coverageBaseline = coverageBaseline;
    this.coverage = coverage;
    this.allocation = last;
    this.evaluate = evaluate;
    this.spread = spread;
    this.summary = function () { return summarise(this, totals); };
  }

  function emptyTotals(N, A, G) {
    const floats = function (length) { return new Float64Array(length); };
    const needGroup = {}, group = {};
    ["universe", "covered", "coveredBaseline", "coverage", "coverageBaseline", "gained", "lost"]
      .forEach(function (name) { needGroup[name] = floats(N * G); });
    ["needs", "covered", "coveredBaseline", "coverage", "coverageBaseline", "weightedCoverage",
      "weightedCoverageBaseline", "gained", "lost"].forEach(function (name) { group[name] = floats(G); });
    return {
      needGroup: needGroup,
      group: group,
      gapPp: floats(N), gapPpBaseline: floats(N),
      uncovered: floats(N * A * G),
      areaUncovered: floats(A * G), areaUncoveredBaseline: floats(A * G),
      gained: 0, lost: 0, spent: 0,
    };
  }

  /** Totals of the last evaluated allocation, all in one object that the next call writes again:
   *   needGroup  {universe, covered, coveredBaseline, coverage, coverageBaseline, gained, lost}, each N*G, over areas
   *   group      {needs, covered, coveredBaseline, coverage, coverageBaseline, weightedCoverage,
   *               weightedCoverageBaseline, gained, lost}, each G, over needs and areas
   *   gapPp, gapPpBaseline     N, women minus men in percentage points, NaN unless both are groups
   *   uncovered                N*A*G persons; NaN where nobody belongs to the universe
   *   areaUncovered, areaUncoveredBaseline   A*G persons, over needs
   *   gained, lost             persons, over everything; never netted
   *   spent                    currency / year
   */
  function summarise(model, totals) {
    clear(totals);
    addCells(model, totals);
    finishNeeds(model, totals);
    finishGroups(model, totals);
    for (let line = 0; line < model.allocation.length; line++) totals.spent += model.allocation[line];
    return totals;
  }

  function clear(totals) {
    Object.values(totals.needGroup).forEach(function (values) { values.fill(0); });
    Object.values(totals.group).forEach(function (values) { values.fill(0); });
    totals.areaUncovered.fill(0);
    totals.areaUncoveredBaseline.fill(0);
    totals.gained = totals.lost = totals.spent = 0;
  }

  function addCells(model, totals) {
    const N = model.counts.needs, A = model.counts.areas, G = model.counts.groups;
    const needGroup = totals.needGroup;
    let cell = 0;
    for (let need = 0; need < N; need++) {
      for (let area = 0; area < A; area++) {
        for (let group = 0; group < G; group++, cell++) {
          const universe = model.universe[cell], slot = need * G + group;
          totals.uncovered[cell] = NaN;
          if (!(universe > 0)) continue;
          const covered = universe * model.coverage[cell];
          const before = universe * model.coverageBaseline[cell];
          needGroup.universe[slot] += universe;
          needGroup.covered[slot] += covered;
          needGroup.coveredBaseline[slot] += before;
          if (covered > before) needGroup.gained[slot] += covered - before;
          else needGroup.lost[slot] += before - covered;
          totals.uncovered[cell] = universe * (1 - model.coverage[cell]);
          totals.areaUncovered[area * G + group] += totals.uncovered[cell];
          totals.areaUncoveredBaseline[area * G + group] += universe * (1 - model.coverageBaseline[cell]);
        }
      }
    }
  }

  function finishNeeds(model, totals) {
    const N = model.counts.needs, G = model.counts.groups, needGroup = totals.needGroup;
    for (let slot = 0; slot < N * G; slot++) {
      needGroup.coverage[slot] = share(needGroup.covered[slot], needGroup.universe[slot]);
      needGroup.coverageBaseline[slot] = share(needGroup.coveredBaseline[slot], needGroup.universe[slot]);
    }
    for (let need = 0; need < N; need++) {
      totals.gapPp[need] = gap(model, needGroup.coverage, need);
      totals.gapPpBaseline[need] = gap(model, needGroup.coverageBaseline, need);
    }
  }

  function gap(model, coverage, need) {
    if (model.women < 0 || model.men < 0) return NaN;
    const first = need * model.counts.groups;
    return 100 * (coverage[first + model.women] - coverage[first + model.men]);
  }

  function finishGroups(model, totals) {
    const N = model.counts.needs, G = model.counts.groups, needGroup = totals.needGroup, all = totals.group;
    for (let group = 0; group < G; group++) {
      let weighted = 0, weightedCovered = 0, weightedBefore = 0;
      for (let need = 0; need < N; need++) {
        const slot = need * G + group, weight = model.weight[slot];
        all.needs[group] += needGroup.universe[slot];
        all.covered[group] += needGroup.covered[slot];
        all.coveredBaseline[group] += needGroup.coveredBaseline[slot];
        all.gained[group] += needGroup.gained[slot];
        all.lost[group] += needGroup.lost[slot];
        weighted += weight * needGroup.universe[slot];
        weightedCovered += weight * needGroup.covered[slot];
        weightedBefore += weight * needGroup.coveredBaseline[slot];
      }
      all.coverage[group] = share(all.covered[group], all.needs[group]);
      all.coverageBaseline[group] = share(all.coveredBaseline[group], all.needs[group]);
      all.weightedCoverage[group] = share(weightedCovered, weighted);
      all.weightedCoverageBaseline[group] = share(weightedBefore, weighted);
      totals.gained += all.gained[group];
      totals.lost += all.lost[group];
    }
  }

  root.budgetKernel = {
    VERSION: VERSION,
    parse: function (buffer) { return new Model(buffer); },
  };
})(typeof globalThis !== "undefined" ? globalThis : self);
