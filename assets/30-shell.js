// Small services to every page: the address follows the filters.
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  shell: {
    keepInAddress: function () {
      const query = new URLSearchParams(window.location.search);
      for (const input of window.dash_clientside.callback_context.inputs_list) {
        const name = input.id.slice(input.id.lastIndexOf('-') + 1);
        if (input.value) { query.set(name, input.value); } else { query.delete(name); }
      }
      const text = query.toString();
      window.history.replaceState(window.history.state, '', window.location.pathname + (text ? '?' + text : ''));
      for (const link of document.querySelectorAll('a.language')) {
        link.search = text;
      }
    }
  }
});
