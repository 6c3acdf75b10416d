// The timeline under one's hands: zoom, pan, minimap, keyboard, figures. Without scripts it is the same picture, as wide
// as the server drew it.
(() => {
  const SCALE_MAX = 4000;
  // Narrower than this, nobody can point at a bar: what has no room is scrolled.
  const SCALE_MIN = 0.2;
  const STEP = 1.5;
  const DRAG_PX = 5;
  const SETTLED_MS = 200;
  const boxes = new Map();
  // What a live page shows is drawn anew again and again; the view stays.
  const views = new Map();

  const open = (box) => {
    const section = box.closest("section");
    const pictures = [...box.querySelectorAll("svg.timeline")].map(holdoverPicture);
    const first = pictures[0];
    const key = box.closest("[data-run]")?.dataset.run ?? "";
    const field = document.querySelector("[data-range] [name=t]");
    const asked = field?.value ?? "";
    const map = holdoverMinimap(section.querySelector("[data-minimap]"), pictures, (middle) => show(scale, middle, box.clientWidth / 2));
    const { paddingLeft, paddingRight } = getComputedStyle(box);
    const inset = Number.parseFloat(paddingLeft);
    const room = () => box.clientWidth - inset - Number.parseFloat(paddingRight);
    const whole = () => Math.max(SCALE_MIN, (room() - first.left - 24) / (first.right - first.left));
    const placeAt = (x) => first.left + (box.scrollLeft + x - inset - first.left) / scale;
    const seen = () => [placeAt(first.left + inset), placeAt(room() + inset)].map((x) => Math.min(first.right, Math.max(first.left, x)));
    let scale = 1;
    let fitted = true;
    let drawing = 0;

    const scrolled = () => {
      const [from, to] = seen();
      pictures[0].ticks(scale, from, to);
      for (const picture of pictures.slice(1)) picture.ticks(scale, from, to);
      for (const picture of pictures) picture.hold(box.scrollLeft);
      map.shows(from, to);
      views.set(key, fitted ? null : { scale, from });
    };
    const draw = () => {
      drawing = 0;
      scrolled();
    };
    const later = () => { drawing ||= requestAnimationFrame(draw); };

    // That place of the axis comes to lie `x` pixels right of the box's edge.
    const show = (wanted, place, x) => {
      const least = whole();
      const next = Math.min(SCALE_MAX, Math.max(least, wanted));
      fitted = next <= least * 1.001;
      if (next !== scale) {
        scale = next;
        for (const picture of pictures) picture.setScale(scale);
      }
      box.scrollLeft = first.left + (place - first.left) * scale + inset - x;
      later();
      settle();
    };
    const zoom = (by, x = first.left + inset + (room() - first.left) / 2) => show(scale * by, placeAt(x), x);
    const all = () => show(whole(), first.left, first.left + inset);

    // --- the exact view is in the address ------------------------------------------------------------------------------
    let settling = 0;
    let told = asked;
    const say = () => {
      if (!field || !first.timed || !box.isConnected) return;
      const [from, to] = seen().map((x) => Math.max(0, first.timeAt(x)));
      const range = fitted ? asked : `${from / 1000}-${Math.max(to, from + 1) / 1000}`;
      if (range === told || (fitted && told === asked)) return;
      told = range;
      field.value = range;
      const address = new URL(location.href);
      if (range) address.searchParams.set("t", range); else address.searchParams.delete("t");
      history.replaceState(history.state, "", address);
    };
    const settle = () => {
      clearTimeout(settling);
      settling = setTimeout(say, SETTLED_MS);
    };

    box.addEventListener("scroll", () => { later(); if (!fitted) settle(); });
    box.addEventListener("wheel", (event) => {
      const meant = event.ctrlKey || event.metaKey || (!event.shiftKey && box.matches(":focus-within") && event.deltaY);
      if (!meant || (event.deltaY > 0 && fitted && !event.ctrlKey && !event.metaKey)) return;
      event.preventDefault();
      zoom(1.0025 ** -Math.max(-240, Math.min(240, event.deltaY)), event.clientX - box.getBoundingClientRect().left);
    }, { passive: false });
    const keys = { "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP), 0: all };
    box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    const buttons = { in: () => zoom(STEP), out: () => zoom(1 / STEP), whole: all };
    for (const button of section.querySelectorAll("[data-zoom]")) button.onclick = buttons[button.dataset.zoom];

    // --- dragging: the picture moves; with Shift, a stretch of it is looked at ---------------------------------------------
    const drag = (down) => {
      if (down.button !== 0 || down.pointerType === "touch" || !down.target.closest("svg.timeline")) return;
      const at = [box.scrollLeft, box.scrollTop];
      const edge = box.getBoundingClientRect().left;
      const band = down.shiftKey && document.createElement("div");
      let dragged = false;
      const move = (event) => {
        const [x, y] = [event.clientX - down.clientX, event.clientY - down.clientY];
        dragged ||= Math.hypot(x, y) >= DRAG_PX;
        if (!dragged) return;
        if (!band) box.scrollTo(at[0] - x, at[1] - y);
        else {
          band.className = "range-drag";
          band.style.left = `${Math.min(down.clientX, event.clientX) - edge + box.scrollLeft}px`;
          band.style.width = `${Math.abs(x)}px`;
          box.append(band);
        }
        box.classList.toggle("dragged", !band);
      };
      const up = (event) => {
        document.removeEventListener("pointermove", move);
        document.removeEventListener("pointercancel", up);
        box.classList.remove("dragged");
        if (band) band.remove();
        if (!dragged) return;
        // The bar below the pointer is not meant: a drag that ends on it selects nothing.
        const unmeant = (click) => { click.preventDefault(); click.stopPropagation(); };
        document.addEventListener("click", unmeant, { capture: true, once: true });
        setTimeout(() => document.removeEventListener("click", unmeant, { capture: true }));
        if (!band || event.type === "pointercancel") return;
        const [from, to] = [down, event].map((one) => placeAt(one.clientX - edge)).sort((one, other) => one - other);
        show((room() - first.left) / Math.max(0.01, to - from), from, first.left + inset);
      };
      document.addEventListener("pointermove", move);
      document.addEventListener("pointerup", up, { once: true });
      document.addEventListener("pointercancel", up, { once: true });
    };
    box.addEventListener("pointerdown", drag);

    // What is selected is in view, with its arrow.
    const reveal = (quiet) => {
      const chosen = box.querySelector(".selected") ?? (quiet && box.querySelector(".arrow:not(.arrow-late)"));
      if (!chosen) return;
      const [mark, frame] = [chosen.getBoundingClientRect(), box.getBoundingClientRect()];
      if (mark.left < frame.left + first.left || mark.right > frame.right) box.scrollLeft += mark.left + mark.width / 2 - (frame.left + frame.right + first.left) / 2;
      if (mark.top < frame.top || mark.bottom > frame.bottom) box.scrollTop += mark.top - frame.top - frame.height / 3;
    };

    const before = views.get(key);
    if (before) show(before.scale, before.from, first.left + inset); else all();
    told = asked;
    reveal(!before);
    const resized = new ResizeObserver(() => { if (!box.isConnected) resized.disconnect(); else if (fitted) all(); else later(); });
    resized.observe(box);
    return { reveal };
  };

  const opened = () => {
    for (const box of boxes.keys()) if (!box.isConnected) boxes.delete(box);
    for (const box of document.querySelectorAll("[data-timeline]")) {
      if (!boxes.has(box) && box.querySelector("svg.timeline")) boxes.set(box, open(box));
    }
  };

  // --- the figures of the bar that is pointed at, in words below the timeline ---------------------------------------------
  const tell = (event) => {
    const mark = event.target.closest?.("svg.timeline a");
    const readout = mark?.closest("section")?.querySelector("[data-readout]");
    if (!readout) return;
    readout.textContent = mark.getAttribute("aria-label") ?? `${readout.dataset.word} ${mark.textContent}`;
    readout.classList.add("told");
  };
  document.addEventListener("pointerover", tell);
  document.addEventListener("focusin", tell);
  // A link inside the picture would be dragged itself.
  document.addEventListener("dragstart", (event) => { if (event.target.closest?.("svg.timeline")) event.preventDefault(); });

  // --- what stays in view on top: the rest of the page keeps clear of it -------------------------------------------------
  const pinned = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const sticks = target.isConnected && getComputedStyle(target).position === "sticky";
      document.documentElement.style.setProperty("--pinned", sticks ? `${target.offsetHeight}px` : "");
    }
  });
  const wire = () => {
    opened();
    pinned.disconnect();
    for (const section of document.querySelectorAll(".in-view")) pinned.observe(section);
  };
  window.addEventListener("hashchange", () => { for (const one of boxes.values()) one.reveal(false); });
  document.addEventListener("holdover:result", wire);
  wire();
})();
