/* A proposal on a phone: the draft stays here while the connection drops, the photo is made smaller, the map is tapped.
   Without this script the form is sent as it is. */
(function () {
  "use strict";
  const STORE = "proposal-draft:" + location.pathname.replace(/\/propose\/.*$/, "/propose");
  const NOT_KEPT = ["csrf_token", "photo_file"];
  const LONGEST_SIDE = 1600, QUALITY = 0.8;
  let photo = null; // {name, data}: the smaller photo as a data address
  let isSending = false;

  function read() {
    try { return JSON.parse(localStorage.getItem(STORE)); } catch (error) { return null; }
  }

  function write(draft) {
    try { localStorage.setItem(STORE, JSON.stringify(draft)); return true; } catch (error) { return false; }
  }

  function forget() {
    try { localStorage.removeItem(STORE); } catch (error) { /* nothing is kept here anyway */ }
  }

  const received = document.getElementById("received");
  if (received) {
    const kept = read();
    if (kept && kept.values.key === received.dataset.key) { forget(); }
    return;
  }
  let form = document.getElementById("proposal");
  if (form) { start(); }

  function tell(name, time) {
    const place = document.getElementById("draft");
    place.hidden = false;
    place.textContent = place.dataset[name].replace("#", time || "");
    if (name !== "session") { return; }
    const link = document.createElement("a");
    link.href = form.dataset.login;
    link.textContent = place.dataset.login;
    place.append(" ", link);
  }

  function clock(moment) {
    return new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
  }

  // --- draft ----------------------------------------------------------------------------------------------------

  function values() {
    const found = {};
    for (const [name, value] of new FormData(form)) { if (!NOT_KEPT.includes(name)) { found[name] = value; } }
    return found;
  }

  function isEmpty(found) {
    return !photo && Object.entries(found).every(([name, value]) => name === "key" || !value);
  }

  function save(isWaiting) {
    const found = values();
    if (isEmpty(found)) { return true; }
    const at = Date.now();
    const draft = { at: at, values: found, photo: photo, isWaiting: Boolean(isWaiting) };
    document.getElementById("forget").hidden = false;
    if (write(draft)) { if (!isWaiting) { tell("saved", clock(at)); } return true; }
    if (photo && write(Object.assign(draft, { photo: null }))) { tell("photoless"); return true; }
    tell("unkept");
    return false;
  }

  async function restore() {
    const draft = read();
    if (!draft) { return null; }
    for (const [name, value] of Object.entries(draft.values)) {
      const field = form.elements[name];
      if (field) { field.value = value; }
    }
    document.getElementById("forget").hidden = false;
    if (draft.photo) { photo = draft.photo; await putPhoto(); }
    tell("restored", clock(draft.at));
    return draft;
  }

  // --- photo ----------------------------------------------------------------------------------------------------

  async function takePhoto() {
    const input = form.elements.photo_file, file = input.files[0];
    photo = null;
    document.getElementById("photo-shown").hidden = true;
    if (file && file.type.startsWith("image/")) {
      try {
        photo = { name: file.name, data: await smaller(file) };
        await putPhoto();
      } catch (error) { photo = null; /* the server says what is wrong with it */ }
    }
    save();
  }

  async function smaller(file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const drawing = canvas.getContext("2d");
    drawing.fillStyle = "#fff";
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return canvas.toDataURL("image/jpeg", QUALITY);
  }

  async function putPhoto() {
    const bytes = Uint8Array.from(atob(photo.data.split(",")[1]), (sign) => sign.charCodeAt(0));
    const name = photo.name.replace(/\.[^.]*$/, "") + ".jpg";
    const held = new DataTransfer();
    held.items.add(new File([bytes], name, { type: "image/jpeg" }));
    form.elements.photo_file.files = held.files;
    const shown = document.getElementById("photo-shown");
    shown.querySelector("img").src = photo.data;
    shown.hidden = false;
  }

  // --- place ----------------------------------------------------------------------------------------------------

  function startMap() {
    const place = document.getElementById("place");
    if (!place) { return; }
    place.hidden = false;
    const drawn = place.querySelector("svg"), dot = drawn.querySelector("circle"), words = document.getElementById("place-words");
    const west = Number(place.dataset.west), north = Number(place.dataset.north);
    const byX = Number(place.dataset.x), byY = Number(place.dataset.y);
    const latitude = form.elements.latitude, longitude = form.elements.longitude;

    function areaAt(x, y) {
      const point = new DOMPoint(x, y);
      return Array.from(drawn.querySelectorAll("path")).find((path) => path.isPointInFill(point));
    }

    function show() {
      const isStated = latitude.value.trim() && longitude.value.trim();
      const x = (Number(longitude.value) - west) * byX, y = (north - Number(latitude.value)) * byY;
      const area = isStated ? areaAt(x, y) : null;
      dot.setAttribute("cx", area ? x : -20);
      dot.setAttribute("cy", area ? y : -20);
      if (!isStated) { words.textContent = place.dataset.none; return null; }
      words.textContent = area ? place.dataset.at.replace("#", area.querySelector("title").textContent) : place.dataset.outside;
      return area;
    }

    function set(newLatitude, newLongitude) {
      latitude.value = newLatitude.toFixed(6);
      longitude.value = newLongitude.toFixed(6);
      const area = show();
      if (area) { form.elements.zone.value = area.dataset.code; } else { latitude.value = longitude.value = ""; }
      save();
    }

    drawn.addEventListener("click", function (event) {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawn.getScreenCTM().inverse());
      set(north - at.y / byY, west + at.x / byX);
    });
    document.getElementById("here").addEventListener("click", function () {
      const refused = () => { words.textContent = place.dataset.refused; };
      if (!navigator.geolocation) { refused(); return; }
      words.textContent = place.dataset.asking;
      navigator.geolocation.getCurrentPosition(
        (found) => set(found.coords.latitude, found.coords.longitude), refused,
        { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 });
    });
    document.getElementById("no-place").addEventListener("click", function () {
      latitude.value = longitude.value = "";
      show();
      save();
    });
    latitude.addEventListener("change", show);
    longitude.addEventListener("change", show);
    show();
  }

  // --- sending --------------------------------------------------------------------------------------------------

  async function send() {
    if (isSending) { return; }
    isSending = true;
    save(true);
    tell("sending");
    let answer = null;
    try {
      answer = navigator.onLine === false ? null : await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "follow" });
    } catch (error) { answer = null; }
    isSending = false;
    if (!answer) { tell("offline"); return; }
    if (answer.redirected && answer.url.includes("/phone/propose/")) { forget(); location.assign(answer.url); return; }
    save(false);
    if (answer.redirected || answer.status === 401 || answer.status === 403) { tell("session"); return; }
    const text = await answer.text();
    const told = new DOMParser().parseFromString(text, "text/html").querySelectorAll(".refusal p");
    if (!told.length) { tell("failed"); return; }
    refuse(Array.from(told, (one) => one.textContent));
  }

  function refuse(sentences) {
    document.querySelectorAll(".refusal").forEach((one) => one.remove());
    const box = document.createElement("div");
    box.className = "refusal";
    box.setAttribute("role", "alert");
    box.tabIndex = -1;
    for (const sentence of sentences) {
      const line = document.createElement("p");
      line.textContent = sentence;
      box.append(line);
    }
    document.getElementById("main").prepend(box);
    box.focus();
  }

  async function start() {
    const isRefused = Boolean(document.querySelector(".refusal"));
    const draft = await restore();
    startMap();
    let waiting = 0;
    form.addEventListener("input", function (event) {
      if (event.target.type === "file") { return; }
      clearTimeout(waiting);
      waiting = setTimeout(save, 400);
    });
    form.elements.photo_file.addEventListener("change", takePhoto);
    form.addEventListener("submit", function (event) { event.preventDefault(); send(); });
    document.getElementById("forget").addEventListener("click", function () { forget(); location.replace(location.href); });
    window.addEventListener("pagehide", function () { if (!isSending) { clearTimeout(waiting); } });
    window.addEventListener("online", function () { const kept = read(); if (kept && kept.isWaiting) { send(); } });
    if (draft && draft.isWaiting && !isRefused) { send(); }
  }
})();
