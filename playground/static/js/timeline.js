// The timeline under one's hands: zoom, pan, minimap, keyboard, figures. Without scripts it is the same picture, as wide
// as the server drew it.
(() => {
  const SCALE_MAX = 4000;
  // Narrower than this, nobody can point at a bar: what has no room is scrolled.
  const SCALE_MIN = 0.2;
  const STEP = 1.5;
  const DRAG_PX = 5;
  const SETTLED_MS = 200;
  // Narrower than this, a picture to scale has no room for what is short.
  const TO_SCALE_PX = 640;
  const boxes = new Map();
  // What a live page shows is drawn anew again and again; the view stays.
  const views = new Map();

  // Whether it is to scale is said once and kept.
  const kept = () => {
    try {
      return localStorage.getItem("holdover.to-scale");
    } catch {
      return null;
    }
  };
  let toScale = (kept() ?? String(innerWidth > TO_SCALE_PX)) === "true";

  // While a timeline moves, the browser goes through nothing that lies below the window; it keeps its height.
  const asideOf = (section) => {
    let aside = [];
    const put = () => {
      if (aside.length) return;
      for (let one = section; one && one !== document.body; one = one.parentElement) {
        for (let next = one.nextElementSibling; next; next = next.nextElementSibling) {
          if (next.getBoundingClientRect().top > innerHeight) aside.push([next, next.clientHeight]);
        }
      }
      for (const [one, height] of aside) {
        const { paddingTop, paddingBottom } = getComputedStyle(one);
        one.style.containIntrinsicBlockSize = `${height - Number.parseFloat(paddingTop) - Number.parseFloat(paddingBottom)}px`;
        one.style.contentVisibility = "auto";
      }
    };
    const back = () => {
      for (const [one] of aside) one.style.contentVisibility = one.style.containIntrinsicBlockSize = "";
      aside = [];
    };
    return { put, back };
  };

  const open = (box) => {
    const section = box.closest("section");
    const svgs = [...box.querySelectorAll("svg.timeline")];
    const pictures = svgs.map((svg) => holdoverPicture(svg, svg.dataset.corners ? svg : svgs[0]));
    const first = pictures[0];
    for (const picture of pictures) picture.turn(toScale);
    const key = box.closest("[data-run]")?.dataset.run ?? "";
    const field = document.querySelector("[data-range] [name=t]");
    const asked = field?.value ?? "";
    const map = holdoverMinimap(section.querySelector("[data-minimap]"), pictures, (middle) => show(scale, middle, box.clientWidth / 2));
    const { paddingLeft, paddingRight } = getComputedStyle(box);
    const inset = Number.parseFloat(paddingLeft);
    const room = () => box.clientWidth - inset - Number.parseFloat(paddingRight);
    const whole = () => Math.max(SCALE_MIN, (room() - first.left - 24) / (first.right - first.left));
    const placeAt = (x, scrolled = box.scrollLeft) => first.left + (scrolled + x - inset - first.left) / scale;
    const seen = (scrolled) => [placeAt(first.left + inset, scrolled), placeAt(room() + inset, scrolled)].map((x) => Math.min(first.right, Math.max(first.left, x)));
    let scale = 1;
    const aside = asideOf(section);
    let fitted = true;
    let drawing = 0;

    // Between which heights of a picture it is seen, in the box and in the window; nowhere in what is folded.
    const heights = ({ svg }) => {
      // To ask where something folded is would lay all of it out.
      if (svg.closest("details:not([open])")) return [Infinity, -Infinity];
      const [mine, frame] = [svg.getBoundingClientRect(), box.getBoundingClientRect()];
      return mine.height ? [Math.max(0, frame.top) - mine.top, Math.min(innerHeight, frame.bottom) - mine.top] : [Infinity, -Infinity];
    };
    // Everything is asked before anything is changed: so the browser lays the picture out once a frame.
    let drawn = "";
    const draw = (scrolled = box.scrollLeft) => {
      const between = pictures.map(heights);
      // What was drawn before the box was scrolled there is not drawn again because it was.
      const wanted = [scale, scrolled, box.clientWidth, ...between.flat()].join();
      if (wanted === drawn) return;
      drawn = wanted;
      const [from, to] = seen(scrolled);
      for (const [index, picture] of pictures.entries()) {
        picture.show(scale, scrolled, between[index]);
        picture.ticks(scale, from, to);
      }
      map.shows(from, to);
      views.set(key, fitted ? null : { scale, from });
    };
    const later = () => {
      drawing ||= requestAnimationFrame(() => {
        drawing = 0;
        draw();
      });
    };

    // That place of the axis comes to lie `x` pixels right of the box's edge.
    const show = (wanted, place, x) => {
      const least = whole();
      scale = Math.min(SCALE_MAX, Math.max(least, wanted));
      fitted = scale <= least * 1.001;
      const most = Math.max(...pictures.map((picture) => picture.widthAt(scale))) - room();
      const scrolled = Math.round(Math.max(0, Math.min(most, first.left + (place - first.left) * scale + inset - x)));
      draw(scrolled);
      box.scrollLeft = scrolled;
      if (box.scrollLeft !== scrolled) later();
      settle();
    };
    // Without a pointer, around the bar that has the focus.
    const middle = () => {
      const [mark, frame] = [box.querySelector("a:focus"), box.getBoundingClientRect()];
      const { left = 0, width = 0 } = mark?.getBoundingClientRect() ?? {};
      const x = left + width / 2 - frame.left;
      return mark && x > first.left && x < box.clientWidth ? x : first.left + inset + (room() - first.left) / 2;
    };
    const zoom = (by, x = middle()) => {
      aside.put();
      show(scale * by, placeAt(x), x);
    };
    const all = () => show(whole(), first.left, first.left + inset);
    const showStretch = (from, to) => show((room() - first.left) / Math.max(1e-4, to - from), from, first.left + inset);
    // The same stretch of the run on the other axis.
    const turn = () => {
      const times = fitted ? null : seen().map(first.timeAt);
      for (const picture of pictures) picture.turn(toScale);
      map.turn();
      drawn = "";
      if (times) showStretch(...times.map(first.placeOf)); else all();
    };

    const rest = () => { for (const picture of pictures) picture.rest(); };

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
      settling = setTimeout(() => {
        rest();
        aside.back();
        say();
      }, SETTLED_MS);
    };

    box.addEventListener("scroll", () => { later(); settle(); });
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
        showStretch(from, to);
      };
      document.addEventListener("pointermove", move);
      document.addEventListener("pointerup", up, { once: true });
      document.addEventListener("pointercancel", up, { once: true });
    };
    box.addEventListener("pointerdown", drag);

    // What is selected is in view, with its arrow.
    const reveal = (quiet) => {
      rest();
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
    return { reveal, turn };
  };

  const state = () => {
    for (const button of document.querySelectorAll("[data-to-scale]")) button.setAttribute("aria-pressed", toScale);
    for (const words of document.querySelectorAll("[data-widened]")) words.hidden = toScale;
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-to-scale]")) return;
    toScale = !toScale;
    try {
      localStorage.setItem("holdover.to-scale", toScale);
    } catch { /* Not kept then. */ }
    state();
    for (const one of boxes.values()) one.turn();
  });

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
    state();
    opened();
    pinned.disconnect();
    for (const section of document.querySelectorAll(".in-view")) pinned.observe(section);
  };
  window.addEventListener("hashchange", () => { for (const one of boxes.values()) one.reveal(false); });
  document.addEventListener("holdover:result", wire);
  wire();
})();
