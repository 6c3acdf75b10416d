// Before anything is drawn: the colours this browser chose, if it chose any. Not deferred, so that nothing flashes.
try {
  const theme = localStorage.getItem("holdover.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* no storage: the system's colours */ }
