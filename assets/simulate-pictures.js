/* The pictures of the Simulate page: coverage by need (today -> scenario), who gains and who loses, tables.
   Everything is drawn once; a move only changes positions and texts that differ. */
(function (own) {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const LANES = [11, 29]; // y of each group's lane in a row of 40 pixels
  const HALF_A_PERSON = 0.5;
  const SMALLEST_CHANGE = 0.00005; // share: what would be printed as 0.01 points
  const SHAPES = {
    women: "M0 -6.5A6.5 6.5 0 1 1 0 6.5A6.5 6.5 0 1 1 0 -6.5Z",
    men: "M0 -7.5L7.5 0L0 7.5L-7.5 0Z",
  };

  function draw(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent?.append(made);
    return made;
  }

  const percent = (share) => `${(100 * share).toFixed(2)}%`;
  const laneOf = (group, groups) => (groups > 2 ? 8 + (24 * group) / (groups - 1) : LANES[group]);

  /** A marker: an inner svg, because only an svg can be placed in percent of the width. */
  function marker(parent, group, className, y) {
    const place = draw("svg", { overflow: "visible", x: "0%", y, class: className }, parent);
    draw("path", { d: SHAPES[group.code] || SHAPES.women }, place);
    return place;
  }

  function grid(svg) {
    for (const share of [0, 25, 50, 75, 100]) {
      draw("line", { x1: `${share}%`, x2: `${share}%`, y1: 0, y2: 40, class: "grid-line" }, svg);
    }
  }

  /** A thin line with ends: where the sample leaves today's coverage open. */
  function whisker(lane, interval, y) {
    if (!interval) return;
    const [low, high] = interval.map(percent);
    for (const [x1, x2, y1, y2] of [[low, high, y, y], [low, low, y - 4, y + 4], [high, high, y - 4, y + 4]]) {
      draw("line", { x1, x2, y1, y2, class: "whisker" }, lane);
    }
  }

  function coverageRow(view, index) {
    const { make } = own;
    const need = view.needs[index];
    const svg = draw("svg", { class: "dumbbell-track", height: 40, "aria-hidden": "true" });
    grid(svg);
    const numbers = make("div", { class: "dumbbell-numbers" });
    const lanes = view.groups.map((group, g) => {
      const y = laneOf(g, view.groups.length);
      const lane = draw("g", { class: `lane lane-${group.code}` }, svg);
      const line = draw("line", { y1: y, y2: y, class: "lane-line" }, lane);
      whisker(lane, need.intervals[g], y);
      const today = marker(lane, group, "marker-today", y);
      const scenario = marker(lane, group, "marker-scenario", y);
      const value = make("span", { class: "number-value" });
      const change = make("span", { class: "number-change" });
      numbers.append(make("p", { class: `number-line number-${group.code}` },
        make("span", { class: "visually-hidden" }, `${group.name}: `), value, " ", change));
      return { lane, line, today, scenario, value, change, shown: "" };
    });
    const row = make("li", { class: "dumbbell-row" }, make("p", { class: "dumbbell-need" }, need.covered), svg, numbers);
    return { row, lanes };
  }

  function placeLane(view, lane, today, scenario) {
    const isMissing = !Number.isFinite(today);
    lane.lane.style.display = isMissing ? "none" : "";
    own.setText(lane.value, view.formats.share(scenario));
    const change = scenario - today;
    const isPrinted = Math.abs(change) >= SMALLEST_CHANGE;
    own.setText(lane.change, isPrinted ? view.formats.points(change) : "");
    lane.change.dataset.direction = isPrinted ? Math.sign(change) : 0;
    if (isMissing) return;
    lane.today.setAttribute("x", percent(today));
    lane.scenario.setAttribute("x", percent(scenario));
    lane.line.setAttribute("x1", percent(today));
    lane.line.setAttribute("x2", percent(scenario));
  }

  /** The dumbbells: one row a need, in the order chosen; positions follow the sums. */
  own.buildCoverage = function (container, view) {
    const rows = view.needs.map((_, index) => coverageRow(view, index));
    let order = [];
    return {
      choose(needs, changed) {
        order = needs;
        rows.forEach(({ row }, n) => row.classList.toggle("is-changed", changed.has(n)));
        container.replaceChildren(...needs.map((n) => rows[n].row));
      },
      /** `sums`: totals by need and group (needGroup of the kernel's summary). */
      paint(sums) {
        const groups = view.groups.length;
        for (const n of order) {
          rows[n].lanes.forEach((lane, g) => {
            const today = sums.coverageBaseline[n * groups + g];
            const scenario = sums.coverage[n * groups + g];
            const key = `${today} ${scenario}`;
            if (lane.shown !== key) placeLane(view, lane, today, scenario);
            lane.shown = key;
          });
        }
      },
    };
  };

  function gainRow(view, index) {
    const { make } = own;
    const svg = draw("svg", { class: "gains-track", height: 40, "aria-hidden": "true" });
    draw("line", { x1: "50%", x2: "50%", y1: 0, y2: 40, class: "zero-line" }, svg);
    const numbers = make("div", { class: "gains-numbers" });
    const lanes = view.groups.map((group, g) => {
      const y = laneOf(g, view.groups.length) - 6;
      const gain = draw("rect", { x: "50%", y, height: 12, class: `gain-bar bar-${group.code}` }, svg);
      const loss = draw("rect", { y, height: 12, class: `loss-bar bar-${group.code}` }, svg);
      const text = make("span", {});
      numbers.append(make("p", { class: `number-line number-${group.code}` },
        make("span", { class: "visually-hidden" }, `${group.name}: `), text));
      return { gain, loss, text, shown: "" };
    });
    const row = make("li", { class: "gains-row", hidden: true }, make("p", { class: "dumbbell-need" }, view.needs[index].covered), svg, numbers);
    return { row, lanes };
  }

  /** "+1,234 / −56": gains and losses side by side, never netted. */
  own.gainText = function (view, gain, loss) {
    const parts = [];
    if (gain >= HALF_A_PERSON) parts.push(view.formats.signed(gain));
    if (loss >= HALF_A_PERSON) parts.push(view.formats.signed(-loss));
    return parts.length ? parts.join(" / ") : "0";
  };

  /** "1,234 more and 56 fewer needs met": the same in words. */
  own.gainWords = function (view, gain, loss) {
    const { texts, formats } = view;
    const [more, fewer] = [gain, loss].map((persons) => persons >= HALF_A_PERSON);
    const facts = { more: formats.number(gain), fewer: formats.number(loss) };
    if (more && fewer) return own.fill(texts.more_and_fewer_met, facts);
    const isOne = own.toWhole(more ? gain : loss) === 1;
    if (more) return own.fill(isOne ? texts.one_more_met : texts.more_met, facts);
    if (fewer) return own.fill(isOne ? texts.one_fewer_met : texts.fewer_met, facts);
    return texts.as_many_met;
  };

  function placeGain(view, lane, gain, loss, scale) {
    lane.gain.setAttribute("width", percent((0.5 * gain) / scale));
    lane.loss.setAttribute("width", percent((0.5 * loss) / scale));
    lane.loss.setAttribute("x", percent(0.5 - (0.5 * loss) / scale));
    own.setText(lane.text, own.gainText(view, gain, loss));
  }

  /** Who gains and who loses: persons by need and group; a need without change is left out. */
  own.buildGains = function (container, emptyNote, view, order) {
    const rows = view.needs.map((_, index) => gainRow(view, index));
    container.replaceChildren(...order.map((n) => rows[n].row));
    let scale = 1;
    return {
      paint(sums) {
        const groups = view.groups.length;
        const largest = Math.max(...sums.gained, ...sums.lost, 1);
        // The scale grows at once and shrinks only by half, so that bars do not all move with the longest one.
        if (largest > scale || largest < scale / 2) scale = own.niceStep(largest * 2) >= largest ? own.niceStep(largest * 2) : largest;
        let shown = 0;
        view.needs.forEach((_, n) => {
          const cells = view.groups.map((__, g) => n * groups + g);
          const isShown = cells.some((cell) => sums.gained[cell] >= HALF_A_PERSON || sums.lost[cell] >= HALF_A_PERSON);
          if (rows[n].row.hidden === isShown) rows[n].row.hidden = !isShown;
          if (!isShown) return;
          shown += 1;
          rows[n].lanes.forEach((lane, g) => {
            const key = `${sums.gained[cells[g]]} ${sums.lost[cells[g]]} ${scale}`;
            if (lane.shown !== key) placeGain(view, lane, sums.gained[cells[g]], sums.lost[cells[g]], scale);
            lane.shown = key;
          });
        });
        emptyNote.hidden = shown > 0;
      },
    };
  };

  /** A table: `columns` of {title, number}, `rows` of texts; the first cell of a row is its header. */
  own.table = function (caption, columns, rows) {
    const { make } = own;
    const kind = (i) => (columns[i].number ? "number" : null);
    const head = make("tr", {}, ...columns.map((column, i) => make("th", { scope: "col", class: kind(i) }, column.title)));
    const body = rows.map((row) => make("tr", {}, ...row.map((cell, i) =>
      make(i ? "td" : "th", { scope: i ? null : "row", class: kind(i) }, cell))));
    const table = make("table", { class: "data-table" }, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...body));
    return make("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": caption }, table);
  };

  /** The twin of dumbbells and bars: every need and group with coverage, gains and losses. */
  own.coverageTable = function (view, sums) {
    const { texts, formats } = view;
    const groups = view.groups.length;
    const columns = [
      { title: texts.need }, { title: texts.group }, { title: texts.concerned, number: true }, { title: texts.today, number: true },
      { title: texts.scenario, number: true }, { title: texts.change, number: true }, { title: texts.gain, number: true }, { title: texts.lose, number: true },
    ];
    const hasIntervals = view.needs.some((need) => need.intervals.some(Boolean));
    if (hasIntervals) columns.splice(4, 0, { title: texts.interval, number: true });
    const interval = (need, g) => (need.intervals[g] ? need.intervals[g].map((share) => formats.share(share)).join(" – ") : "–");
    const rows = view.needs.flatMap((need, n) => view.groups.map((group, g) => {
      const cell = n * groups + g;
      const today = sums.coverageBaseline[cell];
      const scenario = sums.coverage[cell];
      return [need.covered, group.name, formats.number(sums.universe[cell]), formats.share(today),
        ...(hasIntervals ? [interval(need, g)] : []), formats.share(scenario), formats.points(scenario - today), formats.number(sums.gained[cell]), formats.number(sums.lost[cell])];
    }));
    return own.table(texts.coverage_table, columns, rows);
  };

  /** The twin of the map. */
  own.areaTable = function (view, caption, today, scenario) {
    const { texts, formats } = view;
    const columns = [{ title: texts.area }, ...["today", "scenario", "change"].map((key) => ({ title: texts[key], number: true }))];
    const rows = view.areas.map((area, a) =>
      [area.name, formats.number(today[a]), formats.number(scenario[a]), formats.signed(own.toWhole(scenario[a]) - own.toWhole(today[a]))]);
    return own.table(caption, columns, rows);
  };
})((window.simulation = window.simulation || {}));
