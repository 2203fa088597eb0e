/* Panels of the Map page: the same areas once or twice as inline SVG, on one scale and in one view.
   Areas stand in reading order (rows from the north, each from the west) and are reached with the arrow keys. */
(function (own) {
  "use strict";
  const CARE = 1, UNCERTAIN = 2, PROTECTED = 3, MISSING = 4, NOBODY = 5;
  const ROWS = 12; // of the reading order
  const MOST_LABELLED = 30, LONGEST_LABEL = 4, MOST_SIGNS = 300;
  const LARGEST_ZOOM = 40;
  const SIGNS = { circle: "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0Z", diamond: "M0-9L9 0L0 9L-9 0Z", up: "M0-8L8 6L-8 6Z", down: "M0 8L8-6L-8-6Z" };

  const parts = () => window.simulation.mapParts; // of map.js, which the browser loads after this file

  const fillOf = (id, mark) => ({
    [UNCERTAIN]: `url(#${id}-uncertain)`, [PROTECTED]: `url(#${id}-protected)`, [MISSING]: "#FFFFFF", [NOBODY]: "#FFFFFF",
  })[mark];

  function patterns(svg, id, element) {
    const defs = element("defs", {}, svg);
    const pattern = (name, size, extra = {}) => element("pattern", { id: `${id}-${name}`, width: size, height: size, patternUnits: "userSpaceOnUse", ...extra }, defs);
    const care = pattern("care", 12, { patternTransform: "rotate(45)" });
    element("line", { x1: 0, y1: 0, x2: 0, y2: 12, stroke: "#FFFFFF", "stroke-width": 4.5 }, care);
    element("line", { x1: 1.5, y1: 0, x2: 1.5, y2: 12, stroke: "#1E1B2E", "stroke-width": 1.8 }, care);
    const uncertain = pattern("uncertain", 14);
    element("rect", { width: 14, height: 14, fill: "#FFFFFF" }, uncertain);
    element("path", { d: "M0 0L14 14M14 0L0 14", stroke: "#8A8794", "stroke-width": 1.4 }, uncertain);
    const hidden = pattern("protected", 11);
    element("rect", { width: 11, height: 11, fill: "#E9E8ED" }, hidden);
    element("circle", { cx: 5.5, cy: 5.5, r: 2.2, fill: "#55525F" }, hidden);
  }

  /** What is the same in every panel: paths, middles, reading order. */
  function outline(collection, codes) {
    const { WIDTH, polygonsOf, projection, pathOf, middleOf } = parts();
    const byCode = new Map(collection.features.map((feature) => [feature.properties.code, feature]));
    const found = codes.map((code, index) => ({ index, code, feature: byCode.get(code) }))
      .filter(({ feature }) => feature && polygonsOf(feature.geometry).length);
    if (!found.length) return null;
    const { height, point } = projection(found.map(({ feature }) => feature));
    for (const area of found) {
      area.path = pathOf(area.feature.geometry, point);
      area.middle = middleOf(area.feature.geometry, point);
      area.row = Math.floor((area.middle.y / Math.max(height, 1)) * ROWS);
    }
    found.sort((one, other) => one.row - other.row || one.middle.x - other.middle.x);
    return { areas: found, height, width: WIDTH };
  }

  /** The nearest area whose middle lies above or below. */
  function nearest(areas, here, direction) {
    const { x, y } = areas[here].middle;
    let best = -1, least = Infinity;
    areas.forEach(({ middle }, i) => {
      const down = (middle.y - y) * direction, aside = Math.abs(middle.x - x);
      if (i === here || down <= 0 || aside > 2 * down) return;
      const distance = down + 2 * aside;
      if (distance < least) { least = distance; best = i; }
    });
    return best;
  }

  /** One view for all panels: a box of the drawing. */
  function makeLens(width, height) {
    const whole = { x: -8, y: -8, w: width + 16, h: Math.ceil(height) + 16 };
    const lens = { ...whole };
    const svgs = [];
    const show = () => svgs.forEach((svg) => {
      svg.setAttribute("viewBox", `${lens.x} ${lens.y} ${lens.w} ${lens.h}`);
      svg.style.setProperty("--edge", (lens.w / whole.w).toFixed(3)); // borders keep their width on the screen
    });
    const keepIn = () => {
      lens.x = Math.min(Math.max(lens.x, whole.x), whole.x + whole.w - lens.w);
      lens.y = Math.min(Math.max(lens.y, whole.y), whole.y + whole.h - lens.h);
      show();
    };
    return {
      box: lens,
      add(svg) { svgs.push(svg); show(); },
      zoom(factor, at) {
        const size = Math.min(1, Math.max(1 / LARGEST_ZOOM, lens.w / whole.w / factor));
        const x = at?.x ?? lens.x + lens.w / 2, y = at?.y ?? lens.y + lens.h / 2;
        const share = { x: (x - lens.x) / lens.w, y: (y - lens.y) / lens.h };
        lens.w = whole.w * size; lens.h = whole.h * size;
        lens.x = x - share.x * lens.w; lens.y = y - share.y * lens.h;
        keepIn();
      },
      move(right, down) { lens.x += right; lens.y += down; keepIn(); },
      step(right, down) { lens.x += right * lens.w * 0.2; lens.y += down * lens.h * 0.2; keepIn(); },
      all() { Object.assign(lens, whole); show(); },
      /** Bring a place into sight. */
      hold({ x, y }) {
        const isIn = x > lens.x && x < lens.x + lens.w && y > lens.y && y < lens.y + lens.h;
        if (!isIn) { lens.x = x - lens.w / 2; lens.y = y - lens.h / 2; keepIn(); }
      },
    };
  }

  function listenToPointer(svg, lens) {
    let from = null;
    svg.addEventListener("pointerdown", (event) => { from = { x: event.clientX, y: event.clientY }; });
    svg.addEventListener("pointermove", (event) => {
      if (!from || !(event.buttons & 1)) return;
      const scale = lens.box.w / svg.clientWidth;
      lens.move((from.x - event.clientX) * scale, (from.y - event.clientY) * scale);
      from = { x: event.clientX, y: event.clientY };
    });
    for (const name of ["pointerup", "pointerleave", "pointercancel"]) svg.addEventListener(name, () => { from = null; });
  }

  function makePanel(shared, lens, id, label, on) {
    const { element } = parts();
    const svg = element("svg", { class: "map-svg", role: "group", "aria-label": label });
    patterns(svg, id, element);
    const shapes = [];
    for (const [i, area] of shared.areas.entries()) {
      shapes.push(element("path", { d: area.path, class: "map-area", role: "img", tabindex: i ? "-1" : "0", "aria-label": area.feature.properties.name }, svg));
    }
    const hatch = element("path", { class: "map-over", fill: `url(#${id}-care)`, "fill-opacity": 0.6 }, svg);
    const signs = element("g", { class: "map-over", "aria-hidden": "true" }, svg);
    const labels = element("g", { class: "map-over", "aria-hidden": "true" }, svg);
    if (shared.areas.length <= MOST_LABELLED && shared.areas.every(({ code }) => code.length <= LONGEST_LABEL)) {
      for (const { code, middle } of shared.areas) {
        element("text", { x: middle.x.toFixed(1), y: middle.y.toFixed(1), class: "area-label" }, labels).textContent = code;
      }
    }
    lens.add(svg);
    listenToPointer(svg, lens);

    const places = new Map(shapes.map((shape, i) => [shape, i]));
    function focus(at) {
      shapes.forEach((shape, i) => shape.setAttribute("tabindex", i === at ? "0" : "-1"));
      lens.hold(shared.areas[at].middle);
      shapes[at].focus({ preventScroll: true });
    }
    const zooms = { "+": () => lens.zoom(1.5), "=": () => lens.zoom(1.5), "-": () => lens.zoom(1 / 1.5), 0: () => lens.all() };
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    svg.addEventListener("keydown", (event) => {
      const here = places.get(event.target);
      if (here === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      const last = shapes.length - 1;
      const steps = {
        ArrowRight: () => focus(here === last ? 0 : here + 1), ArrowLeft: () => focus(here ? here - 1 : last),
        Home: () => focus(0), End: () => focus(last), Enter: () => on.choose(shared.areas[here].index),
        ArrowDown: () => { const at = nearest(shared.areas, here, 1); if (at >= 0) focus(at); },
        ArrowUp: () => { const at = nearest(shared.areas, here, -1); if (at >= 0) focus(at); },
      };
      const act = event.shiftKey && moves[event.key] ? () => lens.step(...moves[event.key]) : zooms[event.key] || steps[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
    const reach = (event) => {
      const at = places.get(event.target);
      if (at !== undefined) on.reach(shared.areas[at].index);
    };
    for (const name of ["focusin", "pointerover", "click"]) svg.addEventListener(name, reach);

    return {
      svg,
      focusArea(index) {
        const at = shared.areas.findIndex((area) => area.index === index);
        if (at >= 0) focus(at);
      },
      paint(panel, picture) {
        let hatched = "";
        shared.areas.forEach(({ index, path }, i) => {
          const mark = panel.marks[index], number = panel.classes[index];
          const fill = number >= 0 ? picture.colours[number] : fillOf(id, mark);
          if (shapes[i].getAttribute("fill") !== fill) shapes[i].setAttribute("fill", fill);
          const isEmpty = mark === MISSING || mark === NOBODY;
          if (isEmpty !== (shapes[i].dataset.empty === "1")) shapes[i].dataset.empty = isEmpty ? "1" : "0";
          if (mark === CARE) hatched += path;
        });
        hatch.setAttribute("d", hatched);
        signs.replaceChildren();
        if (!picture.symbols.length || shared.areas.length > MOST_SIGNS) return;
        const nodes = shared.areas.map(({ index, middle }) => {
          const number = panel.classes[index];
          const side = number >= 0 ? picture.legend[number].side : 0;
          if (!side) return null;
          const sign = SIGNS[picture.symbols[side < 0 ? 0 : 1]];
          return element("path", { d: sign, class: "map-sign", transform: `translate(${middle.x.toFixed(1)} ${(middle.y + 24).toFixed(1)})` });
        });
        signs.append(...nodes.filter(Boolean));
      },
      /** Names with values for screen readers; later than the colours, because nobody sees them. */
      describe(first, end, text) {
        shared.areas.slice(first, end).forEach(({ index }, i) => shapes[first + i].setAttribute("aria-label", text(index)));
      },
    };
  }

  /** Panels for `titles`; null where no area has a shape. `on` has reach(index) and choose(index). */
  own.drawPanels = function (container, collection, codes, titles, on) {
    const shared = outline(collection, codes);
    if (!shared) return null;
    const lens = makeLens(shared.width, shared.height);
    const panels = titles.map((title, i) => makePanel(shared, lens, `map-panel-${i}`, title, on));
    const boxes = panels.map(({ svg }, i) => {
      const box = document.createElement("div");
      const heading = document.createElement("h2");
      heading.textContent = titles[i];
      heading.hidden = titles.length < 2;
      box.append(heading, svg);
      return box;
    });
    container.classList.toggle("map-pair", titles.length > 1);
    container.replaceChildren(...boxes);
    return { panels, lens, areas: shared.areas.length };
  };
})((window.povertyMap = window.povertyMap || {}));
