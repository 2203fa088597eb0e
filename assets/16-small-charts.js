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

  function smallChart(content) {
    const item = element('li');
    const picture = element('img');
    picture.src = content.picture;
    picture.alt = '';
    item.append(link(content.link), element('span', 'hint', content.told), picture);
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
      list.append(...JSON.parse(place.dataset.smallCharts).map(smallChart));
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
