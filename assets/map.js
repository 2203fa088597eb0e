/* A map without tiles: GeoJSON areas as inline SVG, coloured by class. Areas are reached with the arrow keys. */
(function (own) {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 1000;
  const CLASSES = 5;
  const LARGEST_LABELLED = 30; // areas; more labels than that would hide the picture

  const polygonsOf = (geometry) =>
    !geometry ? [] : geometry.type === "Polygon" ? [geometry.coordinates]
      : geometry.type === "MultiPolygon" ? geometry.coordinates : [];

  /** Equirectangular projection around the middle latitude: true enough at the size of a municipality. */
  function projection(features) {
    const box = { west: Infinity, east: -Infinity, south: Infinity, north: -Infinity };
    for (const feature of features) {
      for (const ring of polygonsOf(feature.geometry).flat()) {
        for (const [x, y] of ring) {
          box.west = Math.min(box.west, x); box.east = Math.max(box.east, x);
          box.south = Math.min(box.south, y); box.north = Math.max(box.north, y);
        }
      }
    }
    const squeeze = Math.cos((((box.south + box.north) / 2) * Math.PI) / 180);
    const scale = WIDTH / ((box.east - box.west) * squeeze);
    return {
      height: (box.north - box.south) * scale,
      point: ([x, y]) => [(x - box.west) * squeeze * scale, (box.north - y) * scale],
    };
  }

  /** The `d` of a path; points that fall together are written once, which keeps detailed borders light. */
  function pathOf(geometry, point) {
    let path = "";
    for (const ring of polygonsOf(geometry).flat()) {
      let last = "", count = 0;
      for (const place of ring) {
        const [x, y] = point(place);
        const text = Math.round(x * 10) / 10 + " " + Math.round(y * 10) / 10;
        if (text === last) continue;
        path += (count++ ? "L" : "M") + text;
        last = text;
      }
      path += "Z";
    }
    return path;
  }

  /** Middle of the largest ring, by its area centroid. */
  function middleOf(geometry, point) {
    let best = { area: 0, x: 0, y: 0 };
    for (const [outer] of polygonsOf(geometry)) {
      const ring = outer.map(point);
      let area = 0, x = 0, y = 0;
      for (let i = 0; i + 1 < ring.length; i++) {
        const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
        area += cross; x += (ring[i][0] + ring[i + 1][0]) * cross; y += (ring[i][1] + ring[i + 1][1]) * cross;
      }
      if (Math.abs(area) > Math.abs(best.area)) best = { area, x: x / (3 * area), y: y / (3 * area) };
    }
    return best;
  }

  /** Upper bounds of equal classes from 0 that take in `largest`, at round numbers. */
  own.classBreaks = function (largest) {
    const raw = Math.max(largest, CLASSES) / CLASSES;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((s) => s >= raw * (1 - 1e-9));
    return Array.from({ length: CLASSES }, (_, i) => Math.ceil(step * (i + 1)));
  };

  own.classOf = (value, breaks) => {
    const found = breaks.findIndex((bound) => value <= bound);
    return found < 0 ? breaks.length - 1 : found;
  };

  function element(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent?.append(made);
    return made;
  }

  /** Arrow keys, Home and End move between the areas; the map is one stop of the tab key. */
  function moveWithKeys(shapes, event) {
    const here = shapes.indexOf(event.target);
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -here, End: shapes.length - 1 - here };
    if (here < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = shapes[(here + steps[event.key] + shapes.length) % shapes.length];
    shapes.forEach((shape) => shape.setAttribute("tabindex", shape === next ? "0" : "-1"));
    next.focus();
  }

  /** For the Map page, which draws with the same projection. */
  own.mapParts = { WIDTH, polygonsOf, projection, pathOf, middleOf, element };

  /**
   * Draw the areas once. `areas` is a list of {code, name}; `texts` has label and nobody.
   * Returns {paint(values, breaks, describe)}, or null where no area has a geometry.
   */
  own.drawMap = function (container, collection, areas, label, onReach) {
    const byCode = new Map(collection.features.map((feature) => [feature.properties.code, feature]));
    const drawn = areas.map((area, index) => ({ area, index, feature: byCode.get(area.code) }))
      .filter(({ feature }) => feature && polygonsOf(feature.geometry).length);
    if (!drawn.length) return null;
    const { height, point } = projection(drawn.map(({ feature }) => feature));
    const svg = element("svg", {
      viewBox: `-8 -8 ${WIDTH + 16} ${Math.ceil(height) + 16}`, class: "area-map", role: "group", "aria-label": label,
    });
    const pattern = element("pattern", { id: "area-hatch", width: 14, height: 14, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, element("defs", {}, svg));
    element("line", { x1: 0, y1: 0, x2: 0, y2: 14, class: "area-hatch-line" }, pattern);
    const shapes = drawn.map(({ feature }, i) => element("path", {
      d: pathOf(feature.geometry, point), class: "area", role: "img", tabindex: i ? "-1" : "0",
    }, svg));
    if (drawn.length <= LARGEST_LABELLED) {
      drawn.forEach(({ area, feature }) => {
        const { x, y } = middleOf(feature.geometry, point);
        element("text", { x: x.toFixed(1), y: y.toFixed(1), class: "area-label", "aria-hidden": "true" }, svg).textContent = area.short;
      });
    }
    svg.addEventListener("keydown", (event) => moveWithKeys(shapes, event));
    const reach = (event) => {
      const at = shapes.indexOf(event.target);
      if (at >= 0) onReach(drawn[at].index);
    };
    svg.addEventListener("focusin", reach);
    svg.addEventListener("pointerover", reach);
    svg.addEventListener("click", reach);
    container.replaceChildren(svg);
    return {
      isComplete: drawn.length === areas.length,
      paint(values, breaks, describe) {
        drawn.forEach(({ index }, i) => {
          const value = values[index];
          const name = Number.isNaN(value) ? "area area-none" : `area area-class-${own.classOf(value, breaks)}`;
          if (shapes[i].getAttribute("class") !== name) shapes[i].setAttribute("class", name);
          shapes[i].setAttribute("aria-label", describe(index));
        });
      },
    };
  };
})((window.simulation = window.simulation || {}));
