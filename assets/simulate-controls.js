/* The programmes: a slider and a number field each, in groups. Reports moves and releases; decides nothing else. */
(function (own) {
  "use strict";
  const STEPS = 200; // positions of a slider, about

  /** Make an element: `make("p", {class: "x"}, "text", child)`. */
  own.make = function (tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) made.setAttribute(name, "");
      else if (value !== false && value != null) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child != null));
    return made;
  };

  /** Set text only where it differs: unchanged text costs no layout. */
  own.setText = function (element, text) {
    if (element.textContent !== text) element.textContent = text;
  };

  function lockIcon() {
    const holder = document.createElement("span");
    holder.className = "lock-icon";
    holder.innerHTML = '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path fill="currentColor" d="M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7h1zm2 0h4V5a2 2 0 0 0-4 0v2z"/></svg>';
    return holder;
  }

  /** The slider's amount on a round step; near the amount of the start, or today's, it is exactly that. */
  function snapped(raw, programme) {
    const step = own.niceStep((programme.top - programme.first) / STEPS);
    const away = (mark) => Math.abs(raw - mark);
    const mark = away(programme.today) < away(programme.start) ? programme.today : programme.start;
    if (away(mark) <= step / 2) return mark;
    const amount = own.toCents(Math.round(raw / step) * step);
    return Math.min(Math.max(amount, programme.low), Math.max(programme.top, programme.low));
  }

  function programmeRow(view, programme, index) {
    const { make } = own;
    const id = `programme-${index}`;
    const describedBy = [`${id}-today`, `${id}-problem`].join(" ");
    const slider = make("input", {
      type: "range", id: `${id}-slider`, class: "form-range", min: programme.first, max: programme.top, step: "any",
      disabled: programme.locked, "aria-describedby": describedBy,
    });
    slider.value = programme.today;
    const field = make("input", {
      type: "text", inputmode: "decimal", id: `${id}-amount`, class: "form-control amount-field", autocomplete: "off",
      disabled: programme.locked, "aria-describedby": describedBy,
    });
    const change = make("span", { class: "programme-change" });
    const problem = make("p", { id: `${id}-problem`, class: "programme-problem", role: "alert" });
    const name = make("label", { for: slider.id, class: "programme-name" }, programme.locked ? lockIcon() : null, programme.name);
    const fieldName = make("label", { for: field.id, class: "visually-hidden" }, own.fill(view.texts.amount_of, { programme: programme.name }));
    const sliderBox = make("div", { class: "slider-box" }, slider);
    sliderBox.style.setProperty("--today", String((programme.today - programme.first) / (programme.top - programme.first || 1)));
    const row = make("div", { class: programme.locked ? "programme is-locked" : "programme", "data-code": programme.code },
      name,
      make("div", { class: "programme-inputs" }, sliderBox, make("div", { class: "amount-box" },
        make("span", { class: "amount-symbol", "aria-hidden": "true" }, view.format.symbol), fieldName, field)),
      make("p", { class: "programme-today", id: `${id}-today` },
        own.fill(view.texts.today_amount, { amount: view.formats.money(programme.today) }), " ", change),
      programme.serves ? make("p", { class: "programme-serves" }, programme.serves) : null,
      programme.locked ? make("p", { class: "lock-reason" }, make("strong", {}, view.texts.locked), " ", programme.reason) : null,
      problem);
    return { row, slider, field, change, problem, shown: null };
  }

  function groupOf(view, heading, rows, isOpen) {
    const { make } = own;
    const total = make("span", { class: "group-total" });
    const change = make("span", { class: "group-change" });
    const group = make("details", { class: "programme-group", open: isOpen },
      make("summary", {}, make("span", { class: "group-name" }, heading.name), total, change),
      make("div", { class: "programme-list" }, ...heading.programmes.map((p) => rows[p].row)));
    return { element: group, total, change, programmes: heading.programmes };
  }

  /** An amount that was typed may lie beyond the slider's end where the programme has no maximum. */
  function growSlider(part, programme, amount) {
    part.slider.max = amount;
    part.slider.parentElement.style.setProperty("--today", String((programme.today - programme.first) / (amount - programme.first)));
  }

  /** Show one programme's amount in its slider, field and change. The field is left alone while somebody types. */
  function showProgramme(view, part, programme, amount) {
    if (part.shown === amount) return;
    part.shown = amount;
    if (amount > Number(part.slider.max)) growSlider(part, programme, amount);
    if (document.activeElement !== part.slider) part.slider.value = amount;
    const isRefused = part.field.hasAttribute("aria-invalid"); // what was typed stays beside the sentence about it
    if (document.activeElement !== part.field && !isRefused) part.field.value = view.formats.plainAmount(amount);
    const difference = own.toCents(amount - programme.today);
    const share = programme.today > 0 ? ` (${view.formats.signed((100 * difference) / programme.today)}${view.format.percent_space ? "\u00a0" : ""}%)` : "";
    own.setText(part.change, difference ? view.formats.signedMoney(difference) + share : "");
    part.change.dataset.direction = Math.sign(difference);
    part.slider.setAttribute("aria-valuetext", view.formats.money(amount) + (difference ? `, ${part.change.textContent}` : ""));
  }

  /** The sentence for a typed amount that cannot be taken, or null. */
  function problemWith(view, programme, read) {
    const { texts, formats } = view;
    if (read.problem) return texts[read.problem];
    if (own.toCents(read.amount - programme.start) === 0) return null; // a scenario that is open is within its limits
    const facts = { amount: formats.money(read.amount), low: formats.money(programme.low), high: formats.money(programme.high ?? 0) };
    if (read.amount < programme.low) return own.fill(texts.amount_below, facts);
    if (programme.high != null && read.amount > programme.high) return own.fill(texts.amount_above, facts);
    return null;
  }

  function tell(part, sentence) {
    own.setText(part.problem, sentence || "");
    if (sentence) part.field.setAttribute("aria-invalid", "true");
    else part.field.removeAttribute("aria-invalid");
  }

  /**
   * Build the controls. `handlers.moved(index, amount)` while a slider moves, `handlers.released(index)` on release by
   * a key, `released()` by anything else, `handlers.left()` when a slider loses the focus, `handlers.refused(index)`
   * when a typed amount is not taken: it gives back the amount that stays.
   */
  own.buildControls = function (container, view, handlers) {
    const parts = view.programmes.map((programme, index) => programmeRow(view, programme, index));
    const isWide = window.matchMedia("(min-width: 992px)").matches;
    const groups = view.headings.map((heading, i) => groupOf(view, heading, parts, isWide || i === 0));
    container.replaceChildren(...groups.map((group) => group.element));
    parts.forEach((part, index) => {
      const programme = view.programmes[index];
      part.slider.addEventListener("input", () => {
        tell(part, null);
        handlers.moved(index, snapped(Number(part.slider.value), programme));
      });
      part.slider.addEventListener("keydown", () => { part.isByKeys = true; });
      part.slider.addEventListener("pointerdown", () => { part.isByKeys = false; });
      part.slider.addEventListener("change", () => {
        part.shown = null;
        handlers.released(part.isByKeys ? index : null);
      });
      part.slider.addEventListener("blur", () => {
        part.slider.value = part.shown ?? part.slider.value;
        handlers.left();
      });
      part.field.addEventListener("input", () => {
        const read = own.readAmount(part.field.value, view.format.symbol);
        if (problemWith(view, programme, read)) return;
        tell(part, null);
        handlers.moved(index, read.amount);
      });
      part.field.addEventListener("change", () => {
        const read = own.readAmount(part.field.value, view.format.symbol);
        const sentence = problemWith(view, programme, read);
        tell(part, sentence);
        if (sentence) return void handlers.refused(index);
        handlers.moved(index, read.amount);
        handlers.released();
      });
      part.field.addEventListener("blur", () => {
        if (part.field.hasAttribute("aria-invalid")) return;
        part.shown = null;
        handlers.settled();
      });
      part.field.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
          tell(part, null);
          part.field.value = view.formats.plainAmount(handlers.dropped(index));
        }
      });
    });
    return {
      show(amounts) {
        parts.forEach((part, index) => showProgramme(view, part, view.programmes[index], amounts[index]));
        for (const group of groups) {
          const total = group.programmes.reduce((sum, p) => sum + amounts[p], 0);
          const today = group.programmes.reduce((sum, p) => sum + view.programmes[p].today, 0);
          const difference = own.toCents(total - today);
          own.setText(group.total, view.formats.money(Math.round(total)));
          own.setText(group.change, difference ? view.formats.signedMoney(Math.round(difference)) : "");
        }
      },
      /** Put every slider and field where the amounts are (after undo, reset, a shared address). */
      force(amounts) {
        parts.forEach((part, index) => {
          part.shown = null;
          tell(part, null);
          part.slider.value = amounts[index];
          part.field.value = view.formats.plainAmount(amounts[index]);
        });
        this.show(amounts);
      },
      openAll(isOpen) {
        groups.forEach((group) => { group.element.open = isOpen; });
      },
    };
  };
})((window.simulation = window.simulation || {}));
