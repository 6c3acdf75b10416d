// The keyboard: a palette of pages and actions, steps through a run's requests and findings and through a collection, and a list of all keys.
// Keys that are typed into a field only type. Shortcuts of a single key can be switched off (WCAG 2.1.4).
(() => {
  const palette = document.getElementById("palette");
  const shortcuts = document.getElementById("shortcuts");
  const input = palette.querySelector("[data-palette-input]");
  const list = palette.querySelector("[data-palette-list]");
  const count = palette.querySelector("[data-palette-count]");
  const singles = shortcuts.querySelector("[data-single-keys]");
  const KEPT = "holdover.single-keys";

  try { singles.checked = localStorage.getItem(KEPT) !== "off"; } catch { singles.checked = true; }
  singles.addEventListener("change", () => {
    try { localStorage.setItem(KEPT, singles.checked ? "on" : "off"); } catch { /* it lasts for this page */ }
  });

  // --- the palette: whatever this page's header, actions, sections and footer offer ----------------------------------
  const OFFERED = "header.top a, header.top button, main .actions a, main .actions button, main .run, main .tabs a, main .exports a, footer.bottom a, footer.bottom button";
  let offered = [];
  let found = [];
  let at = 0;

  const nameOf = (one) => {
    const copy = one.cloneNode(true);
    for (const silent of copy.querySelectorAll("[aria-hidden=true], kbd, noscript, template")) silent.remove();
    return (one.getAttribute("aria-label") ?? copy.textContent).replace(/\s+/g, " ").trim();
  };
  const offers = () => {
    const names = new Set();
    return [...document.querySelectorAll(OFFERED)].map((one) => ({ one, name: nameOf(one) })).filter(({ one, name }) => {
      const usable = name && !names.has(name) && !one.disabled && one.getClientRects().length > 0;
      if (usable) names.add(name);
      return usable;
    });
  };
  const mark = () => {
    for (const [index, option] of [...list.children].entries()) option.ariaSelected = String(index === at);
    const option = list.children[at];
    if (option) input.setAttribute("aria-activedescendant", option.id); else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const draw = () => {
    const asked = input.value.trim().toLowerCase().split(/\s+/);
    found = offered.filter(({ name }) => asked.every((part) => name.toLowerCase().includes(part)));
    at = 0;
    list.replaceChildren(...found.map(({ name }, index) => {
      const option = document.createElement("li");
      option.id = `palette-option-${index}`;
      option.role = "option";
      option.textContent = name;
      return option;
    }));
    count.textContent = found.length ? count.dataset.some.replace("{number}", found.length) : count.dataset.none;
    mark();
  };
  const choose = (index) => {
    const chosen = found[index]?.one;
    palette.close();
    chosen?.focus();
    chosen?.click();
  };
  const openPalette = () => {
    offered = offers();
    input.value = "";
    palette.showModal();
    draw();
    input.focus();
  };
  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && found.length) {
      event.preventDefault();
      at = (at + by + found.length) % found.length;
      mark();
    }
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      choose(at);
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose([...list.children].indexOf(option));
  });

  // --- a run's requests and findings ------------------------------------------------------------------------------------
  const step = (anchors, by) => {
    const ids = [...document.querySelectorAll(anchors)].map((one) => one.id);
    if (!ids.length) return;
    const now = ids.indexOf(decodeURIComponent(location.hash.slice(1)));
    const next = now < 0 ? (by > 0 ? 0 : ids.length - 1) : (now + by + ids.length) % ids.length;
    location.hash = ids[next];
    const target = document.getElementById(ids[next]);
    const link = target.querySelector(`a[data-select="${CSS.escape(ids[next])}"]`);
    if (link) link.focus({ preventScroll: true });
    else {
      target.tabIndex = -1;
      target.focus({ preventScroll: true });
    }
  };
  const REQUESTS = "#requests tbody[id^=request-], .live tbody[id^=request-]";
  const FINDINGS = "article[id^=finding-]";

  // --- keys -------------------------------------------------------------------------------------------------------------
  const typing = (event) => event.composedPath().some((one) => one.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(one.tagName));
  const single = {
    j: () => step(REQUESTS, 1),
    k: () => step(REQUESTS, -1),
    n: () => step(FINDINGS, 1),
    h: () => document.querySelector("[data-path=before]")?.click(),
    l: () => document.querySelector("[data-path=after]")?.click(),
    "/": openPalette,
    "?": () => shortcuts.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || typing(event) || document.querySelector("dialog[open]")) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const action = plain ? singles.checked && single[event.key] : event.key.toLowerCase() === "k" && !event.altKey && openPalette;
    if (!action) return;
    event.preventDefault();
    action();
  });
  for (const button of document.querySelectorAll("[data-open-shortcuts]")) {
    button.hidden = false;
    button.addEventListener("click", () => shortcuts.showModal());
  }
})();
