// The pictures of a section are looked at as one: what moves, enlarges or covers the one does so to
// the others.
"use strict";
for (const section of document.querySelectorAll(".pictures")) {
  const pair = section.querySelector("[data-pair]"), tools = section.querySelector("[data-tools]");
  const frames = [...pair.querySelectorAll(".frame")].filter((f) => f.querySelector("img, video"));
  if (frames.length === 0) continue;
  const figures = [...pair.querySelectorAll("figure:not(.difference)")];
  const most = 32, beat = 450; // how far it enlarges; ms between the pictures of a flicker
  let scale = 1, x = 0, y = 0, timer = 0;
  tools.hidden = false;

  const draw = () => {
    if (scale <= 1) { scale = 1; x = 0; y = 0; }
    for (const frame of frames) {
      const sheet = frame.firstElementChild; // the picture, with what is drawn over it
      sheet.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
      sheet.style.setProperty("--scale", scale);
      sheet.classList.toggle("near", scale >= 4);
      frame.classList.toggle("moved", scale > 1);
    }
  };
  // (px, py) is the point of a frame that stays where it is, from its middle.
  const zoom = (by, px = 0, py = 0) => {
    const to = Math.min(most, Math.max(1, scale * by));
    x = px - (px - x) * to / scale; y = py - (py - y) * to / scale; scale = to;
    draw();
  };
  const fit = () => { scale = 1; draw(); };

  const stop = () => { clearInterval(timer); timer = 0; for (const f of figures) f.classList.remove("front"); };
  const mode = (name) => {
    stop();
    pair.dataset.mode = pair.dataset.mode === name ? "both" : name;
    for (const b of tools.querySelectorAll("[aria-pressed]")) b.setAttribute("aria-pressed", String(b.dataset.do === pair.dataset.mode));
    if (pair.dataset.mode !== "flicker") return;
    let n = 0;
    const turn = () => { figures.forEach((f, i) => f.classList.toggle("front", i === n % figures.length)); n++; };
    turn();
    timer = setInterval(turn, beat);
  };
  pair.dataset.mode = "both";

  const does = { in: () => zoom(1.5), out: () => zoom(1 / 1.5), fit, flicker: () => mode("flicker"), difference: () => mode("difference") };
  tools.addEventListener("click", (e) => {
    const button = e.target.closest("[data-do]");
    if (button) does[button.dataset.do]();
  });

  const middle = (frame, e) => {
    const box = frame.getBoundingClientRect();
    return [e.clientX - box.left - box.width / 2, e.clientY - box.top - box.height / 2];
  };
  const step = 60;
  const arrows = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  for (const frame of frames) {
    frame.addEventListener("wheel", (e) => {
      if (scale === 1 && e.deltaY > 0) return; // nothing is enlarged: the page scrolls on
      e.preventDefault();
      zoom(Math.exp(-e.deltaY / 300), ...middle(frame, e));
    }, { passive: false });
    frame.addEventListener("keydown", (e) => {
      const by = arrows[e.key];
      if (!by || scale === 1) return;
      e.preventDefault();
      x += by[0]; y += by[1];
      draw();
    });
    frame.addEventListener("dblclick", (e) => (scale > 1 ? fit() : zoom(4, ...middle(frame, e))));
    let held = false;
    frame.addEventListener("pointerdown", (e) => {
      if (scale === 1 || e.target.matches("video")) return;
      held = true;
      frame.setPointerCapture(e.pointerId);
    });
    frame.addEventListener("pointermove", (e) => {
      if (!held) return;
      x += e.movementX; y += e.movementY;
      draw();
    });
    for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, () => { held = false; });
    for (const picture of frame.querySelectorAll("img")) picture.draggable = false;
  }
}
