// Packages of the function: a field that adds one to the list, with names completed from the index of the runtime.
// Where the index tells no names there is no such field, and the list below it is written by hand as without scripts.
(() => {
  const form = document.getElementById("experiment");
  const row = form.querySelector("[data-adding]");
  const field = row.querySelector("[data-package]");
  const names = row.querySelector("[data-package-names]");
  const said = row.querySelector("[data-package-said]");
  const list = form.elements.dependencies;
  const box = row.closest("details");
  let waiting = 0;
  let asking = null;
  let told = { typed: "", names: [] };

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const typed = field.value.trim();
    const body = new URLSearchParams({ runtime: form.elements.runtime.value, typed });
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(row.dataset.names, { method: "POST", body, signal: asking.signal });
      if (!answer.ok) return;
      const found = await answer.json();
      // Names that are away for a moment do not take the field from under somebody's hands.
      if (!field.value) row.hidden = !found.offered;
      told = { typed: found.offered ? typed : "", names: found.names };
      names.replaceChildren(...found.names.map((name) => new Option(name, name)));
    } catch { /* asked anew meanwhile, or no network: the field stays as it is */ }
  };
  // Indexes for Python take these for one name: https://packaging.python.org/en/latest/specifications/name-normalization/
  const plain = (name) => name.toLowerCase().replace(/[-_.]+/g, "-");
  // What has a version beside its name is not looked up, and what was typed faster than the index answers neither.
  const isUnknown = (name) => name === told.typed && !/.[=<>!~@[]/.test(name) && !told.names.map(plain).includes(plain(name));
  const add = () => {
    const name = field.value.trim();
    field.focus();
    if (!name) return;
    const lines = list.value.split("\n").filter((line) => line.trim());
    if (!lines.includes(name)) lines.push(name);
    list.value = `${lines.join("\n")}\n`;
    list.dispatchEvent(new Event("input", { bubbles: true }));
    field.value = "";
    names.replaceChildren();
    said.textContent = form.holdover.word(isUnknown(name) ? "wordUnknown" : "wordAdded", { name }, row);
  };

  field.addEventListener("input", () => {
    said.textContent = "";
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
  // A browser that offers the names in a list of its own takes the chosen one first, with the same key.
  const isAdding = (event) => event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey;
  field.addEventListener("keydown", (event) => { if (isAdding(event)) setTimeout(add); });
  field.addEventListener("keypress", (event) => { if (isAdding(event)) event.preventDefault(); });
  row.querySelector("[data-add-package]").addEventListener("click", add);
  box.addEventListener("toggle", () => { if (box.open) ask(); });
  form.elements.runtime.addEventListener("change", () => { if (box.open) ask(); });
  if (box.open) ask();
})();
