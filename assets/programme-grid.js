// The grid of the programme workbench: a native table with a field a parameter (dashboard/pages/workbench.py).
// It only gathers what was typed, by programme and parameter; the server reads, checks and stores.
(function () {
  'use strict';

  const changes = {};

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function fieldId(code, path) { return 'grid-' + code + '-' + path.replace(/\./g, '-'); }

  function tell() {
    window.dash_clientside.set_props('workbench-grid-changes', { data: JSON.parse(JSON.stringify(changes)) });
  }

  function keep(row, path, input) {
    const value = input.value.trim();
    const isChanged = value !== row.cells[path];
    input.classList.toggle('changed', isChanged);
    input.removeAttribute('aria-invalid');
    const mine = changes[row.code] || { version: row.version, values: {} };
    if (isChanged) { mine.values[path] = value; } else { delete mine.values[path]; }
    if (Object.keys(mine.values).length) { changes[row.code] = mine; } else { delete changes[row.code]; }
    tell();
  }

  // Up, down and Enter move within the column, as people know it from spreadsheets; Tab moves on as everywhere.
  function move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, Enter: 1 }[event.key];
    if (!step) { return; }
    const cell = event.target.closest('td');
    const line = cell.parentElement;
    const next = step > 0 ? line.nextElementSibling : line.previousElementSibling;
    const field = next && next.cells[cell.cellIndex].querySelector('input');
    if (field) { field.focus(); field.select(); }
    event.preventDefault();
  }

  function fieldCell(row, column, words) {
    const cell = element('td', column.isText ? 'text' : 'number');
    const input = element('input', 'form-control');
    input.id = fieldId(row.code, column.path);
    input.type = 'text';
    input.autocomplete = 'off';
    if (!column.isText) { input.inputMode = 'decimal'; }
    input.value = row.cells[column.path];
    input.setAttribute('aria-label', words.label.replace('{column}', column.title).replace('{programme}', row.name));
    input.addEventListener('change', function () { keep(row, column.path, input); });
    input.addEventListener('keydown', move);
    cell.append(input);
    if (row.assumed.includes(column.path)) {
      const note = element('span', 'assumption', words.assumption);
      note.id = input.id + '-note';
      input.setAttribute('aria-describedby', note.id);
      cell.append(note);
    }
    return cell;
  }

  function headerCell(title, unit, isNumber) {
    const made = element('th', isNumber ? 'number' : '', title);
    made.scope = 'col';
    if (unit) { made.append(element('span', 'unit', unit)); }
    return made;
  }

  function head(content) {
    const line = element('tr');
    line.append(headerCell(content.words.programme, '', false), headerCell(content.words.money, '', true));
    content.columns.forEach(function (column) { line.append(headerCell(column.title, column.unit, !column.isText)); });
    line.append(headerCell(content.words.needs, '', true));
    return line;
  }

  function bodyLine(row, content) {
    const line = element('tr');
    const name = element('th');
    name.scope = 'row';
    const link = element('a', '', row.name);
    link.href = row.address;
    name.append(link);
    line.append(name, element('td', 'number', row.money));
    content.columns.forEach(function (column) { line.append(fieldCell(row, column, content.words)); });
    line.append(element('td', 'number', row.needs));
    return line;
  }

  function write(place) {
    const content = JSON.parse(place.dataset.programmeGrid);
    Object.keys(changes).forEach(function (code) { delete changes[code]; });
    const table = element('table', 'data-table programme-grid');
    table.append(element('caption', '', content.words.caption), element('thead'), element('tbody'));
    table.tHead.append(head(content));
    content.rows.forEach(function (row) { table.tBodies[0].append(bodyLine(row, content)); });
    place.replaceChildren(table);
  }

  // A file is read here and handed to the page's store; the server looks at it and stores nothing until asked to.
  const LARGEST_FILE = 5 * 1024 * 1024;

  function writeFileField(place) {
    const wanted = JSON.parse(place.dataset.readFile);
    const label = element('label', 'form-label', wanted.label);
    const input = element('input', 'form-control');
    input.type = 'file';
    input.accept = wanted.accept;
    input.id = wanted.store + '-input';
    label.htmlFor = input.id;
    input.addEventListener('change', function () {
      const file = input.files[0];
      if (!file) { return; }
      if (file.size > LARGEST_FILE) { window.dash_clientside.set_props(wanted.store, { data: { name: file.name, content: '' } }); return; }
      const reader = new FileReader();
      reader.onload = function () {
        const content = reader.result.slice(reader.result.indexOf(',') + 1);
        window.dash_clientside.set_props(wanted.store, { data: { name: file.name, content: content } });
      };
      reader.readAsDataURL(file);
    });
    place.replaceChildren(label, input);
  }

  function writeWithin(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) { return; }
    if (node.dataset.programmeGrid) { write(node); }
    node.querySelectorAll('[data-programme-grid]').forEach(write);
    if (node.dataset.readFile) { writeFileField(node); }
    node.querySelectorAll('[data-read-file]').forEach(writeFileField);
  }

  // Fields with a problem are marked; the list of problems, which is read aloud, links to them.
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    programmeGrid: {
      mark: function (ids) {
        document.querySelectorAll('[aria-invalid="true"]').forEach(function (field) { field.removeAttribute('aria-invalid'); });
        (ids || []).forEach(function (id) {
          const field = document.getElementById(id);
          if (field) { field.setAttribute('aria-invalid', 'true'); }
        });
        return window.dash_clientside.no_update;
      },
    },
  });

  new MutationObserver(function (found) {
    for (const change of found) {
      if (change.type === 'attributes') { write(change.target); } else { change.addedNodes.forEach(writeWithin); }
    }
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-programme-grid'] });
})();
