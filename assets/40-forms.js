// Plain forms: file fields (which Dash has no component for) and the token that every post carries.
(function () {
  'use strict';

  function cookie(name) {
    const found = document.cookie.split('; ').find((part) => part.startsWith(name + '='));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : '';
  }

  function writeField(place) {
    if (place.firstChild) { return; }
    const wanted = JSON.parse(place.dataset.fileField);
    const label = document.createElement('label');
    label.className = 'form-label';
    label.htmlFor = wanted.id;
    label.textContent = wanted.label;
    const input = document.createElement('input');
    Object.assign(input, {
      type: 'file', id: wanted.id, name: wanted.name, multiple: wanted.multiple, required: wanted.required,
      accept: wanted.accept, className: 'form-control'
    });
    place.append(label, input);
    if (wanted.hint) {
      const hint = document.createElement('p');
      hint.className = 'hint';
      hint.id = wanted.id + '-hint';
      hint.textContent = wanted.hint;
      input.setAttribute('aria-describedby', hint.id);
      place.append(hint);
    }
  }

  function writeWithin(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) { return; }
    if (node.dataset.fileField) { writeField(node); }
    node.querySelectorAll('[data-file-field]').forEach(writeField);
  }

  new MutationObserver(function (changes) {
    for (const change of changes) { change.addedNodes.forEach(writeWithin); }
  }).observe(document.documentElement, { subtree: true, childList: true });

  document.addEventListener('submit', function (event) {
    const form = event.target;
    if (!form.classList.contains('plain-form')) { return; }
    let token = form.querySelector('input[name=csrf_token]');
    if (!token) {
      token = document.createElement('input');
      token.type = 'hidden';
      token.name = 'csrf_token';
      form.append(token);
    }
    token.value = cookie('_csrf_token');
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = 'yes';
    form.setAttribute('aria-busy', 'true');
  });

  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form.plain-form').forEach((form) => { delete form.dataset.sent; form.removeAttribute('aria-busy'); });
  });
})();
