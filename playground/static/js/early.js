// Before anything is drawn: the colours this browser chose, and where the bar beside the code was left. Not deferred, so
// that nothing flashes or moves.
try {
  const root = document.documentElement;
  const theme = localStorage.getItem("holdover.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const share = Number(localStorage.getItem("holdover.split"));
  if (share >= 25 && share <= 75) root.style.setProperty("--code-share", `${share}%`);
} catch { /* no storage: the system's colours, and halves */ }
