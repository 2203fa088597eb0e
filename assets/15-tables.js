// Writes the cells of tables that travel as JSON in `data-table` (dashboard/components/tables.py). Texts stay texts.
(function () {
  'use strict';

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function cell(content, isNumber, isHeader) {
    const made = element(isHeader ? 'th' : 'td', isNumber ? 'number' : '');
    if (isHeader) { made.scope = 'row'; }
    if (typeof content === 'string') {
      made.textContent = content;
    } else {
      made.append(element('span', 'assumption', content.word), ' ' + content.text);
    }
    return made;
  }

  function write(place) {
    const content = JSON.parse(place.dataset.table);
    const table = element('table', 'data-table');
    table.append(element('caption', '', content.caption));
    const head = element('tr');
    for (const [title, isNumber] of content.columns) {
      const made = element('th', isNumber ? 'number' : '', title);
      made.scope = 'col';
      head.append(made);
    }
    table.append(element('thead'), element('tbody'));
    table.tHead.append(head);
    for (const row of content.rows) {
      const line = element('tr');
      row.forEach((text, i) => line.append(cell(text, content.columns[i][1], i === 0)));
      table.tBodies[0].append(line);
    }
    place.replaceChildren(table);
  }

  function writeWithin(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) { return; }
    if (node.dataset.table) { write(node); }
    node.querySelectorAll('[data-table]').forEach(write);
  }

  new MutationObserver(function (changes) {
    for (const change of changes) {
      if (change.type === 'attributes') { write(change.target); } else { change.addedNodes.forEach(writeWithin); }
    }
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-table'] });
})();
