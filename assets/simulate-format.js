/* How numbers are written and read on the Simulate page: as the server writes them (Babel), with a true minus sign
   and no break inside an amount. No DOM here. */
(function (own) {
  "use strict";
  const MINUS = "\u2212";
  const NO_BREAK_SPACE = "\u00a0";

  /** Fill `{name}` in a sentence. */
  own.fill = function (sentence, facts) {
    return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? facts[name] : whole));
  };

  function memo(make) {
    const known = new Map();
    return (key) => {
      if (!known.has(key)) known.set(key, make(key));
      return known.get(key);
    };
  }

  /** Formats of one page: `settings` has locale, percent_space, symbol. */
  own.makeFormats = function (settings) {
    const formatter = memo((decimals) => new Intl.NumberFormat(settings.locale, {
      minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: "always", roundingMode: "halfEven",
    }));
    const gap = settings.percent_space ? NO_BREAK_SPACE : "";
    const formats = {
      number(value, decimals = 0) {
        if (!Number.isFinite(value)) return "–";
        const text = formatter(decimals).format(value).replace(/^[-\u2212]/, "");
        const isZero = !/[1-9]/.test(text);
        return value < 0 && !isZero ? MINUS + text : text;
      },
      signed(value, decimals = 0) {
        const text = formats.number(value, decimals);
        return value > 0 && /[1-9]/.test(text) ? "+" + text : text;
      },
      share: (value, decimals = 1) => (Number.isFinite(value) ? formats.number(value * 100, decimals) + gap + "%" : "–"),
      /** A difference of shares, taken before rounding: one decimal more than the shares beside it. */
      points: (value, decimals = 2) =>
        Number.isFinite(value) ? formats.signed(value * 100, decimals) + NO_BREAK_SPACE + "pp" : "–",
      /** Whole amounts without decimals; cents are shown where there are any. */
      money(value) {
        const decimals = Number.isInteger(own.toCents(value)) ? 0 : 2;
        const text = formats.number(Math.abs(value), decimals);
        return (value < 0 && /[1-9]/.test(text) ? MINUS : "") + settings.symbol + NO_BREAK_SPACE + text;
      },
      signedMoney: (value) => (value > 0 ? "+" : "") + formats.money(value),
      /** What a number field shows: the amount without its symbol. */
      plainAmount: (value) => formats.number(value, Number.isInteger(own.toCents(value)) ? 0 : 2),
    };
    return formats;
  };

  /** Whole persons, rounded as they are printed: a change of persons is that of the figures beside it. */
  own.toWhole = function (value) {
    const low = Math.floor(value);
    const rest = value - low;
    return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
  };

  /** To cents: what an amount can be. */
  own.toCents = (value) => Math.round(value * 100) / 100;

  /**
   * Read an amount that somebody typed: `{amount}` or `{problem: key of a sentence}`.
   * "1.250" might mean 1.25 or 1,250: it is refused, not guessed. "1,250" is how the field itself writes thousands, so
   * it is read as such; a comma before one or two digits stands before decimals, as on all other pages.
   */
  own.readAmount = function (text, symbol) {
    let plain = text.trim();
    if (symbol && plain.startsWith(symbol)) plain = plain.slice(symbol.length);
    plain = plain.replace(/[\s\u00a0\u202f]/g, "");
    if (plain === "") return { problem: "amount_missing" };
    if (/^\d{1,3}(\.\d{3})+$/.test(plain)) return { problem: "amount_ambiguous" };
    if (/^[-\u2212]\s*\d/.test(plain)) return { problem: "amount_negative" };
    if (/^\d+,\d{1,2}$/.test(plain)) plain = plain.replace(",", ".");
    if (/^\d{1,3}(\.\d{3})+,\d{1,2}$/.test(plain)) plain = plain.replaceAll(".", "").replace(",", ".");
    if (!/^(\d+|\d{1,3}(,\d{3})+)(\.\d{1,2})?$/.test(plain)) return { problem: "amount_unreadable" };
    return { amount: Number(plain.replaceAll(",", "")) };
  };

  /** 1, 2 or 5 times a power of ten, not above `value`. */
  own.niceStep = function (value) {
    if (!(value > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(value));
    return [5, 2, 1].map((factor) => factor * power).find((step) => step <= value * (1 + 1e-9));
  };
})((window.simulation = window.simulation || {}));
