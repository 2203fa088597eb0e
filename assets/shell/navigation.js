// The header's menus. Without this script they still open and close (details), and a phone shows all of them.
(function () {
  'use strict';
  const navigation = document.getElementById('main-navigation');
  const button = document.getElementById('menu-button');
  if (!navigation) { return; }
  const menus = [...navigation.querySelectorAll('details')];
  document.documentElement.classList.add('has-menus');

  const narrow = window.matchMedia('(max-width: 1080px)');  // as in 11-navigation.css; to ask for a style lays the page out
  function isPhone() { return narrow.matches; }

  function openPhoneMenu(isOpen) {
    button.setAttribute('aria-expanded', String(isOpen));
    navigation.classList.toggle('is-open', isOpen);
    const current = menus.find(menu => menu.classList.contains('is-current'));
    if (isOpen && current) { current.open = true; }
  }

  function closeMenus(except) {
    for (const menu of menus) { if (menu !== except) { menu.open = false; } }
  }

  // Escape closes the innermost open thing and leaves the focus on what opened it.
  function escape(event) {
    const menu = menus.find(one => one.open && one.contains(document.activeElement)) || menus.find(one => one.open);
    if (menu && !isPhone()) {
      menu.open = false;
      menu.querySelector('summary').focus();
    } else if (navigation.classList.contains('is-open')) {
      openPhoneMenu(false);
      button.focus();
    } else { return; }
    event.stopPropagation();
  }

  // Arrows move inside an open menu; from its name, down opens it.
  function moveBy(event, step) {
    const menu = event.target.closest('details');
    if (!menu) { return; }
    event.preventDefault();
    menu.open = true;
    const stops = [...menu.querySelectorAll('summary, a')];
    const next = stops[stops.indexOf(event.target) + step];
    if (next) { next.focus(); }
  }

  button.addEventListener('click', () => openPhoneMenu(button.getAttribute('aria-expanded') !== 'true'));
  document.addEventListener('keydown', event => { if (event.key === 'Escape') { escape(event); } });
  navigation.addEventListener('keydown', event => {
    if (event.key === 'ArrowDown') { moveBy(event, 1); }
    if (event.key === 'ArrowUp') { moveBy(event, -1); }
  });
  document.addEventListener('click', event => {
    if (!isPhone() && !navigation.contains(event.target)) { closeMenus(null); }
  });
  navigation.addEventListener('focusout', event => {
    const goesTo = event.relatedTarget;
    if (!isPhone() && goesTo && !navigation.contains(goesTo)) { closeMenus(null); }
  });
  // Older browsers do not know that menus of one name close each other.
  for (const menu of menus) {
    menu.addEventListener('toggle', () => { if (menu.open) { closeMenus(menu); } });
  }
})();
