// Links that take along what the address of this page says at the moment they are followed (amounts that are tried).
(function () {
  'use strict';

  document.addEventListener('click', function (event) {
    const link = event.target.closest && event.target.closest('a[data-follow-query]');
    if (link) { link.href = link.href.split('?')[0] + window.location.search; }
  }, true);
})();
