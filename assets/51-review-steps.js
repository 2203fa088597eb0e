// Review desk: a button of the panel sends what the panel holds; its answer is shown in the grid, the message, the panel.
(function () {
  'use strict';
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  let isSending = false;
  let undrawn = null;  // what the answer changes beside the message, not drawn yet

  function cookie(name) {
    const found = document.cookie.split('; ').find(part => part.startsWith(name + '='));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : '';
  }

  function valueOf(place) {
    if (place.type === 'checkbox') { return place.checked; }
    if ('value' in place) { return place.value; }
    return [...place.querySelectorAll('input:checked')].map(box => box.value);
  }

  // Fields of the form by their path; the id of a field is an object, written as Dash writes it.
  function fieldsOf(panel, type) {
    const found = {};
    panel.querySelectorAll('[id^="{"]').forEach(function (place) {
      const id = JSON.parse(place.id);
      if (id.type === type) { found[id.path] = valueOf(place); }
    });
    return found;
  }

  function textOf(id) {
    const place = document.getElementById(id);
    return place ? place.value : '';
  }

  function bodyOf(button, panel) {
    const shown = panel.querySelector('[data-version]').dataset;
    const sent = {
      step: button.dataset.reviewStep,
      key: shown.line,
      based_on: button.dataset.onVersion || shown.version,
      reason: textOf('review-reason'),
      version: textOf('review-version'),
      values: fieldsOf(panel, 'review-field'),
      points: fieldsOf(panel, 'review-item')
    };
    return new URLSearchParams({ csrf_token: cookie('_csrf_token'), sent: JSON.stringify(sent) });
  }

  function toLogIn() {
    const here = window.location.pathname + window.location.search;
    window.location.assign('/' + document.documentElement.lang + '/login?next=' + encodeURIComponent(here));
  }

  // What is not needed to see that the step was stored.
  function drawRest() {
    const rest = undrawn;
    undrawn = null;
    if (!rest || !document.getElementById('review-panel')) { return; }
    if (rest.panel) { set('review-panel', { children: rest.panel }); }
    if (rest.head) {
      set('review-head', { children: rest.head });
      set('review-form-title', { children: rest.title });
      if (rest.folds) { document.getElementById('review-form').open = false; }
    }
    set('review-done', { data: rest.done });
  }

  function show(answer) {
    if (answer.done) { document.dispatchEvent(new CustomEvent('review-stored', { detail: answer.done })); }
    set('review-message', { children: answer.message });
    if (!answer.done) { return; }  // refused: everything stays as it is
    undrawn = answer;
    requestAnimationFrame(() => setTimeout(drawRest));
  }

  async function send(button, panel) {
    const options = { method: 'POST', body: bodyOf(button, panel), credentials: 'same-origin' };
    isSending = true;
    button.setAttribute('aria-busy', 'true');
    try {
      const response = await fetch(panel.dataset.steps, options);
      if (response.redirected || response.status === 401) { toLogIn(); return; }  // the session has ended
      if (!response.ok) { throw new Error(String(response.status)); }
      show(await response.json());
    } catch (error) {
      set('review-message', { children: panel.dataset.lost });
    } finally {
      isSending = false;
      button.removeAttribute('aria-busy');
    }
  }

  document.addEventListener('click', function (event) {
    const button = event.target.closest ? event.target.closest('[data-review-step]') : null;
    const panel = button && document.getElementById('review-panel');
    if (panel && !isSending) { send(button, panel); }
  });

  ['pointerdown', 'keydown'].forEach(name => document.addEventListener(name, drawRest, true));
})();
