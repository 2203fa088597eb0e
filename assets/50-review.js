// Review desk: keys that move through the grid and press the panel's buttons; the line in focus opens its panel.
(function () {
  'use strict';
  const GRID = 'review-grid';
  const WAIT = 120; // milliseconds that a line keeps the focus before its panel is fetched
  const none = () => window.dash_clientside.no_update;
  let timer = null;

  function api() {
    try { return window.dash_ag_grid.getApi(GRID); } catch (error) { return null; }
  }

  function rowInFocus(grid) {
    const cell = grid && grid.getFocusedCell();
    return cell ? cell.rowIndex : -1;
  }

  function open(id) {
    clearTimeout(timer);
    timer = setTimeout(function () {
      window.dash_clientside.set_props('review-open', { data: id });
      const query = new URLSearchParams(window.location.search);
      query.set('line', id.slice(id.indexOf('|') + 1));
      window.history.replaceState(window.history.state, '', window.location.pathname + '?' + query);
      document.querySelectorAll('a.language').forEach(link => { link.search = query.toString(); });
    }, WAIT);
  }

  function watch() {
    if (!window.dash_ag_grid) { return none(); }
    window.dash_ag_grid.getApiAsync(GRID).then(function (grid) {
      grid.addEventListener('cellFocused', function (event) {
        if (event.rowIndex === null || event.rowPinned) { return; }
        const row = grid.getDisplayedRowAtIndex(event.rowIndex);
        if (row && row.data) { open(row.data.id); }
      });
    });
    return none();
  }

  function move(grid, step) {
    const next = Math.max(0, rowInFocus(grid) + step);
    if (next >= grid.getDisplayedRowCount()) { return; }
    grid.ensureIndexVisible(next);
    grid.setFocusedCell(next, 'name');
  }

  function press(id) {
    const button = document.getElementById(id);
    if (button && !button.hidden) { button.click(); }
  }

  function unfoldAndFocus(selector) {
    const field = document.querySelector(selector);
    if (!field) { return; }
    const fold = field.closest('details');
    if (fold) { fold.open = true; }
    field.focus();
  }

  const keys = {
    j: grid => move(grid, 1),
    k: grid => move(grid, -1),
    x: function (grid) {
      const row = grid.getDisplayedRowAtIndex(rowInFocus(grid));
      if (row && row.data) { row.setSelected(!row.isSelected()); }
    },
    e: () => unfoldAndFocus('#review-form select'),
    r: () => press('review-review'),
    a: () => press('review-approve'),
    d: () => unfoldAndFocus('#review-reason'),
    '/': () => unfoldAndFocus('#review-text'),
    '?': function () {
      const help = document.getElementById('review-shortcuts');
      help.open = !help.open;
      if (help.open) { help.scrollIntoView({ block: 'nearest' }); }
    }
  };

  function isField(element) {
    return element.closest('select, textarea, [contenteditable], input:not([type=checkbox])') !== null;
  }

  function escape(grid) {
    const row = Math.max(0, rowInFocus(grid));
    grid.setFocusedCell(row, 'name');
  }

  document.addEventListener('keydown', function (event) {
    const grid = document.getElementById(GRID) ? api() : null;
    if (!grid || event.ctrlKey || event.metaKey || event.altKey) { return; }
    const place = event.target;
    if (event.key === 'Escape' && place.closest('.review-right')) { escape(grid); return; }
    const isHere = place === document.body || place.id === 'main' || place.closest('.review') !== null;
    const box = document.getElementById('review-keys-on');
    if (!isHere || isField(place) || !keys[event.key] || (box && !box.checked)) { return; }
    event.preventDefault();
    keys[event.key](grid);
  });

  function fetchAnew(clears) {
    const grid = api();
    if (grid && clears) { grid.deselectAll(); grid.purgeInfiniteCache(); }
    if (grid && !clears) { grid.refreshInfiniteCache(); }
    return none();
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    review: { watch: watch, renew: () => fetchAnew(true), refresh: () => fetchAnew(false) }
  });
})();
