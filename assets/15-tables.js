// Writes the cells of tables that travel as JSON in `data-table` (dashboard/components/tables.py). Texts stay texts.
(function () {
  'use strict';
  const NARROW = 760; // pixels, as in 10-theme.css: in wider windows a table scrolls sideways instead

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function cell(content, [, isNumber, isFolded], isHeader) {
    const made = element(isHeader ? 'th' : 'td', isNumber ? 'number' : '');
    if (isFolded) { made.classList.add('is-folded'); }
    if (isHeader) { made.scope = 'row'; }
    if (typeof content === 'string') {
      made.textContent = content;
    } else if (content.href) {
      const link = element('a', '', content.text);
      link.href = content.href;
      Object.assign(link.dataset, content.data);
      made.append(link);
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
      row.forEach((text, i) => line.append(cell(text, content.columns[i], i === 0)));
      table.tBodies[0].append(line);
    }
    if (content.more) { table.dataset.more = content.more; }
    place.replaceChildren(table);
  }

  // ---- narrow windows: a table that does not fit shows each row as a block, each cell with its column's name ----

  const ROLES = [['table', 'table'], ['thead, tbody', 'rowgroup'], ['tr', 'row'], ['thead th', 'columnheader'],
    ['tbody th', 'rowheader'], ['td', 'cell']];

  // Blocks are no tables to a screen reader, so the roles are said; and every cell gets the name of its column.
  function prepare(table) {
    // a unit stands in an element of its own, without a space before it
    const parts = cell => [...cell.childNodes].map(part => part.textContent.trim()).filter(Boolean).join(', ');
    const titles = [...table.querySelectorAll('thead th')].map(parts);
    if (table.dataset.prepared === titles.join('|') && !table.querySelector('td:not([data-column])')) { return; }
    table.dataset.prepared = titles.join('|');
    table.setAttribute('role', 'table');
    for (const [selector, role] of ROLES.slice(1)) {
      table.querySelectorAll(selector).forEach(part => part.setAttribute('role', role));
    }
    for (const row of table.tBodies[0]?.rows || []) {
      [...row.cells].forEach((cell, i) => { cell.dataset.column = titles[i] || ''; });
      if (table.dataset.more) { addButton(row, table.dataset.more); }
    }
  }

  // A row with folded cells is the first ones and a button that opens the others.
  function addButton(row, more) {
    const shown = [...row.cells].filter(cell => !cell.classList.contains('is-folded'));
    const button = element('button', 'row-more', more);
    button.type = 'button';
    button.setAttribute('aria-expanded', 'false');
    button.setAttribute('aria-label', `${more}: ${shown.slice(0, 2).map(cell => cell.textContent).join(' ')}`);
    button.addEventListener('click', () => {
      button.setAttribute('aria-expanded', String(row.classList.toggle('is-open')));
    });
    shown[shown.length - 1].append(button);
  }

  function fit(place) {
    const table = place.querySelector(':scope > table.data-table');
    if (!table || place.classList.contains('keeps-columns')) { return; }
    table.classList.remove('is-stacked');
    if (window.innerWidth > NARROW) { return; } // before any question that makes the browser lay out the page
    if (place.clientWidth === 0 || place.scrollWidth <= place.clientWidth + 1) { return; }
    prepare(table);
    table.classList.add('is-stacked');
  }

  const watched = new WeakMap(); // place -> width at which it was fitted
  const widths = new ResizeObserver(entries => {
    for (const { target, contentRect } of entries) {
      const width = Math.round(contentRect.width);
      if (watched.get(target) !== width) { watched.set(target, width); fit(target); }
    }
  });

  function watch(place) {
    if (!watched.has(place)) { watched.set(place, -1); widths.observe(place); } else { fit(place); }
  }

  function writeWithin(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) { return; }
    if (node.dataset.table) { write(node); }
    node.querySelectorAll('[data-table]').forEach(write);
    if (node.matches('.table-scroll')) { watch(node); }
    node.querySelectorAll('.table-scroll').forEach(watch);
    const around = node.closest('.table-scroll');
    if (around && node.matches('table, tbody, tr')) { watch(around); }
  }

  new MutationObserver(function (changes) {
    for (const change of changes) {
      if (change.type === 'attributes') { write(change.target); } else { change.addedNodes.forEach(writeWithin); }
    }
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-table'] });
})();
