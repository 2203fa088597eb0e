/* The Map page: asks for the picture of the choices and for the shapes, and shows both. The newest choice wins. */
(function (own) {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const make = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const CONTROLS = ["indicator", "show", "over", "level", "round", "method", "number", "own"];
  const MOST_SHAPE_FILES = 4;
  const FIRST_ROWS = 100; // of the table; a button shows the others
  const AT_ONCE = 400; // shapes that get their words in one go, so that no frame is late
  const shapeFiles = new Map();
  let page = null, asked = 0;

  async function json(address) {
    const response = await fetch(address, { credentials: "same-origin" });
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return response.json();
  }

  function shapesOf(address) {
    if (!shapeFiles.has(address)) {
      if (shapeFiles.size >= MOST_SHAPE_FILES) shapeFiles.delete(shapeFiles.keys().next().value);
      const file = json(address);
      file.catch(() => shapeFiles.delete(address));
      shapeFiles.set(address, file);
    }
    return shapeFiles.get(address);
  }

  // ---- words ----------------------------------------------------------------------------------------------------------

  function formatsOf(view) {
    const formats = window.simulation.makeFormats(view.formats);
    return {
      share: (value) => formats.share(value), points: (value) => formats.points(value, 1),
      mean: (value) => formats.number(value, 2), difference: (value) => formats.signed(value, 2),
      bound: (value, kind) => (kind === "share" || kind === "points" ? formats.number(value * 100, 1) : formats.number(value, 2)),
      count: (value) => formats.number(value),
    };
  }

  function valueText(panel, at) {
    const { picture, formats } = page;
    const value = panel.values[at];
    if (value === null) return remark(panel, at);
    const low = panel.low[at], high = panel.high[at];
    const interval = low === null || high === null ? "" : ` (${formats.bound(low, picture.kind)} – ${formats.bound(high, picture.kind)})`;
    return formats[picture.kind](value) + interval;
  }

  const remark = (panel, at) => page.remarks.get(panel.marks[at]) || "";

  function describe(at) {
    const { picture } = page;
    const told = picture.panels.map((panel) => {
      const care = panel.values[at] !== null && remark(panel, at) ? `, ${remark(panel, at)}` : "";
      const name = picture.panels.length > 1 ? `${panel.title} ` : "";
      return name + valueText(panel, at) + care;
    });
    return `${picture.names[at]}: ${told.join("; ")}`;
  }

  // ---- parts of the page ------------------------------------------------------------------------------------------------

  function swatch(mark, colour) {
    const made = make("span", { class: `map-swatch map-swatch-${mark}`, "aria-hidden": "true" });
    if (colour) made.style.background = colour;
    return made;
  }

  function showLegend() {
    const { picture } = page;
    const counted = ({ counts }) => ` (${counts.map(page.formats.count).join(" / ")})`;
    const signs = { circle: "● ", diamond: "◆ ", up: "▲ ", down: "▼ " };
    byId("map-legend").replaceChildren(...picture.legend.map((item) => {
      const sign = item.side ? signs[picture.symbols[item.side < 0 ? 0 : 1]] : "";
      return make("li", {}, swatch("class", item.colour), sign + item.text + counted(item));
    }));
    byId("map-marks").replaceChildren(...picture.marks.filter(({ counts }) => counts.some(Boolean))
      .map((item) => make("li", {}, swatch(item.mark), item.text + counted(item))));
    byId("map-notes").replaceChildren(...picture.notes.map((note) => make("p", { class: "source-note" }, note)));
  }

  function showWords() {
    const { picture } = page;
    byId("map-finding").textContent = picture.finding;
    byId("map-unit").textContent = picture.unit;
    byId("map-source").textContent = picture.source;
    const reading = byId("map-reading");
    if (reading) reading.textContent = "";
  }

  function reach(at) {
    const { view, picture } = page;
    const name = window.simulation.fill(view.texts.profile, { name: picture.names[at] });
    const link = make("a", { href: profileOf(at) }, name);
    byId("map-reading").replaceChildren(describe(at), " · ", link);
  }

  const profileOf = (at) => `${page.view.addresses.profile}?area=${encodeURIComponent(page.picture.codes[at])}`;

  /** Areas from the highest value to the lowest; those without one last. */
  function showTable(rows = FIRST_ROWS) {
    const { view, picture } = page;
    const table = make("table", { class: "data-table" });
    table.append(make("caption", {}, picture.unit));
    const head = make("tr");
    head.append(make("th", { scope: "col" }, view.texts.area));
    for (const panel of picture.panels) head.append(make("th", { scope: "col", class: "number" }, panel.title));
    table.createTHead().append(head);
    const first = picture.panels[0].values;
    const order = picture.names.map((_, at) => at).sort((one, other) => (first[other] ?? -Infinity) - (first[one] ?? -Infinity) || one - other);
    const body = make("tbody");
    for (const at of order.slice(0, rows)) {
      const line = make("tr");
      line.append(make("th", { scope: "row" }, make("a", { href: profileOf(at) }, picture.names[at])));
      for (const panel of picture.panels) {
        const cell = make("td", { class: "number" }, valueText(panel, at));
        if (panel.values[at] !== null && remark(panel, at)) cell.append(make("span", { class: "map-remark" }, remark(panel, at)));
        line.append(cell);
      }
      body.append(line);
    }
    table.append(body);
    byId("map-table").replaceChildren(table);
    if (order.length <= rows) return;
    const words = window.simulation.fill(view.texts.all_rows, { count: page.formats.count(order.length) });
    const more = make("button", { type: "button", class: "btn btn-outline-secondary btn-sm" }, words);
    more.addEventListener("click", () => {
      showTable(order.length);
      byId("map-table").focus();
    });
    byId("map-table").append(more);
  }

  function showFiles(query) {
    for (const kind of ["csv", "xlsx", "geojson", "svg"]) {
      const link = byId(`map-download-${kind}`);
      if (link) link.href = `${page.view.addresses.files}${kind}?${query}`;
    }
  }

  // ---- drawing ----------------------------------------------------------------------------------------------------------

  const panelKey = (picture, level) => [level, ...picture.panels.map(({ title }) => title), picture.codes.length].join("|");

  async function show(view, choices) {
    const turn = ++asked;
    const query = new URLSearchParams(Object.entries(choices).filter(([, value]) => value)).toString();
    byId("map-own-box").style.display = choices.method === "own" ? "" : "none";
    const shapes = view.has_shapes ? shapesOf(`${view.addresses.areas}?level=${choices.level}`) : null;
    const picture = await json(`${view.addresses.picture}?${query}`);
    if (turn !== asked || !byId("map-table")) return;
    const problem = byId("map-problem");
    problem.hidden = !picture.problems;
    problem.textContent = (picture.problems || []).join(" ");
    if (picture.problems) return;
    const isNew = !page || page.view !== view;
    page = { ...(isNew ? {} : page), view, picture, formats: formatsOf(view), remarks: new Map(picture.marks.map((item) => [item.mark, item.short])) };
    if (isNew) listen();
    showWords();
    showLegend();
    showFiles(query);
    if (shapes) await draw(await shapes, choices.level, turn);
    if (turn === asked) afterwards(turn);
  }

  async function draw(collection, level, turn) {
    if (turn !== asked || !byId("map-maps")) return;
    const { picture } = page;
    const key = panelKey(picture, level);
    if (page.key !== key || !page.drawing) {
      const on = { reach, choose: (at) => window.location.assign(profileOf(at)) };
      const titles = picture.panels.map(({ title }) => title);
      page.drawing = own.drawPanels(byId("map-maps"), collection, picture.codes, titles, on);
      page.key = key;
    }
    page.drawing?.panels.forEach((panel, i) => panel.paint(picture.panels[i], picture));
    own.painted = performance.now();
  }

  /** What nobody waits for: the words of the shapes, then the table. */
  function afterwards(turn) {
    window.requestAnimationFrame(() => window.setTimeout(() => {
      if (turn !== asked || !byId("map-table")) return;
      showTable();
      byId("map-table").dataset.turn = String(turn);
      describeFrom(0, turn);
    }));
  }

  /** Names with values for screen readers, some shapes at a time. */
  function describeFrom(first, turn) {
    if (turn !== asked || !page.drawing) return;
    page.drawing.panels.forEach((panel, i) => panel.describe(first, first + AT_ONCE, (at) => describeIn(page.picture.panels[i], at)));
    if (first + AT_ONCE < page.drawing.areas) window.setTimeout(() => describeFrom(first + AT_ONCE, turn));
  }

  function describeIn(panel, at) {
    const care = panel.values[at] !== null && remark(panel, at) ? `, ${remark(panel, at)}` : "";
    return `${page.picture.names[at]}: ${valueText(panel, at)}${care}`;
  }

  function listen() {
    const lens = () => page.drawing?.lens;
    const acts = {
      in: () => lens()?.zoom(1.5), out: () => lens()?.zoom(1 / 1.5), all: () => lens()?.all(),
      left: () => lens()?.step(-1, 0), right: () => lens()?.step(1, 0), up: () => lens()?.step(0, -1), down: () => lens()?.step(0, 1),
    };
    for (const [name, act] of Object.entries(acts)) byId(`map-zoom-${name}`)?.addEventListener("click", act);
    byId("map-download-png")?.addEventListener("click", () => own.savePng(byId("map-download-svg").href, page.view.texts.file));
  }

  // ---- PNG --------------------------------------------------------------------------------------------------------------

  /** The SVG file drawn on a canvas of twice its size, here in the browser. */
  own.savePng = async function (address, name) {
    const text = await (await fetch(address, { credentials: "same-origin" })).text();
    const source = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    try {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = make("canvas", { width: 2 * image.naturalWidth, height: 2 * image.naturalHeight });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
      const link = make("a", { href: URL.createObjectURL(blob), download: `${name}.png` });
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } finally {
      URL.revokeObjectURL(source);
    }
  };

  /** The file field inside Dash's upload has no name of its own. */
  new MutationObserver(() => {
    for (const place of document.querySelectorAll("[data-upload-label]")) {
      const field = place.querySelector("input[type=file]:not([aria-label])");
      if (field) field.setAttribute("aria-label", place.dataset.uploadLabel);
    }
  }).observe(document.documentElement, { subtree: true, childList: true });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    povertyMap: {
      show(view, ...values) {
        const choices = Object.fromEntries(CONTROLS.map((name, i) => [name, values[i] ?? ""]));
        show(view, choices).catch((error) => {
          const problem = byId("map-problem");
          if (problem) {
            problem.hidden = false;
            problem.textContent = view.texts.not_loaded;
          }
          console.error(error);
        });
        return window.dash_clientside.no_update;
      },
      print() {
        window.print();
        return window.dash_clientside.no_update;
      },
    },
  });
})((window.povertyMap = window.povertyMap || {}));
