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

  // --- copying the address: what is selected and the range that is shown are in it -----------------------------------
  const copy = async (button) => {
    const said = document.querySelector("[data-copied]");
    document.querySelector("[data-naming]")?.setAttribute("open", "");
    const text = button.dataset.copyText ?? new URL(location.search + location.hash, button.dataset.copy).href;
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = button.dataset.done;
    } catch {
      said.textContent = `${button.dataset.instead} ${text}`;
    }
  };

  const wire = () => {
    for (const one of document.querySelectorAll("[data-copy], [data-copy-text], [data-drag]")) one.hidden = false;
    select();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy], [data-copy-text]");
    if (button) copy(button);
  });
  window.addEventListener("hashchange", select);
  wire();

  // --- live: at the end the whole page is drawn again ----------------------------------------------------------------
  const announce = () => document.dispatchEvent(new Event("holdover:result"));
  const live = document.querySelector("main > #run [data-live]");
  if (live && window.htmx) {
    holdoverLive(live, {
      swapped: announce,
      finished: async () => {
        await htmx.ajax("GET", location.pathname + location.search, { target: "#run", select: "#run", swap: "outerHTML" });
        announce();
        const verdict = document.querySelector("#verdict .verdict-mark");
        if (verdict) document.title = `${verdict.textContent.replace(/^\W+/, "")} · ${document.title.split(" · ").slice(-2).join(" · ")}`;
      },
    });
  }
  document.addEventListener("holdover:result", wire);
})();
