// Writes small charts and bars of classes that travel as JSON (dashboard/components/small_charts.py). Texts stay texts.
(function () {
  'use strict';

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function link(content) {
    const made = element('a', '', content.text);
    made.href = content.href;
    Object.assign(made.dataset, content.data);
    return made;
  }

  function drawn(name, attributes) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) { made.setAttribute(key, value); }
    return made;
  }

  // As figures/small_multiple_svg.py: a dot a known year, a line between known years that follow each other. Drawn into
  // the page: an image of its own for each would cost the browser a document each.
  function picture(places, style) {
    const { width, height, margin, ink } = style;
    const made = drawn('svg', { viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
    for (const [y, stroke] of [[height - margin, style.ground], [margin, style.top]]) {
      made.append(drawn('line', { x1: 0, x2: width, y1: y, y2: y, stroke }));
    }
    places.forEach((at, i) => {
      const before = at && places[i - 1];
      if (before) {
        const [x1, y1] = before, [x2, y2] = at;
        made.append(drawn('line', { x1, y1, x2, y2, stroke: ink, 'stroke-width': 2 }));
      }
    });
    for (const at of places) {
      if (at) { made.append(drawn('circle', { cx: at[0], cy: at[1], r: 2.8, fill: ink })); }
    }
    return made;
  }

  function smallChart(content, style) {
    const item = element('li');
    item.append(link(content.link), element('span', 'hint', content.told), picture(content.places, style));
    return item;
  }

  function bar(content) {
    const made = element('div', content.marked ? 'class-bar is-marked' : 'class-bar');
    const track = element('span', 'class-track');
    track.append(element('span'));
    track.firstChild.style.width = content.percent + '%';
    made.append(element('span', 'class-label', content.label), track, element('span', 'class-count', content.told));
    return made;
  }

  function write(place) {
    if (place.dataset.smallCharts) {
      const list = element('ul', 'small-charts');
      const { charts, style } = JSON.parse(place.dataset.smallCharts);
      list.append(...charts.map(content => smallChart(content, style)));
      place.replaceChildren(list);
    } else if (place.dataset.classBars) {
      place.replaceChildren(...JSON.parse(place.dataset.classBars).map(bar));
    }
  }

  const PLACES = '[data-small-charts], [data-class-bars]';
  new MutationObserver(function (changes) {
    for (const change of changes) {
      if (change.type === 'attributes') { write(change.target); continue; }
      for (const node of change.addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) { continue; }
        if (node.matches(PLACES)) { write(node); }
        node.querySelectorAll(PLACES).forEach(write);
      }
    }
  }).observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: ['data-small-charts', 'data-class-bars']
  });
})();
