// The run page: one selection for the whole page, the link to copy, and the live part until the run is done.
(() => {
  const POLL_MS = 1000;
  const SILENCE_MS = 4000;

  // --- selection: the address's fragment says it, everything that has to do with it shows it --------------------
  const select = () => {
    const chosen = decodeURIComponent(location.hash.slice(1));
    for (const old of document.querySelectorAll(".selected")) old.classList.remove("selected");
    if (!chosen) return;
    const quoted = CSS.escape(chosen);
    for (const one of document.querySelectorAll(`[data-selectable="${quoted}"], svg [data-select="${quoted}"]`)) {
      one.classList.add("selected");
    }
    const target = document.getElementById(chosen);
    const folded = target?.closest("details:not([open])") ?? target?.querySelector(":scope details:not([open])");
    if (folded && !folded.classList.contains("checks")) folded.open = true;
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

  // --- copying the address ---------------------------------------------------------------------------------------
  const copy = async (button) => {
    const said = document.querySelector("[data-copied]");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      said.textContent = button.dataset.done;
    } catch {
      said.textContent = `${button.dataset.instead} ${button.dataset.copy}`;
    }
  };

  const wire = () => {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
    select();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button);
  });
  document.addEventListener("pointerover", tell);
  document.addEventListener("focusin", tell);
  window.addEventListener("hashchange", select);
  wire();

  // --- live --------------------------------------------------------------------------------------------------------
  const live = document.querySelector("[data-live]");
  if (!live || !window.htmx) return;
  let heard = Date.now();
  let finished = false;
  let open = [];
  let scrolled = 0;

  const finish = async () => {
    if (finished) return;
    finished = true;
    clearInterval(watch);
    await htmx.ajax("GET", location.pathname, { target: "#run", select: "#run", swap: "outerHTML" });
    wire();
    const verdict = document.querySelector("#verdict .verdict-mark");
    if (verdict) document.title = `${verdict.textContent.replace(/^\W+/, "")} · ${document.title.split(" · ").slice(-2).join(" · ")}`;
  };

  // Nothing jumps: what was unfolded and how far the timeline was scrolled outlive the swap.
  live.addEventListener("htmx:beforeSwap", () => {
    open = [...live.querySelectorAll("details[open][id]")].map((one) => one.id);
    scrolled = live.querySelector(".timeline-scroll")?.scrollLeft ?? 0;
  });
  const keep = () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    const box = live.querySelector(".timeline-scroll");
    if (box) box.scrollLeft = scrolled;
    select();
  };
  live.addEventListener("htmx:sseBeforeMessage", () => {
    heard = Date.now();
    open = [...live.querySelectorAll("details[open][id]")].map((one) => one.id);
    scrolled = live.querySelector(".timeline-scroll")?.scrollLeft ?? 0;
  });
  live.addEventListener("htmx:sseMessage", keep);
  live.addEventListener("htmx:afterSwap", keep);
  live.addEventListener("htmx:sseClose", (event) => { if (event.detail.type === "message") finish(); });
  live.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr?.status === 286) finish(); });

  // Without a stream (a proxy that holds it back, too many of them) the same fragment is asked for each second.
  const watch = setInterval(() => {
    if (Date.now() - heard > SILENCE_MS) htmx.trigger("[data-poll]", "holdover:poll");
  }, POLL_MS);
})();
