// The bar between the code and what is beside it: where it was left is kept, and early.js sets it before anything is drawn.
(() => {
  const KEY = "holdover.split";
  const [USUAL, LEAST, MOST, STEP] = [50, 25, 75, 2];
  const root = document.documentElement;
  const kept = () => {
    try { return Number(localStorage.getItem(KEY)) || USUAL; } catch { return USUAL; }
  };
  const within = (share) => Math.min(MOST, Math.max(LEAST, share));
  let share = within(kept());
  const bar = document.querySelector("[data-split]");
  const pane = bar.parentElement;
  const say = () => { bar.ariaValueNow = String(Math.round(share)); };
  const keep = () => {
    try {
      if (share === USUAL) localStorage.removeItem(KEY); else localStorage.setItem(KEY, String(share));
    } catch { /* no storage: it lasts as long as the page */ }
  };
  const move = (to) => {
    share = within(to);
    root.style.setProperty("--code-share", `${share}%`);
    say();
  };
  bar.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: share - STEP, ArrowRight: share + STEP, Home: LEAST, End: MOST, Enter: USUAL }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(to);
    keep();
  });
  bar.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    bar.focus();
    bar.setPointerCapture(event.pointerId);
  });
  bar.addEventListener("pointermove", (event) => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const { left, width } = pane.getBoundingClientRect();
    move(((event.clientX - left) / width) * 100);
  });
  bar.addEventListener("lostpointercapture", keep);
  bar.addEventListener("dblclick", () => { move(USUAL); keep(); });
  say();
})();
