/* The tiles of the Simulate page: coverage of each group, the gap, what is left to allocate. */
(function (own) {
  "use strict";
  const DECIMALS = 2; // of the tiles: one programme moves a whole municipality's coverage by little. Differences have one more

  /** Set the text of the element with an id, where the page has it. */
  own.put = function (id, text) {
    const found = document.getElementById(id);
    if (found) own.setText(found, text);
  };

  /** Money that is not given to any programme; below zero where the amounts exceed the total. */
  own.leftToAllocate = (page) => own.toCents(page.view.budget - page.amounts.reduce((sum, amount) => sum + amount, 0));

  own.paintTiles = function (page) {
    const { formats, groups, texts } = page.view;
    const { coverage, coverageBaseline, weightedCoverage, gained, lost } = page.totals.group;
    groups.forEach((group, g) => {
      own.put(`simulate-tile-${group.code}`, formats.share(coverage[g], DECIMALS));
      own.put(`simulate-note-${group.code}`, own.fill(texts.against_today, {
        change: formats.points(coverage[g] - coverageBaseline[g], DECIMALS + 1), today: formats.share(coverageBaseline[g], DECIMALS),
      }));
      own.put(`simulate-met-${group.code}`, own.gainWords(page.view, gained[g], lost[g]));
      if (page.view.is_weighted) own.put(`simulate-weighted-${group.code}`, own.fill(texts.weighted, { share: formats.share(weightedCoverage[g]) }));
    });
    const { women, men } = page.model;
    if (women < 0 || men < 0) return;
    own.put("simulate-tile-gap", formats.points(coverage[women] - coverage[men], DECIMALS + 1));
    own.put("simulate-note-gap", own.fill(texts.gap_before, { gap: formats.points(coverageBaseline[women] - coverageBaseline[men], DECIMALS + 1) }));
  };

  /** What is left, and at once in words when the total is exceeded. */
  own.paintLeft = function (page) {
    const { formats, texts, budget } = page.view;
    const left = own.leftToAllocate(page);
    const isOver = left < 0;
    own.put("simulate-tile-left", formats.money(left));
    own.put("simulate-note-left", own.fill(texts.of_total, { total: formats.money(budget) }));
    document.getElementById("simulate-summary").classList.toggle("is-over", isOver);
    const sentence = isOver ? own.fill(texts.over_total, { excess: formats.money(-left) }) : texts.within_total;
    own.put("simulate-over-shown", sentence);
    // The live region speaks when the total is passed and when it is kept again, not at every step in between.
    if (isOver !== page.wasOver) own.put("simulate-over", isOver ? texts.over_announced : page.wasOver === undefined ? "" : texts.within_announced);
    page.wasOver = isOver;
  };
})((window.simulation = window.simulation || {}));
