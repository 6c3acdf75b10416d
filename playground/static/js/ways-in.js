// Ways in: a zip, a folder or files that are dropped on the page or picked. They are sent to the server, which knows
// what is to be taken, and what comes back replaces the code, with the undo of whatever else follows the code.
(() => {
  const form = document.getElementById("experiment");
  const ways = form.querySelector("[data-ways]");
  const one = (selector) => ways.querySelector(selector);
  const { read, fill, say, addLayer } = form.holdover;
  const word = (name, values = {}) => form.holdover.word(name, values, ways);
  const dropHere = document.querySelector("[data-drop-here]");
  const opened = one("[data-opened]");
  const sending = one("[data-sending]");
  const problem = one("[data-open-problem]");
  const most = Number(ways.dataset.bytesMax);
  const notWalked = new Set(ways.dataset.notWalked.split(" "));
  const inMegabytes = (bytes) => `${Math.ceil(bytes / 1048576)} MB`;
  let request = null;

  const complain = (words) => {
    problem.textContent = words;
    problem.hidden = !words;
    sending.hidden = true;
  };

  // --- a folder becomes a zip ----------------------------------------------------------------------------------------
  // A file is [path, File]; a folder that is not walked through is told by its name alone.
  const isLeftOut = (name) => notWalked.has(name) || name.startsWith(".");
  const inFolder = async (entry, path) => {
    if (entry.isFile) return [[path + entry.name, await new Promise((resolve, reject) => entry.file(resolve, reject))]];
    if (isLeftOut(entry.name)) return [[`${path}${entry.name}/`, null]];
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return found;
      for (const each of some) found.push(...await inFolder(each, `${path}${entry.name}/`));
    }
  };
  const ofPicker = (list) => {
    const seen = new Set();
    return [...list].flatMap((file) => {
      const parts = file.webkitRelativePath.split("/");
      const at = parts.findIndex((part, index) => index < parts.length - 1 && isLeftOut(part));
      if (at < 0) return [[file.webkitRelativePath, file]];
      const folder = `${parts.slice(0, at + 1).join("/")}/`;
      if (seen.has(folder)) return [];
      seen.add(folder);
      return [[folder, null]];
    });
  };
  const zipOf = async (found) => {
    const tops = new Set(found.map(([path]) => path.split("/")[0]));
    const inOne = tops.size === 1 && found.every(([path]) => path.includes("/"));
    const rest = found.map(([path, file]) => [inOne ? path.slice(path.indexOf("/") + 1) : path, file]).filter(([path]) => path);
    const total = rest.reduce((sum, [, file]) => sum + (file?.size ?? 0), 0);
    const name = inOne ? [...tops][0] : found[0][0];
    if (!rest.some(([, file]) => file)) throw new Error(word("wordEmpty"));
    if (total > most) throw new Error(word("wordTooLarge", { name, size: inMegabytes(total), most: inMegabytes(most) }));
    const entries = [];
    for (const [path, file] of rest) {
      try {
        entries.push([path, file ? new Uint8Array(await file.arrayBuffer()) : new Uint8Array()]);
      } catch { throw new Error(word("wordUnreadable", { name: path })); }
    }
    return { name, blob: makeZip(entries) };
  };

  // --- sending it, and what comes back ---------------------------------------------------------------------------------
  const post = (blob, name, chosen, as = "code") => new Promise((resolve) => {
    request?.abort();
    request = new XMLHttpRequest();
    const body = new FormData();
    const values = read();
    for (const field of ["runtime", "handler", "memory_mb", "timeout_s", "environment", "account"]) body.set(field, values.plain[field]);
    body.set("function", chosen);
    body.set("as", as);
    body.set("archive", blob, name);
    request.open("POST", ways.dataset.open);
    request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      const percent = Math.floor(event.loaded / event.total * 100);
      one("[data-progress]").value = percent;
      one("[data-sending-text]").textContent = percent < 100 ? word("wordSending", { name, percent }) : word("wordOpening", { name });
    };
    request.onload = () => resolve(request.response?.problem || request.response?.files || request.response?.layer ? request.response : { problem: word("wordLost") });
    request.onerror = () => resolve({ problem: word("wordLost") });
    request.onabort = () => resolve(null);
    request.send(body);
  });
  const sent = async (blob, name, chosen, as) => {
    if (blob.size > most) { complain(word("wordTooLarge", { name, size: inMegabytes(blob.size), most: inMegabytes(most) })); return null; }
    complain("");
    one("[data-sending-text]").textContent = word("wordOpening", { name });
    one("[data-progress]").removeAttribute("value");
    sending.hidden = false;
    const found = await post(blob, name, chosen, as);
    sending.hidden = true;
    if (found?.problem) complain(found.problem);
    return found?.problem ? null : found;
  };
  const open = async (blob, name, chosen = "") => {
    const found = await sent(blob, name, chosen, "code");
    if (!found) return;
    const before = read();
    const beforeNotice = [...opened.childNodes];
    const wasHidden = opened.hidden;
    fill({ ...before, files: found.files, attached: found.attached, archives: found.archives, layers: found.layers, payloads: found.payloads, plain: { ...before.plain, ...found.plain } });
    opened.innerHTML = found.notice;
    // It stands beside the undo already.
    one("[data-summary]").remove();
    opened.hidden = !opened.textContent.trim();
    opened.querySelector("[data-function]")?.addEventListener("change", async (event) => {
      await open(blob, name, event.target.value);
      opened.querySelector("[data-function]")?.focus();
    });
    say(found.summary, () => {
      fill(before);
      opened.replaceChildren(...beforeNotice);
      opened.hidden = wasHidden;
      one("[data-pick]").focus();
    });
  };
  const openAll = async (found) => {
    try {
      const [[path, file] = []] = found;
      if (found.length === 1 && file && /\.zip$/i.test(path)) { await open(file, file.name); return; }
      complain("");
      one("[data-progress]").removeAttribute("value");
      one("[data-sending-text]").textContent = word("wordReading", { files: found.length });
      sending.hidden = false;
      const { name, blob } = await zipOf(found);
      await open(blob, name);
    } catch (error) { complain(error.message); }
  };
  one("[data-stop]").addEventListener("click", () => { request?.abort(); sending.hidden = true; });

  // --- by a button -----------------------------------------------------------------------------------------------------
  for (const button of ways.querySelectorAll("[data-pick]")) {
    const picker = one(`[data-picker="${button.dataset.pick}"]`);
    button.addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => {
      const list = [...picker.files];
      const found = button.dataset.pick === "folder" ? ofPicker(list) : list.map((file) => [file.name, file]);
      picker.value = "";
      if (button.dataset.pick === "layer") { for (const file of list) sent(file, file.name, "", "layer").then((added) => { if (added) addLayer(added.layer); }); } else if (found.length) openAll(found);
    });
  }

  // --- by dropping it anywhere on the page -----------------------------------------------------------------------------
  const hasFiles = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
  let inside = 0;
  const show = (by) => { inside = Math.max(0, inside + by); dropHere.hidden = !inside; };
  document.addEventListener("dragenter", (event) => { if (hasFiles(event)) show(1); }, true);
  document.addEventListener("dragleave", (event) => { if (hasFiles(event)) show(-1); }, true);
  document.addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); }, true);
  // Before the editor, which would insert the text of a file.
  document.addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    show(-inside);
    // Entries are gone once this turn is over.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    try {
      const found = [];
      for (const entry of entries) found.push(...await inFolder(entry, ""));
      if (found.length) await openAll(found); else complain(word("wordEmpty"));
    } catch (error) { complain(error.message); }
  }, true);
})();
