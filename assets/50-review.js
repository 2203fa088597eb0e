// Review desk: keys that move through the grid and press the panel's buttons; the line in focus opens its panel.
(function () {
  'use strict';
  const GRID = 'review-grid';
  const WAIT = 120; // milliseconds that a line keeps the focus before its panel is fetched
  const none = () => window.dash_clientside.no_update;
  const CHOICES = ['year', 'show', 'marker', 'text', 'by', 'part'];  // as review_bulk.CHOICES
  const FIELDS = CHOICES.map(name => 'review-' + name);
  const WAIT_TO_PASS = 400;
  let timer = null;
  let telling = null;
  let chosen = null;  // values of the choices that the rows in the grid fit
  let ahead = null;  // the first rows for new choices, asked for before the grid does

  function api() {
    try { return window.dash_ag_grid.getApi(GRID); } catch (error) { return null; }
  }

  function rowInFocus(grid) {
    const cell = grid && grid.getFocusedCell();
    return cell ? cell.rowIndex : -1;
  }

  // Beside the panel columns are narrower, so that the amounts of all six stages stay in sight; alone as in review_grid.
  const WIDTHS = {
    alone: { 'ag-Grid-SelectionColumn': 84, name: 440, state: 164, marker: 106, women: 110, pim: 138, certified: 138, accrued: 138 },
    beside: { 'ag-Grid-SelectionColumn': 62, name: 212, state: 104, marker: 86, women: 92, pim: 120, certified: 120, accrued: 120 }
  };
  const AMOUNTS = ['pim', 'certified', 'accrued'];
  const FITTING = 13;  // characters of an amount that those widths show whole
  const CHARACTER = 9;  // pixels of a further one
  let longest = FITTING;  // characters of the longest amount among the lines seen so far
  let isShut = false;  // somebody hid the panel: lines that are gone through do not bring it back

  function isPanelShown() {
    const desk = document.getElementById('review-desk');
    return desk !== null && desk.classList.contains('has-panel');
  }

  function showPanel(isShown) {
    const desk = document.getElementById('review-desk');
    const button = document.getElementById('review-panel-switch');
    if (!desk || isPanelShown() === isShown) { return; }
    desk.classList.toggle('has-panel', isShown);
    button.setAttribute('aria-expanded', String(isShown));
    button.textContent = isShown ? button.dataset.hide : button.dataset.show;
    fitColumns(api());
  }

  function fitColumns(grid) {
    if (!grid) { return; }
    const widths = isPanelShown() ? WIDTHS.beside : WIDTHS.alone;
    const wider = (longest - FITTING) * CHARACTER;
    const width = key => widths[key] + (AMOUNTS.includes(key) ? wider : 0);
    grid.setColumnWidths(Object.keys(widths).map(key => ({ key, newWidth: width(key) })));
  }

  // No amount is cut: columns of amounts grow where a line has a longer one.
  function makeRoom(rows) {
    const amounts = rows.flatMap(row => AMOUNTS.flatMap(name => row[name].split('\n')));
    const found = Math.max(longest, ...amounts.map(amount => amount.length));
    if (found > longest) { longest = found; fitColumns(api()); }
  }

  function switchPanel() {
    isShut = isPanelShown();
    showPanel(!isShut);
    const grid = api();
    const row = grid && grid.getDisplayedRowAtIndex(rowInFocus(grid));
    if (!isShut && row && row.data) { open(row.data.id); }
  }

  document.addEventListener('click', function (event) {
    if (event.target.id === 'review-panel-switch') { switchPanel(); }
  });

  function open(id) {
    clearTimeout(timer);
    if (isShut) { return; }
    showPanel(true);
    timer = setTimeout(function () {
      window.dash_clientside.set_props('review-open', { data: id });
      const query = new URLSearchParams(window.location.search);
      query.set('line', id.slice(id.indexOf('|') + 1));
      window.history.replaceState(window.history.state, '', window.location.pathname + '?' + query);
      document.querySelectorAll('a.language').forEach(link => { link.search = query.toString(); });
    }, WAIT);
  }

  function addressOf(asked, chosen) {
    const query = new URLSearchParams();
    CHOICES.forEach((name, place) => { if (chosen[place]) { query.set(name, chosen[place]); } });
    query.set('sort', asked.sortModel.map(one => one.colId + '-' + one.sort).join('.'));
    query.set('first', asked.startRow);
    query.set('after', asked.endRow);
    return document.getElementById('review-grid-place').dataset.rows + '?' + query;
  }

  function toLogIn() {
    const here = window.location.pathname + window.location.search;
    window.location.assign('/' + document.documentElement.lang + '/login?next=' + encodeURIComponent(here));
  }

  function ask(address) {
    return fetch(address, { credentials: 'same-origin' });
  }

  function askAhead(grid, wanted) {
    const sorted = grid.getColumnState().filter(one => one.sort).sort((one, other) => one.sortIndex - other.sortIndex);
    const first = { sortModel: sorted, startRow: 0, endRow: grid.getGridOption('cacheBlockSize') };
    const address = addressOf(first, wanted);
    ahead = { address: address, response: ask(address) };
    ahead.response.catch(() => {});  // told where the rows are awaited
  }

  // Whether `ahead` is the answer to this address; it answers once.
  function takeAhead(address) {
    const found = ahead && ahead.address === address ? ahead.response : null;
    ahead = null;
    return found;
  }

  // The sentence stands there at once; the page, which takes its time to pass things on, hears of it afterwards.
  function tell(summary) {
    const place = document.getElementById('review-summary');
    if (place && place.textContent !== summary) { place.textContent = summary; }
    clearTimeout(telling);
    const pass = () => window.dash_clientside.set_props('review-summary', { children: summary });
    telling = setTimeout(pass, narrow.matches ? 0 : WAIT_TO_PASS);
  }

  async function getRows(asked) {
    const address = addressOf(asked, chosen);
    try {
      const response = await (takeAhead(address) || ask(address));
      if (response.redirected) { toLogIn(); return; }  // the session has ended
      if (!response.ok) { throw new Error(String(response.status)); }
      const answer = await response.json();
      makeRoom(answer.rows);
      asked.successCallback(answer.rows, answer.count);
      if (answer.summary && address === addressOf(asked, chosen)) { tell(answer.summary); }  // else chosen otherwise
      passOnWhenDrawn();
    } catch (error) {
      const place = document.getElementById('review-grid-place');
      if (!place) { return; }  // another page is shown by now
      asked.failCallback();
      window.dash_clientside.set_props('review-message', { children: place.dataset.lost });
    }
  }

  function valuesNow() {
    return FIELDS.map(id => (document.getElementById(id) || { value: '' }).value || '');
  }

  // The first question of a new grid comes through the page. From then on the grid asks here, without that way around.
  function giveRows(asked) {
    const grid = api();
    if (!asked || !asked.successCallback || !grid) { return none(); }
    chosen = valuesNow();
    grid.setGridOption('datasource', { getRows: getRows });
    return none();
  }

  function watch() {
    if (!window.dash_ag_grid) { return none(); }
    isShut = false;
    longest = FITTING;
    window.dash_ag_grid.getApiAsync(GRID).then(function (grid) {
      fitColumns(grid);
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
    p: switchPanel,
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

  // What the grid asks when Tab is pressed in a cell: false leaves the key to the browser.
  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, { leaveReviewGrid: () => false });

  const TAG_COLUMNS = ['state', 'marker', 'women', 'author'];

  // Whether a step on a tag can move its line to another place of the list, or out of it.
  function dependsOnTags(grid) {
    const value = id => (document.getElementById(id) || { value: '' }).value;
    const isSorted = grid.getColumnState().some(one => one.sort && TAG_COLUMNS.includes(one.colId));
    return isSorted || value('review-show') !== 'all' || value('review-marker') !== '-';
  }

  function showRow(grid, row) {
    const shown = row && grid.getRowNode(row.id);
    if (!shown) { return; }
    shown.setData(row);
    if (shown.isSelected()) {  // a bulk step names the version that is ticked
      shown.setSelected(false);
      shown.setSelected(true);
    }
  }

  function renewRows(grid, values) {
    chosen = values;
    grid.deselectAll();
    grid.purgeInfiniteCache();
  }

  // New rows for other choices, where the browser did not tell of them before.
  function renew(...values) {
    const wanted = values.map(value => value || '');
    const grid = api();
    if (grid && !(chosen && wanted.every((value, place) => value === chosen[place]))) { renewRows(grid, wanted); }
    return none();
  }

  // The rows of a choice come first: the page, which takes longer over passing it on, hears of it when they stand there,
  // and at the latest before anything else is pressed or typed.
  const held = new Set();  // fields whose choice the page has not heard of
  const LATEST = 600;
  let isPassing = false;
  let releasing = null;

  function passOn() {
    clearTimeout(releasing);
    const fields = [...held];
    held.clear();
    isPassing = true;
    fields.forEach(field => field.dispatchEvent(new Event('change', { bubbles: true })));
    isPassing = false;
  }

  function passOnWhenDrawn() {
    if (held.size) { requestAnimationFrame(() => setTimeout(passOn)); }
  }

  document.addEventListener('change', function (event) {
    const grid = !isPassing && FIELDS.includes(event.target.id) ? api() : null;
    if (!grid || !chosen) { return; }
    const wanted = valuesNow();
    if (event.target.tagName === 'SELECT' && !narrow.matches) {
      event.stopPropagation();  // the page listens further down
      held.add(event.target);
      clearTimeout(releasing);
      releasing = setTimeout(passOn, LATEST);
    }
    askAhead(grid, wanted);
    renewRows(grid, wanted);
  }, true);

  ['pointerdown', 'click', 'keydown', 'submit'].forEach(function (name) {
    document.addEventListener(name, () => { if (held.size) { passOn(); } }, true);
  });

  function refresh(done) {
    const grid = api();
    if (!grid || !done) { return none(); }
    showRow(grid, done.row);
    if (!done.row || dependsOnTags(grid)) { grid.refreshInfiniteCache(); }
    return none();
  }

  // A step in the panel tells its row at once, before the page has passed everything else on: `51-review-steps.js`.
  document.addEventListener('review-stored', function (event) {
    const grid = api();
    if (grid) { showRow(grid, event.detail.row); }
  });

  // The list stands where the grid does not fit; 760 px as in 50-review.css.
  const narrow = window.matchMedia('(max-width: 760px)');
  let isListOld = false;

  // The grid's first rows bring the sentence of counts. The rest is asked for after a step, for sums, and for the list.
  function wantOverview() {
    const isStep = window.dash_clientside.callback_context.triggered.some(one => one.prop_id.startsWith('review-done'));
    const isSummed = document.getElementById('review-by').value !== '-';
    const isShown = document.getElementById('review-groups').hasChildNodes();  // sums that have to go
    return isStep || isSummed || isShown || narrow.matches ? Date.now() : none();
  }

  function wantList() {
    isListOld = !narrow.matches;
    return narrow.matches ? Date.now() : none();
  }

  narrow.addEventListener('change', function () {
    if (!narrow.matches || !isListOld || !document.getElementById('review-list')) { return; }
    isListOld = false;
    window.dash_clientside.set_props('review-list-wanted', { data: Date.now() });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    review: { watch: watch, giveRows: giveRows, renew: renew, refresh: refresh, wantOverview: wantOverview, wantList: wantList }
  });
})();
