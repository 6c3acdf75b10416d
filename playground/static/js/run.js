// A run's result, on its page or beside its code: one selection for all of it, and the link to copy.
(() => {
  // --- selection: the address's fragment says it, everything that has to do with it shows it --------------------
  const fragment = () => {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return "";
    }
  };
  const select = () => {
    const chosen = fragment();
    for (const old of document.querySelectorAll(".selected")) old.classList.remove("selected");
    if (!chosen) return;
    const quoted = CSS.escape(chosen);
    for (const one of document.querySelectorAll(`[data-selectable="${quoted}"], svg [data-select="${quoted}"]`)) {
      one.classList.add("selected");
    }
    const target = document.getElementById(chosen);
    const folded = [];
    for (let box = target?.closest("details"); box; box = box.parentElement?.closest("details")) folded.push(box);
    if (!folded.some((box) => !box.open)) folded.push(target?.querySelector(":scope details:not([open])"));
    for (const box of folded) if (box && !box.classList.contains("checks")) box.open = true;
  };

  // --- the figures of the bar that is pointed at, in words below the timeline --------------------------------------
  const tell = (event) => {
    const mark = event.target.closest?.("svg.timeline a");
    if (!mark) return;
    const readout = mark.closest("section")?.querySelector("[data-readout]");
    if (!readout) return;
    readout.textContent = mark.getAttribute("aria-label") ?? `${readout.dataset.word} ${mark.textContent}`;
    readout.classList.add("told");
  };

  // --- copying the address: what is selected and the range that is shown are in it -----------------------------------
  const copy = async (button) => {
    const said = document.querySelector("[data-copied]");
    const address = new URL(location.search + location.hash, button.dataset.copy).href;
    try {
      await navigator.clipboard.writeText(address);
      said.textContent = button.dataset.done;
    } catch {
      said.textContent = `${button.dataset.instead} ${address}`;
    }
  };

  // --- a range of time: dragged along the timeline it becomes the address's t ----------------------------------------
  const DRAG_PX = 6;
  const timeAt = (corners, x) => {
    const right = corners.findIndex((corner) => corner[0] >= x);
    if (right <= 0) return corners.at(right)[1];
    const [x0, us0] = corners[right - 1];
    const [x1, us1] = corners[right];
    return Math.round(us0 + ((x - x0) / (x1 - x0)) * (us1 - us0));
  };
  const drag = (down) => {
    const svg = down.target.closest?.("#timeline svg.timeline");
    const form = document.querySelector("[data-range]");
    if (!svg || !form?.dataset.corners || down.button !== 0 || down.pointerType === "touch") return;
    const corners = form.dataset.corners.split(" ").map((pair) => pair.split(",").map(Number));
    const place = (event) => event.clientX - svg.getBoundingClientRect().left;
    const from = place(down);
    const band = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    band.setAttribute("class", "range-drag");
    band.setAttribute("height", svg.getAttribute("height"));
    const ends = (event) => [Math.min(from, place(event)), Math.max(from, place(event))];
    const move = (event) => {
      const [left, right] = ends(event);
      if (right - left < DRAG_PX) return;
      band.setAttribute("x", left);
      band.setAttribute("width", right - left);
      svg.append(band);
    };
    const up = (event) => {
      document.removeEventListener("pointermove", move);
      const dragged = band.isConnected;
      band.remove();
      if (!dragged) return;
      // The bar below the pointer is not meant: a drag that ends on it selects nothing.
      document.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
      const [start, end] = ends(event).map((x) => timeAt(corners, x));
      if (end <= start) return;
      const address = new URL(location.href);
      address.searchParams.set("t", `${start / 1000}-${end / 1000}`);
      address.hash ||= "#timeline";
      location.assign(address);
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", up, { once: true });
  };

  const wire = () => {
    for (const one of document.querySelectorAll("[data-copy], [data-drag]")) one.hidden = false;
    select();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button);
  });
  document.addEventListener("pointerover", tell);
  document.addEventListener("pointerdown", drag);
  // A link inside the picture would be dragged itself.
  document.addEventListener("dragstart", (event) => { if (event.target.closest?.("#timeline svg.timeline")) event.preventDefault(); });
  document.addEventListener("focusin", tell);
  window.addEventListener("hashchange", select);
  wire();

  // --- live: at the end the whole page is drawn again ----------------------------------------------------------------
  const live = document.querySelector("main > #run [data-live]");
  if (live && window.htmx) {
    holdoverLive(live, {
      swapped: select,
      finished: async () => {
        await htmx.ajax("GET", location.pathname + location.search, { target: "#run", select: "#run", swap: "outerHTML" });
        wire();
        const verdict = document.querySelector("#verdict .verdict-mark");
        if (verdict) document.title = `${verdict.textContent.replace(/^\W+/, "")} · ${document.title.split(" · ").slice(-2).join(" · ")}`;
      },
    });
  }
  document.addEventListener("holdover:result", wire);
})();
