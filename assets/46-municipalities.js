// Links that change one choice of this page in place (without this script they open the page anew), and whether the
// server is asked about one municipality.
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  municipalities: {
    // What is told of the open municipality depends on; nothing changes while none is open.
    oneAsked: function (municipality, by, prices, scheme, before) {
      const asked = municipality ? [municipality, by, prices, scheme].join(' ') : '';
      return asked === before ? window.dash_clientside.no_update : asked;
    }
  }
});

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
