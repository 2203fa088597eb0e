// When the session has ended, a refused callback leads to log-in instead of a page that no longer answers.
(function () {
  'use strict';
  const plainFetch = window.fetch;
  window.fetch = async function (resource, options) {
    const response = await plainFetch.call(this, resource, options);
    const address = typeof resource === 'string' ? resource : resource.url;
    if (response.status === 401 && address.includes('/_dash-')) {
      const language = document.documentElement.lang || 'es';
      const here = window.location.pathname + window.location.search;
      window.location.assign('/' + language + '/login?next=' + encodeURIComponent(here));
      return new Promise(() => {}); // the page is leaving: nobody is to work on the refusal
    }
    return response;
  };
})();
