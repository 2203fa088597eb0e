// Links that change one choice of this page in place; without this script they open the page anew.
(function () {
  'use strict';

  document.addEventListener('click', function (event) {
    const link = event.target.closest && event.target.closest('a[data-choose]');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return; }
    const choice = document.getElementById(link.dataset.choose);
    if (!choice) { return; }
    event.preventDefault();
    window.dash_clientside.set_props(link.dataset.choose, { value: link.dataset.value });
    const target = document.getElementById(link.dataset.focus);
    if (target) { target.focus(); }
  });
})();
