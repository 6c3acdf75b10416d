// The extension tells the console of each stream that ends. The browser opens it anew, and we ask while there is none.
htmx.createEventSource = (url) => Object.defineProperty(new EventSource(url), "onerror", { set() {} });

// A run that goes on: its fragment is swapped as it comes, without anything jumping, until the run is done.
window.holdoverLive = (live, { swapped, finished }) => {
  const POLL_MS = 1000;
  const SILENCE_MS = 4000;
  let heard = Date.now();
  let ended = false;
  let open = [];
  const main = live.closest("main");
  main.dataset.watched = "";

  const stop = () => {
    ended = true;
    clearInterval(watch);
  };
  const finish = () => {
    if (ended) return;
    stop();
    Promise.resolve(finished()).then(release);
  };
  // The place that was kept for a verdict is given back where nobody sees it go: at once if the page can be scrolled by as
  // much, so that what is below stays where it is; else when it is out of view, or the view moves.
  const release = () => {
    const headline = main.querySelector(".headline");
    if (!headline) return;
    const below = () => headline.getBoundingClientRect().bottom;
    const before = below();
    delete main.dataset.watched;
    const moved = below() - before;
    if (scrollY + moved >= 0) {
      scrollBy({ top: moved, behavior: "instant" });
      return;
    }
    main.dataset.watched = "";
    const seen = new IntersectionObserver(([one]) => { if (!one.isIntersecting) give(); });
    const give = () => {
      seen.disconnect();
      window.removeEventListener("hashchange", give);
      if (headline.isConnected) delete main.dataset.watched;
    };
    seen.observe(headline);
    window.addEventListener("hashchange", give);
  };

  // What was unfolded outlives the swap.
  const note = () => {
    open = [...live.querySelectorAll("details[open][id]")].map((one) => one.id);
  };
  const keep = () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    tick();
    swapped();
  };
  live.addEventListener("htmx:beforeSwap", note);
  live.addEventListener("htmx:sseBeforeMessage", () => {
    heard = Date.now();
    note();
  });
  live.addEventListener("htmx:sseMessage", keep);
  live.addEventListener("htmx:afterSwap", keep);
  live.addEventListener("htmx:sseClose", (event) => { if (event.detail.type === "message") finish(); });
  live.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr?.status === 286) finish(); });

  // Countdowns of a session; without scripts there is the time of day alone.
  const tick = () => {
    for (const one of live.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Math.round((new Date(one.dataset.until) - Date.now()) / 1000));
      one.textContent = ` (${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")})`;
    }
  };
  tick();

  // Without a stream (a proxy that holds it back, too many of them) the same fragment is asked for each second.
  const watch = setInterval(() => {
    tick();
    if (Date.now() - heard > SILENCE_MS) htmx.trigger(live.querySelector("[data-poll]"), "holdover:poll");
  }, POLL_MS);
  return stop;
};
