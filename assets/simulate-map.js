/* The map panel of the Simulate page: which colours, which legend, what an area says. */
(function (own) {
  "use strict";

  /** The map of people still uncovered, for the need and group chosen. */
  own.paintMap = function (page) {
    if (!page.map) return;
    const { view } = page;
    const { need, group } = page.mapChoice;
    const { today, scenario } = own.uncovered(page);
    const key = `${need} ${group}`;
    if (page.mapShown !== key) {
      page.mapShown = key;
      page.breaks = own.classBreaks(Math.max(...today.filter(Number.isFinite), 0));
      paintLegend(page, today);
    }
    const describe = (a) => Number.isNaN(scenario[a])
      ? own.fill(view.texts.area_nobody, { area: view.areas[a].name })
      : own.fill(view.texts.area_uncovered, {
          area: view.areas[a].name, now: view.formats.number(scenario[a]), before: view.formats.number(today[a]),
          change: view.formats.signed(own.toWhole(scenario[a]) - own.toWhole(today[a])),
        });
    page.map.paint(scenario, page.breaks, describe);
    page.describeArea = describe;
    if (page.reached !== undefined) own.put("simulate-map-reading", describe(page.reached));
  };

  /** People uncovered by area, today and in the scenario, for the need and group chosen for the map. */
  own.uncovered = function (page) {
    const { model, mapChoice: { need, group } } = page;
    return {
      today: own.uncoveredByArea(model, model.coverageBaseline, need, group),
      scenario: own.uncoveredByArea(model, model.coverage, need, group),
    };
  };

  function paintLegend(page, today) {
    const { formats, texts } = page.view;
    const entries = page.breaks.map((bound, i) => {
      const low = i ? page.breaks[i - 1] + 1 : 0;
      const isLast = i === page.breaks.length - 1;
      return own.make("li", {}, own.make("span", { class: `swatch area-class-${i}` }),
        isLast ? own.fill(texts.at_least, { low: formats.number(low) }) : `${formats.number(low)}–${formats.number(bound)}`);
    });
    if (today.some(Number.isNaN)) entries.push(own.make("li", {}, own.make("span", { class: "swatch swatch-none" }), texts.nobody));
    document.getElementById("simulate-map-legend").replaceChildren(...entries);
  }
})((window.simulation = window.simulation || {}));
