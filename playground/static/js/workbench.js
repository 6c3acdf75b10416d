// The result beside the code: Run sends the form and shows the run here, which has its own page as well. What the server
// will not play it says on the whole page, as it does without scripts.
(() => {
  const form = document.getElementById("experiment");
  const panel = document.querySelector("[data-result]");
  const box = panel.querySelector("[data-result-box]");
  const button = form.querySelector("[data-run-button]");
  if (!window.htmx) return;
  const resultOf = (id) => panel.dataset.resultAddress.replace("RUN", id);
  const keptAs = `holdover.result:${location.pathname}${location.search}`;
  const remember = (id) => {
    try { sessionStorage.setItem(keptAs, id); } catch { /* no storage: a reload forgets it */ }
  };
  // What shows a result is fetched once somebody does something here; its styles stand before this page's own.
  const styled = () => new Promise((resolve, reject) => {
    const own = document.querySelector('link[rel="stylesheet"]:last-of-type');
    own.before(Object.assign(document.createElement("link"), { rel: "stylesheet", href: panel.dataset.styles, onload: resolve, onerror: reject }));
  });
  let scripts = null;
  const ready = () => {
    scripts ??= Promise.all([styled(), form.holdover.fetched(panel.dataset.scripts)]);
    return scripts;
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { ready().catch(() => {}); }, { once: true, capture: true });
  let stop = () => {};
  let sending = false;

  const show = (id, html) => {
    stop();
    stop = () => {};
    htmx.swap(box, html, { swapStyle: "innerHTML" });
    panel.hidden = false;
    const live = box.querySelector("[data-live]");
    if (live) stop = holdoverLive(live, { swapped: announce, finished: () => load(id) });
    else form.holdover.mark([...box.querySelectorAll("[data-code-marks] > li")].map(({ dataset, textContent }) => (
      { file: dataset.file, line: Number(dataset.line), role: dataset.role, words: textContent })));
    announce();
  };
  const announce = () => document.dispatchEvent(new Event("holdover:result"));
  const load = async (id) => {
    const [answer] = await Promise.all([fetch(resultOf(id)), ready()]).catch(() => [null]);
    if (answer?.headers.get("Holdover-Run") === id) show(id, await answer.text());
    else panel.hidden = !box.childElementCount;
  };

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name === "action") return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    let answer = null;
    try {
      const headers = { "HX-Request": "true" };
      answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(form)), headers });
    } catch { /* the browser says below what it is */ }
    sending = false;
    button.removeAttribute("aria-disabled");
    const id = answer?.headers.get("Holdover-Run");
    if (!id) {
      // The page that says what is wrong, with all that was typed.
      form.submit();
      return;
    }
    remember(id);
    try { await ready(); } catch { location.assign(resultOf(id).replace(/\/result$/, "")); return; }
    form.holdover.mark([]);
    show(id, await answer.text());
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    panel.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  });

  // A proof that went on is over.
  panel.addEventListener("holdover:proven", ({ detail }) => load(detail.run));

  // A line of the code that the result names is shown in the editor instead of on the run's page.
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a.place");
    const place = link && [...box.querySelectorAll("[data-code-marks] > li")].find((one) => one.dataset.anchor === link.dataset.select);
    if (!place) return;
    event.preventDefault();
    form.holdover.goTo(place.dataset.file, Number(place.dataset.line));
  });

  panel.dataset.ready = "";
  let before = null;
  try { before = sessionStorage.getItem(keptAs); } catch { /* no storage */ }
  if (before) load(before);
})();
