/* What is left of the envelope while marks are set. Without this script the next page tells the same. */
(function () {
  "use strict";
  const form = document.getElementById("ballot");
  const shown = document.getElementById("total");
  const budget = Number(form.dataset.budget);
  const write = new Intl.NumberFormat(document.documentElement.lang === "es" ? "es-PE" : "en", { minimumFractionDigits: 0, maximumFractionDigits: 2 });

  function add() {
    const marked = form.querySelectorAll("input[name=c]:checked");
    const left = budget - Array.from(marked).reduce((sum, one) => sum + Number(one.dataset.cost), 0);
    const words = left < 0 ? shown.dataset.over : shown.dataset.left;
    shown.textContent = words.replace("#", write.format(Math.abs(left) / 100));
  }

  form.addEventListener("change", add);
  add();
})();
