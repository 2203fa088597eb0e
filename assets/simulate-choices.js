/* Choices of the Simulate page: which needs are drawn, in which order, and what the map shows. */
(function (own) {
  "use strict";
  const LARGEST = 12; // needs shown at first
  const byId = (id) => document.getElementById(id);

  const sumOver = (values, need, groups) => [...Array(groups).keys()].reduce((sum, g) => sum + values[need * groups + g], 0);

  /** Needs from the most people uncovered today to the fewest, or by today's gap, or by name. Stable while moving. */
  own.sortedNeeds = function (page, order) {
    const groups = page.view.groups.length;
    const { needGroup, gapPpBaseline } = page.totals;
    const lacking = (n) => sumOver(needGroup.universe, n, groups) - sumOver(needGroup.coveredBaseline, n, groups);
    const gap = (n) => (Number.isFinite(gapPpBaseline[n]) ? gapPpBaseline[n] : Infinity);
    const keys = {
      uncovered: (first, second) => lacking(second) - lacking(first),
      gap: (first, second) => gap(first) - gap(second),
      name: (first, second) => page.view.needs[first].covered.localeCompare(page.view.needs[second].covered, page.view.format.locale),
    };
    return [...page.view.needs.keys()].sort((first, second) => keys[order](first, second) || first - second);
  };

  function changedNeeds(page) {
    const changed = [...page.amounts.keys()].filter((p) => own.isChanged(page, p));
    return new Set(changed.flatMap((p) => page.view.programmes[p].needs));
  }

  /** Which needs are drawn, and in which order: those that changed programmes serve come first among the largest, so
      that what moves is in sight. The order changes only when another programme joins, never in the course of a move. */
  own.chooseNeeds = function (page) {
    const choice = byId("simulate-needs-choice").value;
    const sorted = own.sortedNeeds(page, byId("simulate-needs-order").value);
    const changed = changedNeeds(page);
    const largest = new Set(own.sortedNeeds(page, "uncovered").slice(0, LARGEST));
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
  };

  function fillSelect(id, options, value) {
    const select = byId(id);
    if (!select) return;
    select.replaceChildren(...options.map((option) => option.options
      ? own.make("optgroup", { label: option.label }, ...option.options.map(optionOf)) : optionOf(option)));
    select.value = value;
  }

  const optionOf = ({ value, label }) => own.make("option", { value }, label);

  own.fillChoices = function (page) {
    const { view } = page;
    const dimensions = view.dimensions.map(({ code, name }) => ({ value: `dimension:${code}`, label: name }));
    fillSelect("simulate-needs-choice", [
      { value: "largest", label: own.fill(view.texts.largest, { number: Math.min(LARGEST, view.needs.length) }) },
      { value: "changed", label: view.texts.changed_needs }, { value: "all", label: view.texts.all_needs },
      ...(dimensions.length ? [{ label: view.texts.dimension, options: dimensions }] : []),
    ], "largest");
    fillSelect("simulate-needs-order", ["uncovered", "gap", "name"].map((value) => ({ value, label: view.texts[`order_${value}`] })), "uncovered");
    const needs = own.sortedNeeds(page, "uncovered");
    fillSelect("simulate-map-need", needs.map((n) => ({ value: n, label: view.needs[n].name })), needs[0]);
    const groups = view.groups.map((group, g) => ({ value: g, label: group.name }));
    fillSelect("simulate-map-group", [...groups, { value: -1, label: view.texts.everybody }], 0);
    page.mapChoice = { need: needs[0], group: 0 };
  };
})((window.simulation = window.simulation || {}));
