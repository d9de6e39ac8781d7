// Keys: whatever has data-key is pressed by it. "g r" is two keys, one after the other; "Ctrl+K"
// holds also while typing. The pages do all this without a script, by links and buttons.
"use strict";
(() => {
  const wait = 1200; // ms between the two keys of a sequence
  const plain = (e) => !e.ctrlKey && !e.metaKey && !e.altKey;
  const typing = (e) => e.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const nameOf = (e) => (e.ctrlKey || e.metaKey ? "Ctrl+" : "") + (e.key.length === 1 && (e.ctrlKey || e.metaKey) ? e.key.toUpperCase() : e.key);
  const at = (key) => [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === key && !el.disabled && el.getClientRects().length > 0);
  let first = "", since = 0;

  const press = (el) => {
    if (el.matches("input, textarea, select")) {
      // Only once the key is up: else it would be the first that is typed.
      addEventListener("keyup", () => { el.focus(); if (el.select) el.select(); }, { once: true });
      return;
    }
    el.focus();
    el.click();
  };
  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.isComposing || document.querySelector("dialog[open]")) return;
    const name = nameOf(e);
    if (typing(e)) {
      if (e.key === "Escape") e.target.blur();
      if (!name.startsWith("Ctrl+")) return;
    } else if (!plain(e) && !name.startsWith("Ctrl+")) return;
    const now = performance.now();
    const two = first && now - since < wait ? at(first + " " + name) : undefined;
    const el = two || at(name);
    first = two ? "" : name; since = now;
    if (el) { e.preventDefault(); press(el); }
  });

  // The list of keys is read off the page, so that it lists what the page has.
  const keys = document.getElementById("keys");
  for (const button of document.querySelectorAll("[data-open=keys]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const list = keys.querySelector("dl");
      list.replaceChildren();
      for (const el of document.querySelectorAll("[data-key]")) {
        if (el.getClientRects().length === 0) continue;
        const dt = document.createElement("dt"), dd = document.createElement("dd");
        for (const key of el.dataset.key.split(/[ +]/)) { const k = document.createElement("kbd"); k.textContent = key; dt.append(k, " "); }
        const words = el.cloneNode(true);
        for (const k of words.querySelectorAll("kbd")) k.remove();
        dd.textContent = el.getAttribute("aria-label") || el.placeholder || words.textContent.trim() || el.title;
        list.append(dt, dd);
      }
      keys.showModal();
    });
  }

  // What may be done only for a while says how long, and is gone afterwards.
  for (const form of document.querySelectorAll("[data-seconds]")) {
    const until = performance.now() + form.dataset.seconds * 1000, said = form.querySelector("[data-left]");
    const tick = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      if (left <= 0) { form.hidden = true; clearInterval(timer); return; }
      if (said) said.textContent = `, ${left} s left`;
    };
    const timer = setInterval(tick, 500);
    tick();
  }

  // What goes on part by part presses its own button.
  for (const form of document.querySelectorAll("form[data-press]")) setTimeout(() => form.requestSubmit(), 400);

  // A form that was sent is not sent again by a second press.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

  for (const el of document.querySelectorAll("[data-key]")) {
    if (!el.dataset.key.includes(" ")) el.setAttribute("aria-keyshortcuts", el.dataset.key.replace("Ctrl+", "Control+"));
  }
})();
