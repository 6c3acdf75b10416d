// What every page has: the switch of colours.
(() => {
  const button = document.querySelector("[data-theme-switch]");
  const word = document.querySelector("[data-theme-word]");
  const root = document.documentElement;
  const order = ["auto", "light", "dark"];

  const show = () => {
    word.textContent = button.dataset[root.dataset.theme ?? "auto"];
  };

  const choose = (theme) => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    try { localStorage.setItem("holdover.theme", theme); } catch { /* it lasts for this page */ }
    show();
  };

  button.hidden = false;
  button.addEventListener("click", () => choose(order[(order.indexOf(root.dataset.theme ?? "auto") + 1) % 3]));
  show();
})();
