/* The Simulate page in the browser: what is being tried, its history, and when what is painted.

   While a slider moves, the whole model is evaluated here (kernel.js) and painted once per frame. On release the
   amounts go to the server, whose answer counts; it is shown only if nothing has moved since. */
(function (own) {
  "use strict";
  const AGREEMENT = 1e-6; // share of the universe: browser and server must not differ by more in any cell
  const LARGEST = 12; // needs shown at first
  const DECIMALS = 2; // of the tiles: one programme moves a whole municipality's coverage by little
  const PATIENCE = 8000; // ms until the page says that the server has not answered
  const byId = (id) => document.getElementById(id);
  let page = null;

  // ---- what is being tried -------------------------------------------------------------------------------------

  const sameAmounts = (first, second) => first.every((amount, p) => amount === second[p]);

  /** Amounts that differ from today's, as exact texts by programme. */
  function changes(amounts) {
    const found = {};
    page.view.programmes.forEach((programme, p) => {
      if (own.toCents(amounts[p] - programme.today) !== 0) found[programme.code] = amounts[p].toFixed(2);
    });
    return found;
  }

  const leftToAllocate = (amounts) => own.toCents(page.view.budget - amounts.reduce((sum, amount) => sum + amount, 0));

  /** `model=…&c=code:amount,…`, the address of what is being tried; empty at today's budget. */
  function queryOf(amounts) {
    const parts = Object.entries(changes(amounts)).map(([code, amount]) => `${encodeURIComponent(code)}:${Number(amount)}`);
    if (!parts.length && page.view.is_current) return "";
    return `?model=${page.view.model}${parts.length ? `&c=${parts.join(",")}` : ""}`;
  }

  // ---- painting ------------------------------------------------------------------------------------------------

  function schedulePaint() {
    if (!page.frame) page.frame = requestAnimationFrame(paint);
  }

  function paint() {
    page.frame = 0;
    page.model.evaluate(page.model.spread(page.amounts));
    paintCells();
  }

  /** Everything that follows from the cells of the model and from `page.amounts`. */
  function paintCells() {
    page.totals = page.model.summary();
    page.controls.show(page.amounts);
    paintTiles();
    paintLeft();
    page.coverage.paint(page.totals.needGroup);
    page.gains.paint(page.totals.needGroup);
    paintMap();
  }

  function paintTiles() {
    const { formats, groups, texts } = page.view;
    const { coverage, coverageBaseline, weightedCoverage, gained, lost } = page.totals.group;
    groups.forEach((group, g) => {
      put(`simulate-tile-${group.code}`, formats.share(coverage[g], DECIMALS));
      put(`simulate-note-${group.code}`, own.fill(texts.against_today, {
        change: formats.points(coverage[g] - coverageBaseline[g], DECIMALS), today: formats.share(coverageBaseline[g], DECIMALS),
      }));
      put(`simulate-met-${group.code}`, own.fill(texts.needs_met, { persons: own.gainText(page.view, gained[g], lost[g]) }));
      if (page.view.is_weighted) put(`simulate-weighted-${group.code}`, own.fill(texts.weighted, { share: formats.share(weightedCoverage[g]) }));
    });
    const { women, men } = page.model;
    if (women < 0 || men < 0) return;
    put("simulate-tile-gap", formats.points(coverage[women] - coverage[men], DECIMALS));
    put("simulate-note-gap", own.fill(texts.gap_before, { gap: formats.points(coverageBaseline[women] - coverageBaseline[men], DECIMALS) }));
  }

  function put(id, text) {
    const found = byId(id);
    if (found) own.setText(found, text);
  }

  /** What is left, and at once in words when the total is exceeded. */
  function paintLeft() {
    const { formats, texts, budget } = page.view;
    const left = leftToAllocate(page.amounts);
    const isOver = left < 0;
    put("simulate-tile-left", formats.money(left));
    put("simulate-note-left", own.fill(texts.of_total, { total: formats.money(budget) }));
    byId("simulate-summary").classList.toggle("is-over", isOver);
    const sentence = isOver ? own.fill(texts.over_total, { excess: formats.money(-left) }) : texts.within_total;
    put("simulate-over-shown", sentence);
    // The live region speaks when the total is passed and when it is kept again, not at every step in between.
    if (isOver !== page.wasOver) put("simulate-over", isOver ? texts.over_announced : page.wasOver === undefined ? "" : texts.within_announced);
    page.wasOver = isOver;
  }

  function paintMap() {
    if (!page.map) return;
    const { view } = page;
    const { need, group } = page.mapChoice;
    const { today, scenario } = uncovered();
    const key = `${need} ${group}`;
    if (page.mapShown !== key) {
      page.mapShown = key;
      page.breaks = own.classBreaks(Math.max(...today.filter(Number.isFinite), 0));
      paintLegend(today);
    }
    const describe = (a) => Number.isNaN(scenario[a])
      ? own.fill(view.texts.area_nobody, { area: view.areas[a].name })
      : own.fill(view.texts.area_uncovered, {
          area: view.areas[a].name, now: view.formats.number(scenario[a]), before: view.formats.number(today[a]),
          change: view.formats.signed(scenario[a] - today[a]),
        });
    page.map.paint(scenario, page.breaks, describe);
    page.describeArea = describe;
    if (page.reached !== undefined) put("simulate-map-reading", describe(page.reached));
  }

  /** People uncovered by area, today and in the scenario, for the need and group chosen for the map. */
  function uncovered() {
    const { model, mapChoice: { need, group } } = page;
    return {
      today: own.uncoveredByArea(model, model.coverageBaseline, need, group),
      scenario: own.uncoveredByArea(model, model.coverage, need, group),
    };
  }

  function paintLegend(today) {
    const { formats, texts } = page.view;
    const entries = page.breaks.map((bound, i) => {
      const low = i ? page.breaks[i - 1] + 1 : 0;
      const isLast = i === page.breaks.length - 1;
      return own.make("li", {}, own.make("span", { class: `swatch area-class-${i}` }),
        isLast ? own.fill(texts.at_least, { low: formats.number(low) }) : `${formats.number(low)}–${formats.number(bound)}`);
    });
    if (today.some(Number.isNaN)) entries.push(own.make("li", {}, own.make("span", { class: "swatch swatch-none" }), texts.nobody));
    byId("simulate-map-legend").replaceChildren(...entries);
  }

  /** Tables are rebuilt on release only: nobody reads them while a slider moves. */
  function paintTables() {
    const { view } = page;
    byId("simulate-coverage-table").replaceChildren(own.coverageTable(view, page.totals.needGroup));
    const { need, group } = page.mapChoice;
    const name = group < 0 ? view.texts.everybody : view.groups[group].name;
    const caption = own.fill(view.texts.area_table, { need: view.needs[need].name, group: name });
    const { today, scenario } = uncovered();
    byId("simulate-area-table").replaceChildren(own.areaTable(view, caption, today, scenario));
  }

  // ---- moves, releases, history --------------------------------------------------------------------------------

  function moved(index, wanted) {
    const { today } = page.view.programmes[index];
    const amount = own.toCents(wanted - today) === 0 ? today : wanted;
    if (page.amounts[index] === amount) return;
    const isNewlyChanged = page.amounts[index] === today;
    page.amounts[index] = amount;
    page.version += 1;
    if (isNewlyChanged) chooseNeeds();
    waiting();
    schedulePaint();
  }

  function released() {
    if (!sameAmounts(page.amounts, page.history[page.position])) {
      page.history = [...page.history.slice(0, page.position + 1), [...page.amounts]];
      page.position += 1;
    }
    send();
  }

  function goTo(position) {
    page.position = position;
    page.amounts = [...page.history[position]];
    page.version += 1;
    page.controls.force(page.amounts);
    chooseNeeds();
    schedulePaint();
    send();
  }

  function reset() {
    const today = page.view.programmes.map((programme) => programme.today);
    if (!sameAmounts(page.amounts, today)) {
      page.history = [...page.history.slice(0, page.position + 1), today];
      page.position = page.history.length - 1;
    }
    goTo(page.position);
  }

  /** Ask the server; keep address, links and buttons at what is being tried. */
  function send(query = queryOf(page.amounts)) {
    waiting();
    const released = { sequence: page.version, model: page.view.model, changes: changes(page.amounts) };
    window.dash_clientside.set_props("simulate-released", { data: released });
    window.history.replaceState(window.history.state, "", window.location.pathname + query);
    byId("simulate-share-address").value = window.location.href;
    followAddress();
    byId("simulate-undo").disabled = page.position === 0;
    byId("simulate-redo").disabled = page.position === page.history.length - 1;
    byId("simulate-reset").disabled = Object.keys(released.changes).length === 0;
    put("simulate-shared", "");
    clearTimeout(page.patience);
    page.patience = setTimeout(() => page.answered < released.sequence && noAnswer(), PATIENCE);
  }

  /** The words are the server's: those of an earlier allocation must not stand beside the figures of this one. */
  function noAnswer() {
    put("simulate-sentence", "");
    put("simulate-finding", "");
    put("simulate-server", page.view.texts.no_answer);
  }

  /** Downloads and the language switch lead to what is being tried. */
  function followAddress() {
    for (const kind of ["csv", "xlsx"]) {
      const link = byId(`simulate-download-${kind}`);
      link.href = link.href.split("?")[0] + (queryOf(page.amounts) || `?model=${page.view.model}`);
    }
    for (const link of document.querySelectorAll("a[hreflang]")) link.href = link.href.split("?")[0] + window.location.search;
  }

  function waiting() {
    byId("simulate-result").setAttribute("aria-busy", "true");
  }

  /** The server's answer. An answer to anything but the newest state is dropped. */
  function settle(answer) {
    if (!page || !answer || answer.sequence !== page.version || answer.model !== page.view.model) return;
    page.answered = answer.sequence;
    if (page.frame) { cancelAnimationFrame(page.frame); paint(); }
    byId("simulate-result").removeAttribute("aria-busy");
    put("simulate-sentence", answer.sentence);
    put("simulate-finding", answer.finding);
    showSentences("simulate-problems", answer.problems);
    put("simulate-server", "");
    if (answer.cells) compareWithServer(readCells(answer.cells));
    paintTables();
  }

  function compareWithServer(serverCells) {
    const difference = own.largestDifference(page.model.coverage, serverCells);
    page.difference = difference;
    if (difference <= AGREEMENT) return;
    page.model.coverage.set(serverCells);
    paintCells();
    put("simulate-server", own.fill(page.view.texts.differs, { points: page.view.formats.number(difference * 100, 6) }));
  }

  function readCells(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return Float64Array.from(new Float32Array(bytes.buffer));
  }

  function showSentences(id, sentences) {
    const box = byId(id);
    box.hidden = !sentences.length;
    box.replaceChildren(...sentences.map((sentence) => own.make("p", {}, sentence)));
  }

  // ---- choices -------------------------------------------------------------------------------------------------

  const sumOver = (values, need, groups) => [...Array(groups).keys()].reduce((sum, g) => sum + values[need * groups + g], 0);

  /** Needs from the most people uncovered today to the fewest, or by today's gap, or by name. Stable while moving. */
  function sortedNeeds(order) {
    const groups = page.view.groups.length;
    const { needGroup, gapPpBaseline } = page.totals;
    const lacking = (n) => sumOver(needGroup.universe, n, groups) - sumOver(needGroup.coveredBaseline, n, groups);
    const gap = (n) => (Number.isFinite(gapPpBaseline[n]) ? gapPpBaseline[n] : Infinity);
    const keys = {
      uncovered: (first, second) => lacking(second) - lacking(first),
      gap: (first, second) => gap(first) - gap(second),
      name: (first, second) => page.view.needs[first].name.localeCompare(page.view.needs[second].name, page.view.format.locale),
    };
    return [...page.view.needs.keys()].sort((first, second) => keys[order](first, second) || first - second);
  }

  const needsOf = (index) => page.view.programmes[index].needs;

  function changedNeeds() {
    const changed = [...page.amounts.keys()].filter((p) => own.toCents(page.amounts[p] - page.view.programmes[p].today) !== 0);
    return new Set(changed.flatMap(needsOf));
  }

  /** Which needs are drawn, and in which order: those that changed programmes serve come first among the largest, so
      that what moves is in sight. The order changes only when another programme joins, never in the course of a move. */
  function chooseNeeds() {
    const choice = byId("simulate-needs-choice").value;
    const sorted = sortedNeeds(byId("simulate-needs-order").value);
    const changed = changedNeeds();
    const largest = new Set(sortedNeeds("uncovered").slice(0, LARGEST));
    const wanted = {
      largest: (n) => largest.has(n) || changed.has(n),
      changed: (n) => changed.has(n),
      all: () => true,
    }[choice] || ((n) => page.view.needs[n].dimension === choice.slice("dimension:".length));
    const isTop = (n) => choice === "largest" && changed.has(n);
    const chosen = sorted.filter(wanted);
    page.coverage.choose([...chosen.filter(isTop), ...chosen.filter((n) => !isTop(n))], changed);
    byId("simulate-needs-none").hidden = chosen.length > 0;
    page.coverage.paint(page.totals.needGroup);
  }

  function chooseMap() {
    page.mapChoice = { need: Number(byId("simulate-map-need").value), group: Number(byId("simulate-map-group").value) };
    paintMap();
    paintTables();
  }

  function fillSelect(id, options, value) {
    const select = byId(id);
    if (!select) return;
    select.replaceChildren(...options.map((option) => option.options
      ? own.make("optgroup", { label: option.label }, ...option.options.map(optionOf)) : optionOf(option)));
    select.value = value;
  }

  const optionOf = ({ value, label }) => own.make("option", { value }, label);

  function fillChoices() {
    const { view } = page;
    const dimensions = view.dimensions.map(({ code, name }) => ({ value: `dimension:${code}`, label: name }));
    fillSelect("simulate-needs-choice", [
      { value: "largest", label: own.fill(view.texts.largest, { number: Math.min(LARGEST, view.needs.length) }) },
      { value: "changed", label: view.texts.changed_needs }, { value: "all", label: view.texts.all_needs },
      ...(dimensions.length ? [{ label: view.texts.dimension, options: dimensions }] : []),
    ], "largest");
    fillSelect("simulate-needs-order", ["uncovered", "gap", "name"].map((value) => ({ value, label: view.texts[`order_${value}`] })), "uncovered");
    const needs = sortedNeeds("uncovered");
    fillSelect("simulate-map-need", needs.map((n) => ({ value: n, label: view.needs[n].name })), needs[0]);
    const groups = view.groups.map((group, g) => ({ value: g, label: group.name }));
    fillSelect("simulate-map-group", [...groups, { value: -1, label: view.texts.everybody }], 0);
    page.mapChoice = { need: needs[0], group: 0 };
  }

  // ---- start ---------------------------------------------------------------------------------------------------

  async function fetched(address) {
    const response = await fetch(address, { credentials: "same-origin" });
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return response;
  }

  async function drawAreas() {
    const { view } = page;
    if (!view.areas_address) return;
    const collection = await (await fetched(view.areas_address)).json();
    page.map = own.drawMap(byId("simulate-map"), collection, view.areas, view.texts.map_label, (area) => {
      page.reached = area;
      put("simulate-map-reading", page.describeArea(area));
    });
    paintMap();
  }

  function listen() {
    const onClick = (id, act) => byId(id).addEventListener("click", act);
    onClick("simulate-undo", () => page.position > 0 && goTo(page.position - 1));
    onClick("simulate-redo", () => page.position < page.history.length - 1 && goTo(page.position + 1));
    onClick("simulate-reset", reset);
    onClick("simulate-open-all", () => page.controls.openAll(true));
    onClick("simulate-close-all", () => page.controls.openAll(false));
    onClick("simulate-share", copyAddress);
    for (const id of ["simulate-needs-choice", "simulate-needs-order"]) byId(id).addEventListener("change", chooseNeeds);
    for (const id of ["simulate-map-need", "simulate-map-group"]) byId(id)?.addEventListener("change", chooseMap);
  }

  async function copyAddress() {
    const field = byId("simulate-share-address");
    field.hidden = false;
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      put("simulate-shared", page.view.texts.copied);
    } catch {
      put("simulate-shared", page.view.texts.copy_by_hand); // the browser forbids it: the address is selected
    }
  }

  function startAmounts(view) {
    return view.programmes.map((programme) => (programme.code in view.start ? Number(view.start[programme.code]) : programme.today));
  }

  async function start(view) {
    view.formats = own.makeFormats(view.format);
    const model = window.budgetKernel.parse(await (await fetched(view.kernel_address)).arrayBuffer());
    const amounts = startAmounts(view);
    page = { view, model, amounts, history: [[...amounts]], position: 0, version: 0, answered: -1, frame: 0, totals: model.summary() };
    page.controls = own.buildControls(byId("simulate-programmes"), view, { moved, released, settled: () => page.controls.show(page.amounts) });
    page.coverage = own.buildCoverage(byId("simulate-coverage"), view);
    page.gains = own.buildGains(byId("simulate-gains"), byId("simulate-gains-none"), view, sortedNeeds("uncovered"));
    fillChoices();
    page.controls.force(amounts);
    chooseNeeds();
    listen();
    paint();
    paintTables();
    byId("simulate-loading").hidden = true;
    byId("simulate-workbench").hidden = false;
    await drawAreas();
    send(window.location.search && view.keeps_address ? window.location.search : queryOf(amounts));
  }

  /** What tests and curious people may look at: the amounts, every cell, and how far the server's were away. */
  own.look = () => page && {
    amounts: [...page.amounts], cells: [...page.model.coverage], version: page.version, answered: page.answered, difference: page.difference,
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    simulate: {
      start(view) {
        start(view).catch((error) => {
          byId("simulate-loading").textContent = view.texts.not_loaded;
          console.error(error);
        });
        return window.dash_clientside.no_update;
      },
      settle(answer) {
        settle(answer);
        return window.dash_clientside.no_update;
      },
      saved(scenario) {
        if (page && scenario?.query) send(scenario.query);
        return window.dash_clientside.no_update;
      },
    },
  });
})((window.simulation = window.simulation || {}));
