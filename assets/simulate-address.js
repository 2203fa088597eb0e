/* What is being tried, as an address: `?model=<beginning of its hash>&t=<programme>-<cents>.…`, programmes by their
   place in the model and amounts in cents, both to the base 36 (dashboard/views/simulate_address.py reads it). Where a
   saved scenario is open it is `?scenario=<number>`, with `&t=` for what was moved since. */
(function (own) {
  "use strict";
  const BASE = 36;

  /** Amounts that differ from the start's, as exact texts by programme. */
  own.changes = function (page) {
    const found = {};
    page.view.programmes.forEach((programme, p) => {
      if (!own.isAtStart(page, p)) found[programme.code] = page.amounts[p].toFixed(2);
    });
    return found;
  };

  function compact(page) {
    return page.view.programmes.flatMap((_programme, p) => own.isAtStart(page, p) ? []
      : [`${p.toString(BASE)}-${Math.round(page.amounts[p] * 100).toString(BASE)}`]).join(".");
  }

  /** The query of what is being tried; empty at today's budget, null where it is longer than an address may be. */
  own.queryOf = function (page) {
    const { view } = page;
    const changed = compact(page);
    if (!changed && view.is_current && !view.stored) return "";
    const base = view.stored ? `scenario=${view.stored.scenario}` : `model=${view.model.slice(0, view.short_hash)}`;
    const query = `?${base}${changed ? `&t=${changed}` : ""}`;
    return query.length <= view.longest_query ? query : null;
  };

  /** Address bar, field to copy, downloads and language switch lead to what is being tried; where that cannot be said
      in an address they do not pretend to, and a sentence says what to do. */
  own.followAddress = function (page, query) {
    const fits = query !== null;
    window.history.replaceState(window.history.state, "", window.location.pathname + (fits ? query : ""));
    const field = document.getElementById("simulate-share-address");
    field.value = fits ? window.location.href : "";
    document.getElementById("simulate-share").disabled = !fits;
    own.put("simulate-shared", fits ? "" : page.view.texts.too_long);
    for (const kind of ["csv", "xlsx"]) followDownload(page, document.getElementById(`simulate-download-${kind}`), query);
    for (const link of document.querySelectorAll("a[hreflang]")) link.href = link.href.split("?")[0] + window.location.search;
  };

  function followDownload(page, link, query) {
    const fits = query !== null;
    page.downloads = page.downloads || new Map();
    if (!page.downloads.has(link)) page.downloads.set(link, link.href.split("?")[0]);
    if (fits) link.href = page.downloads.get(link) + (query || `?model=${page.view.model.slice(0, page.view.short_hash)}`);
    else link.removeAttribute("href");
    link.classList.toggle("disabled", !fits);
  }
})((window.simulation = window.simulation || {}));
