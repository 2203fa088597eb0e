/* The Simulate page in the browser: what is being tried, its history, and when what is painted.

   While a slider moves, the whole model is evaluated here (kernel.js) and painted once per frame. On release the
   amounts go to the server, whose answer counts; it is shown only if nothing has moved since. */
(function (own) {
  "use strict";
  const AGREEMENT = 1e-6; // share of the universe: browser and server must not differ by more in any cell
  const PATIENCE = 8000; // ms until the page says that the server has not answered
  const byId = (id) => document.getElementById(id);
  let page = null;

  // ---- what is being tried -------------------------------------------------------------------------------------

  const sameAmounts = (first, second) => first.every((amount, p) => amount === second[p]);

  // ---- painting ------------------------------------------------------------------------------------------------

  function schedulePaint() {
    if (!page.frame) page.frame = requestAnimationFrame(paint);
  }

  function paint() {
    page.frame = 0;
    page.model.evaluate(own.allocationOf(page));
    paintCells();
  }

  /** Everything that follows from the cells of the model and from `page.amounts`. */
  function paintCells() {
    page.totals = page.model.summary();
    page.controls.show(page.amounts);
    own.paintTiles(page);
    own.paintLeft(page);
    page.coverage.paint(page.totals.needGroup);
    page.gains.paint(page.totals.needGroup);
    own.paintMap(page);
  }

  /** Tables are rebuilt on release only: nobody reads them while a slider moves. */
  function paintTables() {
    const { view } = page;
    byId("simulate-coverage-table").replaceChildren(own.coverageTable(view, page.totals.needGroup));
    const { need, group } = page.mapChoice;
    const name = group < 0 ? view.texts.everybody : view.groups[group].name;
    const caption = own.fill(view.texts.area_table, { need: view.needs[need].name, group: name });
    const { today, scenario } = own.uncovered(page);
    byId("simulate-area-table").replaceChildren(own.areaTable(view, caption, today, scenario));
  }

  // ---- moves, releases, history --------------------------------------------------------------------------------

  function moved(index, wanted) {
    const { start, today } = page.view.programmes[index];
    const amount = [start, today].find((mark) => own.toCents(wanted - mark) === 0) ?? wanted;
    if (page.amounts[index] === amount) return;
    const isNewlyChanged = !own.isChanged(page, index);
    page.amounts[index] = amount;
    page.version += 1;
    if (isNewlyChanged) own.chooseNeeds(page);
    waiting();
    schedulePaint();
  }

  /** Keep a step of history. Key presses on one slider, `run`, are one step until something else happens. */
  function released(run = null) {
    if (run !== null && run === page.run) {
      page.position -= 1;
      page.history.length = page.position + 1;
    }
    page.run = null;
    page.hasRefused = false;
    if (!sameAmounts(page.amounts, page.history[page.position])) {
      page.history = [...page.history.slice(0, page.position + 1), [...page.amounts]];
      page.position += 1;
      page.run = run;
    }
    send();
  }

  /** A typed amount is given up: what its first digits had moved goes back to where it was. Gives that amount. */
  function dropped(index) {
    const kept = page.history[page.position][index];
    page.hasRefused = false;
    if (page.amounts[index] !== kept) {
      moved(index, kept);
      send();
    }
    return kept;
  }

  function refused(index) {
    dropped(index);
    page.hasRefused = true;
  }

  /** One step back; an entry that was refused just now is no step of history, it is only taken off the page. */
  function undo() {
    if (page.hasRefused) page.controls.force(page.amounts);
    else if (page.position > 0) goTo(page.position - 1);
    page.hasRefused = false;
  }

  function goTo(position) {
    page.run = null;
    page.hasRefused = false;
    page.position = position;
    page.amounts = [...page.history[position]];
    page.version += 1;
    page.controls.force(page.amounts);
    own.chooseNeeds(page);
    schedulePaint();
    send();
  }

  function reset() {
    const start = page.view.programmes.map((programme) => programme.start);
    if (!sameAmounts(page.amounts, start)) {
      page.history = [...page.history.slice(0, page.position + 1), start];
      page.position = page.history.length - 1;
    }
    goTo(page.position);
  }

  /** Ask the server; keep address, links and buttons at what is being tried. */
  function send(query = own.queryOf(page)) {
    waiting();
    const { model, stored } = page.view;
    const released = { sequence: page.version, model, scenario: stored ? stored.scenario : null, changes: own.changes(page) };
    window.dash_clientside.set_props("simulate-released", { data: released });
    own.followAddress(page, query);
    byId("simulate-undo").disabled = page.position === 0;
    byId("simulate-redo").disabled = page.position === page.history.length - 1;
    byId("simulate-reset").disabled = Object.keys(released.changes).length === 0;
    clearTimeout(page.patience);
    page.patience = setTimeout(() => page.answered < released.sequence && noAnswer(), PATIENCE);
  }

  /** The words are the server's: those of an earlier allocation must not stand beside the figures of this one. */
  function noAnswer() {
    own.put("simulate-sentence", "");
    own.put("simulate-finding", "");
    own.put("simulate-server", page.view.texts.no_answer);
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
    own.put("simulate-sentence", answer.sentence);
    own.put("simulate-finding", answer.finding);
    showSentences("simulate-problems", answer.problems);
    own.put("simulate-server", "");
    if (answer.cells) compareWithServer(readCells(answer.cells));
    paintTables();
  }

  function compareWithServer(serverCells) {
    const difference = own.largestDifference(page.model.coverage, serverCells);
    page.difference = difference;
    if (difference <= AGREEMENT) return;
    page.model.coverage.set(serverCells);
    paintCells();
    own.put("simulate-server", own.fill(page.view.texts.differs, { points: page.view.formats.number(difference * 100, 6) }));
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

  function chooseMap() {
    page.mapChoice = { need: Number(byId("simulate-map-need").value), group: Number(byId("simulate-map-group").value) };
    own.paintMap(page);
    paintTables();
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
      own.put("simulate-map-reading", page.describeArea(area));
    });
    own.paintMap(page);
  }

  function listen() {
    const onClick = (id, act) => byId(id).addEventListener("click", act);
    onClick("simulate-undo", undo);
    onClick("simulate-redo", () => page.position < page.history.length - 1 && goTo(page.position + 1));
    onClick("simulate-reset", reset);
    onClick("simulate-open-all", () => page.controls.openAll(true));
    onClick("simulate-close-all", () => page.controls.openAll(false));
    onClick("simulate-share", copyAddress);
    for (const id of ["simulate-needs-choice", "simulate-needs-order"]) byId(id).addEventListener("change", () => own.chooseNeeds(page));
    for (const id of ["simulate-map-need", "simulate-map-group"]) byId(id)?.addEventListener("change", chooseMap);
  }

  async function copyAddress() {
    const field = byId("simulate-share-address");
    field.hidden = false;
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      own.put("simulate-shared", page.view.texts.copied);
    } catch {
      own.put("simulate-shared", page.view.texts.copy_by_hand); // the browser forbids it: the address is selected
    }
  }

  function startAmounts(view) {
    const asked = (programme) => (programme.code in view.start ? Number(view.start[programme.code]) : programme.start);
    return view.programmes.map((programme) => (own.toCents(asked(programme) - programme.start) === 0 ? programme.start : asked(programme)));
  }

  async function start(view) {
    view.formats = own.makeFormats(view.format);
    const model = window.budgetKernel.parse(await (await fetched(view.kernel_address)).arrayBuffer());
    own.widenSliders(view);
    const amounts = startAmounts(view);
    page = {
      view, model, amounts, history: [[...amounts]], position: 0, run: null, hasRefused: false,
      version: 0, answered: -1, frame: 0, totals: model.summary(),
    };
    page.controls = own.buildControls(byId("simulate-programmes"), view, {
      moved, released, refused, dropped, left: () => { page.run = null; }, settled: () => page.controls.show(page.amounts),
    });
    page.coverage = own.buildCoverage(byId("simulate-coverage"), view);
    page.gains = own.buildGains(byId("simulate-gains"), byId("simulate-gains-none"), view, own.sortedNeeds(page, "uncovered"));
    own.fillChoices(page);
    page.controls.force(amounts);
    own.chooseNeeds(page);
    listen();
    paint();
    paintTables();
    byId("simulate-loading").hidden = true;
    byId("simulate-workbench").hidden = false;
    await drawAreas();
    send();
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
