// Paper shows what is folded away on the screen where it is part of the figures (`details.printed`).
(function () {
  'use strict';
  let unfolded = [];

  window.addEventListener('beforeprint', () => {
    const closed = [...document.querySelectorAll('details.printed:not([open])')];
    unfolded.push(...closed);
    closed.forEach(part => { part.open = true; });
  });
  window.addEventListener('afterprint', () => {
    unfolded.forEach(part => { part.open = false; });
    unfolded = [];
  });
})();
