// The home page: files as tabs with an editor in each, steps that move, what was typed kept for the next visit.
// Without this script the page is plain fields and works; without the editor's bundle the plain text fields stay.
(() => {
  const form = document.getElementById("experiment");
  const one = (selector, within = form) => within.querySelector(selector);
  const all = (selector, within = form) => [...within.querySelectorAll(selector)];
  const files = one("[data-files]");
  const tabs = one("[data-file-tabs]");
  const steps = one("[data-steps]");
  const peers = one("[data-peers]");
  // The page's language is the server's business: words come with the form, places in them are {named}.
  const word = (name, values = {}) => form.dataset[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);

  // --- the other scripts: fetched, in their order, as soon as somebody does something or the browser has nothing to do ----
  const used = new Promise((resolve) => {
    // Of scrolling only the page's own, which bubbles: lists are scrolled into place by scripts.
    for (const kind of ["pointerdown", "keydown", "focusin", "scroll", "dragenter"]) addEventListener(kind, resolve, { once: true, passive: true, capture: kind !== "scroll" });
    if (matchMedia("(min-width: 901px)").matches) (window.requestIdleCallback ?? setTimeout)(resolve, { timeout: 500 });
    // A result that was here before is shown again.
    try { if (sessionStorage.getItem(`holdover.result:${location.pathname}${location.search}`)) resolve(); } catch { /* no storage */ }
  });
  const fetched = (sources) => Promise.all(sources.split(" ").map((src) => new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("script"), { src, async: false, onload: resolve, onerror: reject }));
  })));
  let equipped = false;
  let unheard = false;
  // htmx that runs between the document's end and the page's "load" waits for an event that is over, and does nothing.
  const complete = new Promise((resolve) => {
    if (document.readyState === "complete") resolve(); else addEventListener("load", resolve, { once: true });
  });
  // Without them the page works as it does without scripts.
  const tools = used.then(() => complete).then(() => fetched(form.dataset.tools)).catch(() => {}).then(() => {
    equipped = true;
    if (unheard) stepsChanged();
  });
  // What needs them and is pressed before they are there is pressed again once they are.
  addEventListener("click", (event) => {
    const button = event.target.closest?.(":is([data-fill], [data-fill-every], [data-add], [data-run-button])");
    if (equipped || !button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    tools.then(() => button.click());
  }, true);
  addEventListener("submit", (event) => {
    if (equipped || event.target !== form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    tools.then(() => form.requestSubmit(event.submitter));
  }, true);

  // --- one undo for whatever was removed last, and one for what followed the code ----------------------------------
  const undoIn = (box) => {
    let restore = null;
    const button = one("[data-undo-button]", box);
    button.addEventListener("click", () => {
      restore?.();
      restore = null;
      box.hidden = true;
      changed();
    });
    return (words, action) => {
      restore = action;
      one("[data-undo-text]", box).textContent = words;
      button.hidden = !action;
      box.hidden = false;
    };
  };
  const offerUndo = undoIn(one("[data-undo]"));
  const sayFollowed = undoIn(one("[data-followed]"));

  // --- the draft: what was typed at this address -----------------------------------------------------------------
  const draftKey = `holdover.draft:${location.pathname}${location.search}`;
  const plain = [
    "runtime", "handler", "memory_mb", "timeout_s", "environment", "account", "extensions", "dependencies", "scenario",
    ...all("[data-setting]").map((field) => field.name),
  ];
  const stepParts = ["kind", "principal", "payload", "idle", "type", "times", "template", "before", "made_from"];
  const peerParts = ["name", "port", "max_clients", "greeting", "echo", "delay", "close_after"];
  const pairs = (selector, ...names) => all(selector).map((row) => names.map((name) => one(`[name=${name}]`, row).value));
  const read = () => ({
    plain: Object.fromEntries(plain.map((name) => [name, form.elements[name].value])),
    files: all("[data-file]", files).map((row) => [one("[name=file_name]", row).value, one("[name=file_text]", row).value]),
    attached: pairs("[data-attached]", "attached_name", "attached_base64"),
    archives: pairs("[data-archive]", "archive_name", "archive_stored"),
    layers: pairs("[data-layer]", "layer_name", "layer_files", "layer_stored"),
    payloads: pairs("[data-found]", "found_name", "found_payload"),
    steps: all("[data-step]", steps).map(readStep),
    peers: all("[data-peer]", peers).map((row) => peerParts.map((name) => one(`[name=peer_${name}]`, row).value)),
  });
  const readStep = (row) => stepParts.map((name) => one(`[name=step_${name}]`, row).value);
  // A tab comes back to its own, a new one to what was typed last.
  const drafts = () => {
    try { return [sessionStorage, localStorage]; } catch { return []; /* no storage */ }
  };
  let saving = 0;
  const save = () => {
    clearTimeout(saving);
    saving = 0;
    const text = JSON.stringify(read());
    for (const kept of drafts()) try { kept.setItem(draftKey, text); } catch { /* no room: not kept there */ }
  };
  const changed = () => {
    clearTimeout(saving);
    saving = setTimeout(save, 300);
  };
  const drop = () => {
    clearTimeout(saving);
    saving = 0;
    for (const kept of drafts()) kept.removeItem(draftKey);
  };

  // --- files -----------------------------------------------------------------------------------------------------
  let editorModule = null;
  const editors = new WeakMap();
  const fileRows = () => all("[data-file]", files);
  let shown = null;

  // A copy that was made for a finding opens at the line that it is about.
  const mark = one("[data-mark-line]");
  const markedLine = Number(mark?.dataset.markLine ?? 1);
  const isMarked = (row) => mark !== null && one("[name=file_name]", row).value === mark.dataset.markFile;

  // The lines that a result names, and why.
  let marks = [];
  const marksOf = (row) => marks.filter(({ file }) => file === one("[name=file_name]", row).value);
  const markLines = (found) => {
    marks = found;
    for (const row of fileRows()) editors.get(row)?.mark(marksOf(row));
  };

  const newFile = (name, text) => {
    const row = one("[data-file-template]").content.firstElementChild.cloneNode(true);
    one("[name=file_name]", row).value = name;
    one("[name=file_text]", row).value = text;
    return row;
  };
  const mountEditor = (row) => {
    const textarea = one("[data-source]", row);
    if (!editorModule || editors.has(row)) return;
    const name = one("[name=file_name]", row);
    const editor = editorModule.mount(textarea, {
      said: (file) => word("wordEditor", { name: file || word("wordUnnamed") }), name: name.value, changed: () => { changed(); codeChanged(row); }, run: () => form.requestSubmit(), format: () => format(row), line: isMarked(row) ? markedLine : 1 });
    const named = () => { one("[data-format]", row).hidden = !editorModule.isFormatted(name.value); };
    name.addEventListener("input", () => { editor.setName(name.value); named(); });
    editors.set(row, editor);
    editor.mark(marksOf(row));
    named();
  };
  const place = (found) => word("wordPlace", found);
  const format = async (row) => {
    const name = one("[name=file_name]", row).value;
    if (!editorModule?.isFormatted(name)) return;
    const said = one("[data-format-said]", row);
    said.textContent = "";
    const found = await editors.get(row).format({
      address: form.dataset.formatter,
      token: () => form.elements.csrfmiddlewaretoken.value,
      words: { long: word("wordFormatLong"), lost: word("wordFormatLost"), large: word("wordFormatLarge") },
    }, place);
    if (found.why) said.textContent = found.line ? place(found) : `${found.why}.`;
    else said.textContent = word(found.changed ? "wordFormatted" : "wordFormattedAlready");
    said.classList.toggle("error", Boolean(found.why));
  };
  const showFile = (row, focus = false) => {
    shown = row;
    for (const other of fileRows()) other.hidden = other !== row;
    drawTabs();
    mountEditor(row);
    if (focus) all("[role=tab]", tabs)[fileRows().indexOf(row)]?.focus();
  };
  const drawTabs = () => {
    const rows = fileRows();
    const buttons = rows.map((row) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.role = "tab";
      tab.textContent = one("[name=file_name]", row).value || word("wordUnnamed");
      tab.ariaSelected = String(row === shown);
      tab.tabIndex = row === shown ? 0 : -1;
      tab.classList.toggle("bad", Boolean(one(".error", row)));
      tab.addEventListener("click", () => showFile(row, true));
      return tab;
    });
    const list = document.createElement("div");
    list.role = "tablist";
    list.ariaLabel = word("wordFiles");
    list.append(...buttons);
    const add = document.createElement("button");
    add.type = "button";
    add.textContent = "+";
    add.ariaLabel = word("wordAddFile");
    add.addEventListener("click", addFile);
    tabs.replaceChildren(list, add);
    for (const row of rows) one("[data-remove-file]", row).hidden = rows.length < 2;
  };
  const addFile = () => {
    const ending = form.elements.runtime.value.startsWith("node") ? "mjs" : "py";
    const taken = new Set(fileRows().map((row) => one("[name=file_name]", row).value));
    let name = `helper.${ending}`;
    for (let n = 2; taken.has(name); n += 1) name = `helper${n}.${ending}`;
    const row = newFile(name, "");
    files.append(row);
    showFile(row);
    one("[name=file_name]", row).select();
    changed();
  };
  tabs.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const rows = fileRows();
    if (!move || event.target.role !== "tab") return;
    event.preventDefault();
    showFile(rows[(rows.indexOf(shown) + move + rows.length) % rows.length], true);
  });
  files.addEventListener("input", (event) => { if (event.target.name === "file_name") drawTabs(); });
  files.addEventListener("click", ({ target }) => {
    const row = target.closest("[data-format]")?.closest("[data-file]");
    if (row) format(row);
  });
  files.addEventListener("click", (event) => {
    const row = event.target.closest("[data-remove-file]")?.closest("[data-file]");
    if (!row) return;
    event.preventDefault();
    if (fileRows().length < 2) return;
    const next = row.nextElementSibling;
    const name = one("[name=file_name]", row).value || word("wordUnnamed");
    row.remove();
    showFile(fileRows()[0]);
    offerUndo(word("wordRemoved", { name }), () => { files.insertBefore(row, next); showFile(row); });
    changed();
  });

  // --- runtime, file name and handler follow the code; the server knows the languages --------------------------------
  // A file is watched while it holds the example or nothing: until something followed it, or was chosen by hand.
  const watched = new Set();
  const TEXT_MAX = 64000;
  let runtime = form.elements.runtime.value;
  let byHand = false;
  let waiting = 0;
  let asking = null;
  let pasted = false;
  let fitted = null;
  const note = () => {
    one("[data-runtime-note]").textContent = form.elements.runtime.selectedOptions[0]?.dataset.note ?? "";
  };
  const settle = (row, values) => {
    runtime = form.elements.runtime.value = values.runtime;
    note();
    form.elements.handler.value = values.handler;
    one("[name=file_name]", row).value = values.file_name;
    editors.get(row)?.setName(values.file_name);
    drawTabs();
    changed();
  };
  const follow = async (row, by, chosen = form.elements.runtime.value) => {
    asking?.abort();
    asking = new AbortController();
    const rows = fileRows();
    const body = new URLSearchParams({ by, at: rows.indexOf(row), runtime: form.elements.runtime.value, handler: form.elements.handler.value });
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const each of rows) {
      const text = one("[name=file_text]", each).value;
      body.append("file_name", one("[name=file_name]", each).value);
      body.append("file_text", each === row || rows.length < 2 || by === "runtime" ? text.slice(0, TEXT_MAX) : text.slice(0, 100));
    }
    let found;
    try {
      const answer = await fetch(form.dataset.follow, { method: "POST", body, signal: asking.signal });
      found = answer.ok ? await answer.json() : {};
    } catch { return; /* asked anew meanwhile, or no network: the fields stay as they are */ }
    const about = rows[found.at];
    if (!about?.isConnected) return;
    if (!found.changes) { sayFollowed(found.said, null); return; }
    const before = { runtime: chosen, handler: form.elements.handler.value, file_name: one("[name=file_name]", about).value };
    watched.delete(about);
    settle(about, found);
    sayFollowed(found.said, () => { settle(about, before); form.elements.runtime.focus(); });
  };
  const typed = (row, wait = 600) => {
    if (!watched.has(row)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => follow(row, "code"), wait);
  };
  // What was asked of the code before a choice by hand may not undo that choice.
  const forget = () => {
    watched.clear();
    clearTimeout(waiting);
    asking?.abort();
  };
  const codeChanged = (row) => { typed(row); stepsChanged(); };
  for (const kind of ["paste", "drop"]) {
    files.addEventListener(kind, (event) => {
      const row = event.target.closest("[data-file]");
      if (!row || event.target.closest("input")) return;
      watched.add(row);
      pasted = true;
      fitted = null;
      typed(row, 150);
    });
  }
  form.addEventListener("input", (event) => {
    if (event.target.name === "file_text") codeChanged(event.target.closest("[data-file]"));
    if (!["file_name", "handler"].includes(event.target.name)) return;
    byHand = true;
    forget();
  });
  form.elements.runtime.addEventListener("change", () => {
    note();
    forget();
    if (!byHand) follow(shown, "runtime", runtime);
    runtime = form.elements.runtime.value;
  });

  // --- steps -----------------------------------------------------------------------------------------------------
  const stepRows = () => all("[data-step]", steps);
  // The server says beside the steps what callers send alike, and which event the code reads that they do not send.
  const stepsChanged = () => {
    unheard ||= !equipped;
    form.dispatchEvent(new Event(pasted ? "holdover:pasted" : "holdover:steps"));
  };
  // A caller has the colour of the run's page: by the order of the names.
  const COLOURS = 8;
  const colourCallers = () => {
    const names = [];
    for (const row of stepRows()) {
      if (!["invoke", "together"].includes(one("[name=step_kind]", row).value)) continue;
      const name = one("[name=step_principal]", row).value.trim() || row;
      if (!names.includes(name)) names.push(name);
      one("[data-caller]", row).className = `caller caller-${(names.indexOf(name) % COLOURS) + 1}`;
    }
  };
  steps.addEventListener("input", () => { colourCallers(); stepsChanged(); });
  const newStep = (values) => {
    const row = one("[data-step-template]").content.firstElementChild.cloneNode(true);
    for (const [at, name] of stepParts.entries()) one(`[name=step_${name}]`, row).value = values[at] ?? "";
    return row;
  };
  const number = () => {
    for (const [index, row] of stepRows().entries()) {
      one("[data-step-number]", row).textContent = index + 1;
      const label = (said) => said.dataset.label.replace("{number}", index + 1);
      for (const button of all("button[data-label]", row)) button.ariaLabel = label(button);
      for (const said of all("span[data-label]", row)) said.textContent = label(said);
      one("[data-fill]", row).value = `fill-step-${index + 1}`;
    }
    for (const tool of all("[data-needs-script]", steps)) tool.hidden = false;
    colourCallers();
    changed();
    stepsChanged();
  };
  const addStep = (values, before = null) => {
    const row = newStep(values);
    steps.insertBefore(row, before);
    window.htmx?.process(row);
    number();
    lint(row);
    return row;
  };
  // The next caller, with values of its own in place of the last one's.
  const nextRequest = () => {
    const requests = stepRows().map(readStep).filter(([kind]) => kind === "invoke" || kind === "together");
    const last = requests.at(-1) ?? ["", "", "{}"];
    const name = holdoverRequests.nextName(requests.map((values) => values[1]));
    return [name, holdoverRequests.forCaller(last[2], last[1], name)];
  };
  const removeStep = (row) => {
    const next = row.nextElementSibling;
    const at = stepRows().indexOf(row) + 1;
    row.remove();
    number();
    (one("[data-remove]", next ?? steps.lastElementChild ?? form) ?? one("[data-add]")).focus();
    offerUndo(word("wordStepRemoved", { number: at }), () => { steps.insertBefore(row, next); number(); one("select", row).focus(); });
  };
  const moveStep = (row, by) => {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    const focused = document.activeElement;
    if (by < 0) other.before(row); else other.after(row);
    number();
    focused?.focus();
  };
  steps.addEventListener("click", (event) => {
    const row = event.target.closest("[data-step]");
    const button = event.target.closest("button");
    if (!row || !button || ("fill" in button.dataset && window.htmx)) return;
    event.preventDefault();
    if ("remove" in button.dataset) removeStep(row);
    if ("duplicate" in button.dataset) one("select", addStep(readStep(row), row.nextElementSibling)).focus();
    if (button.dataset.move) moveStep(row, Number(button.dataset.move));
  });
  // A step follows the pointer by its number; the keyboard has Alt with the arrows.
  let dragged = null;
  steps.addEventListener("pointerdown", ({ target }) => {
    const row = target.closest("[data-step-number]")?.closest("[data-step]");
    if (row) row.draggable = true;
  });
  steps.addEventListener("dragstart", (event) => {
    if (!event.target.draggable || !event.target.matches?.("[data-step]")) return;
    dragged = event.target;
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  steps.addEventListener("dragover", (event) => {
    const over = dragged && event.target.closest("[data-step]");
    if (!over) return;
    event.preventDefault();
    if (over === dragged) return;
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(dragged); else over.after(dragged);
  });
  const endDrag = () => {
    for (const row of stepRows()) row.draggable = false;
    if (!dragged) return;
    dragged.classList.remove("dragged");
    dragged = null;
    number();
  };
  for (const kind of ["dragend", "drop"]) steps.addEventListener(kind, (event) => { if (dragged) event.preventDefault(); endDrag(); });
  steps.addEventListener("pointerup", endDrag);
  // A command of curl becomes the event of its request; said to nobody else, an editor in the field's place included.
  steps.addEventListener("paste", (event) => {
    const row = event.target.closest(".f-payload") && (window.htmx || !equipped) && event.target.closest("[data-step]");
    const parts = row && holdoverRequests.curl(event.clipboardData.getData("text/plain"));
    if (!parts) return;
    event.preventDefault();
    event.stopPropagation();
    const chosen = one("[name=step_template]", row);
    if (!/^(apigateway|function-url|alb)/.test(chosen.value)) chosen.value = "apigateway-v2";
    one("[name=step_made_from]", row).value = JSON.stringify({ template: chosen.value, parts });
    one("[data-fill]", row).click();
  }, true);
  steps.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || !by || event.target.localName === "select") return;
    event.preventDefault();
    moveStep(event.target.closest("[data-step]"), by);
  });
  for (const button of all("[data-add]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const kind = button.dataset.add;
      const asks = kind === "invoke" || kind === "together";
      const row = addStep([kind, ...(asks ? nextRequest() : ["", ""]), "5s", "", kind === "initialize" ? "1" : ""]);
      (one(".f-payload textarea", row).offsetParent ? one("[name=step_principal]", row) : one("select", row)).focus();
    });
  }

  // --- peers -------------------------------------------------------------------------------------------------------
  const newPeer = (values = []) => {
    const row = one("[data-peer-template]").content.firstElementChild.cloneNode(true);
    for (const [at, name] of peerParts.entries()) one(`[name=peer_${name}]`, row).value = values[at] ?? "";
    return row;
  };
  one("[data-add-peer]").addEventListener("click", (event) => {
    event.preventDefault();
    peers.append(newPeer());
    one("[name=peer_name]", peers.lastElementChild).focus();
    changed();
  });
  peers.addEventListener("click", (event) => {
    const row = event.target.closest("[data-remove-peer]")?.closest("[data-peer]");
    if (!row) return;
    event.preventDefault();
    const next = row.nextElementSibling;
    row.remove();
    one("[data-add-peer]").focus();
    offerUndo(word("wordPeerRemoved"), () => { peers.insertBefore(row, next); one("input", row).focus(); });
    changed();
  });

  // --- what came with the code: files that are carried as they are, payloads that lay beside it ---------------------
  const attached = one("[data-attached-files]");
  const found = one("[data-found-payloads]");
  const inBase64 = (base64) => Math.floor(base64.length * 3 / 4) - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
  const ofStored = (stored) => { try { return JSON.parse(stored).bytes; } catch { return 0; } };
  const sizeInWords = (size) => {
    return size < 1024 ? `${size} B` : size < 1048576 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1048576).toFixed(1)} MB`;
  };
  const newAttached = ([name, base64]) => {
    const row = one("[data-attached-template]").content.firstElementChild.cloneNode(true);
    one("[name=attached_name]", row).value = one("[data-attached-name]", row).textContent = name;
    one("[name=attached_base64]", row).value = base64;
    one("[data-attached-size]", row).textContent = sizeInWords(inBase64(base64));
    return row;
  };
  const layers = one("[data-layers]");
  const archives = one("[data-archives]");
  const newArchive = ([name, stored]) => {
    const row = one("[data-archive-template]").content.firstElementChild.cloneNode(true);
    one("[name=archive_name]", row).value = one("[data-archive-name]", row).textContent = name;
    one("[name=archive_stored]", row).value = stored;
    one("[data-archive-size]", row).textContent = sizeInWords(ofStored(stored));
    return row;
  };
  archives.addEventListener("click", (event) => {
    const row = event.target.closest("[data-remove-archive]")?.closest("[data-archive]");
    if (!row) return;
    event.preventDefault();
    row.remove();
    offerUndo(word("wordRemoved", { name: one("[name=archive_name]", row).value }), () => archives.append(row));
    changed();
  });
  const newLayer = ([name, content, stored = ""]) => {
    const row = one("[data-layer-template]").content.firstElementChild.cloneNode(true);
    one("[name=layer_name]", row).value = one("[data-layer-name]", row).textContent = name;
    one("[name=layer_files]", row).value = content;
    one("[name=layer_stored]", row).value = stored;
    one("[data-layer-size]", row).textContent = sizeInWords(stored ? ofStored(stored) : inBase64(content));
    return row;
  };
  layers.addEventListener("click", (event) => {
    const row = event.target.closest("[data-remove-layer]")?.closest("[data-layer]");
    if (!row) return;
    event.preventDefault();
    const next = row.nextElementSibling;
    row.remove();
    offerUndo(word("wordRemoved", { name: one("[name=layer_name]", row).value }), () => layers.insertBefore(row, next));
    changed();
  });
  const newFound = ([name, text]) => {
    const row = one("[data-found-template]").content.firstElementChild.cloneNode(true);
    one("[name=found_name]", row).value = name;
    one("[name=found_payload]", row).value = text;
    one("button", row).textContent = `+ ${name}`;
    return row;
  };
  attached.addEventListener("click", (event) => {
    const row = event.target.closest("[data-remove-attached]")?.closest("[data-attached]");
    if (!row) return;
    event.preventDefault();
    const next = row.nextElementSibling;
    row.remove();
    offerUndo(word("wordRemoved", { name: one("[name=attached_name]", row).value }), () => attached.insertBefore(row, next));
    changed();
  });
  found.addEventListener("click", (event) => {
    const row = event.target.closest("[data-add-found]")?.closest("[data-found]");
    if (!row) return;
    event.preventDefault();
    one("[name=step_principal]", addStep(["invoke", nextRequest()[0], one("[name=found_payload]", row).value])).focus();
  });

  // --- JSON that does not parse: said at once, with its place ----------------------------------------------------
  const lint = (row) => {
    const field = one("[name=step_payload]", row);
    const said = one("[data-step-error]", row);
    const played = ["invoke", "together"].includes(one("[name=step_kind]", row).value) && field.value.trim();
    const found = played ? jsonProblem(field.value) : null;
    const problem = found ? word("wordPlace", { ...found, why: word(found.why) }) : "";
    said.textContent = problem;
    said.hidden = !problem;
    field.setAttribute("aria-invalid", String(Boolean(problem)));
  };
  // In the editor of a payload: its event's names and values, or those of the other requests.
  let examples = null;
  const payloadEditors = () => editorModule.payloadEditors(steps, {
    said: (row) => word("wordPayload", { number: stepRows().indexOf(row) + 1 }),
    shape: async (row) => {
      const chosen = one("[name=step_template]", row).selectedOptions[0];
      if (!chosen.value) return null;
      examples ??= fetch(form.dataset.examples).then((answer) => (answer.ok ? answer.json() : {}), () => ({}));
      const payloads = (await examples)[chosen.value];
      return payloads ? { payloads, title: chosen.textContent } : null;
    },
    others: () => stepRows().map((row) => one("[name=step_payload]", row).value),
    problem: (text) => {
      const found = text.trim() && !/^[\d,]+ *bytes$/.test(text.trim()) ? jsonProblem(text) : null;
      return found && { ...found, words: place({ ...found, why: word(found.why) }) };
    },
    hover: ({ path, type, examples: known, event }) => {
      const example = known ? word("wordSuchAs", { type, example: JSON.stringify(known[0]) }) : type;
      return `${path}: ${example}${event ? ` (${event})` : ""}`;
    },
    run: () => form.requestSubmit(),
  });
  const linted = new WeakMap();
  steps.addEventListener("input", (event) => {
    const row = event.target.closest("[data-step]");
    clearTimeout(linted.get(row));
    linted.set(row, setTimeout(() => tools.then(() => lint(row)), 250));
  });

  // --- event templates: the server fills one row in, and the row before that comes back by undo --------------------
  // Where every request is filled in, they come back together.
  let replaced = null;
  let every = null;
  steps.addEventListener("htmx:beforeSwap", (event) => { replaced = event.detail.target; });
  steps.addEventListener("htmx:afterSwap", (event) => {
    const row = event.detail.elt.closest("[data-step]");
    const before = replaced;
    const chosen = one("[name=step_template]", row).selectedOptions[0];
    number();
    if (every) {
      if (--every.left) return;
      const { before: rows, filled } = every;
      every = null;
      filled(word("wordFilledAll", { name: chosen.textContent }), () => { steps.replaceChildren(...rows); number(); });
      return;
    }
    one("[data-fill]", row).focus();
    if (!chosen.value) return;
    const at = stepRows().indexOf(row) + 1;
    offerUndo(word("wordFilled", { number: at, name: chosen.textContent }), () => { row.replaceWith(before); number(); one("[data-fill]", before).focus(); });
  });

  const fillEvery = (button, filled) => {
    const before = stepRows();
    const rows = button.dataset.steps.split(" ").map((number) => before[number - 1]);
    every = { left: rows.length, before, filled };
    for (const row of rows) {
      one("[name=step_template]", row).value = button.dataset.fillEvery;
      one("[data-fill]", row).click();
    }
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill-every]");
    if (!button || !window.htmx) return;
    event.preventDefault();
    fillEvery(button, offerUndo);
  });

  // --- AWS's services: what the code asks for ------------------------------------------------------------------------
  const addAccount = (button) => {
    const fields = [form.elements.account, form.elements.environment];
    const before = fields.map((field) => field.value);
    const settle = (values) => {
      for (const [at, field] of fields.entries()) {
        field.value = values[at];
        if (field.value) field.closest("details").open = true;
      }
      changed();
      stepsChanged();
    };
    settle([button.dataset.addAccount, button.dataset.environment]);
    return () => settle(before);
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-account]");
    if (!button) return;
    event.preventDefault();
    offerUndo(word("wordAccount"), addAccount(button));
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "account-part") { changed(); stepsChanged(); }
  });

  // --- templates of scenarios: they replace the steps, and the code while that is an example's ------------------------
  const templates = JSON.parse(document.getElementById("templates").textContent);
  const languageOf = (id) => [...form.elements.runtime.options].find((option) => option.value === id)?.parentElement;
  const isExample = () => {
    const texts = fileRows().map((row) => one("[name=file_text]", row).value.trim());
    return texts.length === 1 && (!texts[0] || Object.values(templates.texts).some((known) => Object.values(known).some((text) => text.trim() === texts[0])));
  };
  const presetLinks = all("[data-preset]");
  const choosePreset = (link) => { for (const each of presetLinks) each.ariaCurrent = each === link ? "true" : null; };
  const needs = one("[data-preset-needs]");
  // The example in the language at hand, with the fields that belong to it; what was there is the undo's.
  const useExample = (name) => {
    const before = { rows: fileRows(), runtime: form.elements.runtime.value, handler: form.elements.handler.value };
    const written = Object.entries(templates.runtimes);
    const [ending, usual] = written.find(([, id]) => languageOf(id) === languageOf(before.runtime)) ?? written[0];
    const fits = languageOf(usual) === languageOf(before.runtime);
    const row = newFile(`app${ending}`, templates.texts[name][ending]);
    const put = (rows, { runtime: id, handler }) => {
      files.replaceChildren(...rows);
      runtime = form.elements.runtime.value = id;
      note();
      form.elements.handler.value = handler;
      showFile(rows[0]);
      changed();
    };
    put([row], { runtime: fits ? before.runtime : usual, handler: "app.handler" });
    watched.add(row);
    return () => put(before.rows, before);
  };
  form.addEventListener("click", (event) => {
    const link = event.target.closest("[data-preset]");
    const shape = link && templates.shapes[link.dataset.preset];
    if (!shape || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const before = { rows: stepRows(), chosen: presetLinks.find((each) => each.ariaCurrent), needs: needs.hidden };
    const own = !isExample();
    const undoCode = own ? () => {} : useExample(shape.example);
    steps.replaceChildren(...shape.steps.map(newStep));
    window.htmx?.process(steps);
    number();
    choosePreset(link);
    offered = requestsNow();
    one("[data-needs-text]").textContent = shape.needs;
    one("[data-use-example]").dataset.useExample = shape.example;
    needs.hidden = !own || !shape.needs;
    offerUndo(word("wordShape", { name: one("strong", link).textContent }), () => {
      undoCode();
      steps.replaceChildren(...before.rows);
      number();
      choosePreset(before.chosen);
      needs.hidden = before.needs;
    });
  });
  one("[data-use-example]").addEventListener("click", ({ target }) => {
    const undoCode = useExample(target.dataset.useExample);
    needs.hidden = true;
    offerUndo(word("wordExample"), () => { undoCode(); needs.hidden = false; });
  });

  // --- pasted code gets the events, then the services that it asks for, and one undo takes both back -----------------
  // Only while the requests are a template's as they came: where somebody wrote them, a button is offered.
  const requestsNow = () => JSON.stringify(stepRows().map(readStep));
  let offered = presetLinks.some((each) => each.ariaCurrent) ? requestsNow() : "";
  const sayFitted = (words, back) => {
    fitted = { words, back };
    offerUndo(words, () => { pasted = false; back(); offered = requestsNow(); });
  };
  form.addEventListener("submit", () => { pasted = false; });
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    if (!pasted || !target.matches("[data-advice]") || requestsNow() !== offered) return;
    const fill = one("[data-fill-every]");
    const add = one("[data-add-account]");
    if (fill) {
      fillEvery(fill, (words, restore) => {
        offered = requestsNow();
        sayFitted(words, restore);
      });
    } else if (add) {
      const { words = "", back = () => {} } = fitted ?? {};
      const remove = addAccount(add);
      sayFitted(`${words} ${word("wordAccount")}`.trim(), () => { remove(); back(); });
    }
  });

  // --- submitting --------------------------------------------------------------------------------------------------
  if (mac) one("[data-run-key]").textContent = "⌘⏎";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "action") drop(); else save();
    one("[data-run-button]").ariaDisabled = "true";
  });
  window.addEventListener("pagehide", () => { if (saving) save(); });
  window.addEventListener("pageshow", () => one("[data-run-button]").removeAttribute("aria-disabled"));
  form.addEventListener("input", changed);
  one("[data-discard]").addEventListener("click", () => { drop(); location.reload(); });

  // --- start -------------------------------------------------------------------------------------------------------
  const draft = (() => {
    if (form.hasAttribute("data-errors")) return null;
    try { return JSON.parse(drafts().map((kept) => kept.getItem(draftKey)).find(Boolean)); } catch { return null; }
  })();
  const fill = (values) => {
    const rows = values.files.map(([name, text]) => newFile(name, text));
    const played = values.steps.map(newStep);
    const known = (values.peers ?? []).map(newPeer);
    const carried = (values.attached ?? []).map(newAttached);
    const kept = (values.archives ?? []).map(newArchive);
    const merged = (values.layers ?? []).map(newLayer);
    const beside = (values.payloads ?? []).map(newFound);
    for (const name of plain) if (name in values.plain) form.elements[name].value = values.plain[name];
    files.replaceChildren(...rows);
    steps.replaceChildren(...played);
    window.htmx?.process(steps);
    peers.replaceChildren(...known);
    attached.replaceChildren(...carried);
    archives.replaceChildren(...kept);
    layers.replaceChildren(...merged);
    found.replaceChildren(...beside);
    for (const name of ["environment", "account", "extensions", "dependencies"]) if (form.elements[name].value) form.elements[name].closest("details").open = true;
    for (const more of all("details.more")) {
      const typed = all("[data-setting]", more).some((one) => one.localName === "select" ? one.selectedIndex > 0 : one.value);
      more.open ||= typed || Boolean(one("[data-peer]", more));
    }
    runtime = form.elements.runtime.value;
    note();
  };
  if (draft && JSON.stringify(draft) !== JSON.stringify(read())) {
    try {
      fill(draft);
      one("[data-draft]").hidden = false;
    } catch { drop(); }
  }
  // For the script of the ways in: the form as data, and the undo of whatever followed the code.
  form.holdover = {
    read,
    fill: (values) => {
      forget();
      fill(values);
      number();
      showFile(fileRows()[0]);
      changed();
    },
    addLayer: (values) => {
      layers.append(newLayer(values));
      changed();
    },
    mark: markLines,
    goTo: (file, line) => {
      const row = fileRows().find((each) => one("[name=file_name]", each).value === file);
      if (!row) return;
      showFile(row);
      editors.get(row)?.goTo(line);
    },
    say: sayFollowed,
    word: (name, values, from) => from.dataset[name].replace(/\{(\w+)\}/g, (_, key) => values[key]),
  };
  for (const tool of all("[data-needs-script]")) tool.hidden = false;
  tabs.hidden = false;
  number();
  clearTimeout(saving);
  saving = 0;
  unheard = !one("[data-draft]").hidden;
  showFile(fileRows().find((row) => one(".error", row)) ?? fileRows().find(isMarked) ?? fileRows()[0]);
  one(".error-summary")?.focus();
  if (!form.elements.parent.value) for (const row of fileRows()) watched.add(row);
  // The editor is large, and the plain field does until it is here.
  used.then(() => import(new URL(form.dataset.editor, location.href).href)).then(async (module) => {
    editorModule = module;
    mountEditor(shown);
    await tools;
    payloadEditors();
  }, () => { /* not built: the plain fields stay */ });
  // For the scripts that come later.
  form.holdover.fetched = fetched;
})();
