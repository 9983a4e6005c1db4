// Keeps the page live: fields by server-sent events, reconnecting with growing pauses.
(function () {
  "use strict";
  var QUIET_MS = 12000, FIRST_MS = 1000, LONGEST_MS = 60000;
  var body = document.body, source = null, silence = 0, retry = 0, pause = FIRST_MS;
  function byId(id) { return document.getElementById(id); }
  if (!window.EventSource) { setTimeout(function () { location.reload(); }, 30000); return; }

  function each(fields, apply) {
    for (var key in fields) {
      var parts = key.split("@"), element = byId(parts[0]);
      if (element) { apply(element, fields[key], parts[1]); }
    }
  }

  // New content of an element: what was unfolded stays so, and the keyboard stays where it was.
  function fill(element, html) {
    var open = element.querySelectorAll("details[open]"), ids = [], held = document.activeElement, i, again;
    var at = held && held.tagName === "SUMMARY" && element.contains(held) ? held.parentNode.id : "";
    for (i = 0; i < open.length; i++) { ids.push(open[i].id); }
    element.innerHTML = html;
    for (i = 0; i < ids.length; i++) { if ((again = byId(ids[i]))) { again.open = true; } }
    if (at && byId(at)) { byId(at).firstElementChild.focus(); }
  }

  function show(update) {
    if (update.l !== body.dataset.layout) { stop(); location.reload(); return; }
    each(update.t, function (element, text) { element.textContent = text; });
    each(update.h, fill);
    each(update.a, function (element, value, name) {
      if (value === null) { element.removeAttribute(name); } else { element.setAttribute(name, value); }
    });
  }

  function alive() {
    pause = FIRST_MS;
    byId("offline").hidden = true;
    clearTimeout(silence);
    silence = setTimeout(lost, QUIET_MS);
  }

  function lost() {
    var at = byId("at");
    stop();
    byId("offline-at").textContent = at ? at.textContent : "";
    byId("offline").hidden = false;
    retry = setTimeout(start, pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_MS);
  }

  function stop() {
    clearTimeout(silence);
    clearTimeout(retry);
    if (source) { source.close(); source = null; }
  }

  function start() {
    stop();
    source = new EventSource("/api/events?view=page&lang=" + document.documentElement.lang);
    source.addEventListener("page", function (event) { alive(); show(JSON.parse(event.data)); });
    source.addEventListener("beat", alive);
    source.onerror = lost;
    silence = setTimeout(lost, QUIET_MS);
  }

  document.addEventListener("visibilitychange", function () {
    if (document.hidden) { stop(); } else { start(); }
  });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", function (event) { if (event.persisted) { start(); } });
  if (!document.hidden) { start(); }
})();
