// The log of a run: search, level and request narrow it down, long lines wrap or not, and what is shown can be copied.
(() => {
  const SEVERE = /\b(ERROR|CRITICAL|FATAL|Task timed out|Status: (error|timeout))\b|"level": ?"(ERROR|CRITICAL|FATAL)"/i;
  const WARNED = /\b(WARN|WARNING)\b|"level": ?"WARN(ING)?"/i;
  const meets = {
    "": () => true,
    ERROR: (line, text) => SEVERE.test(text),
    WARN: (line, text) => SEVERE.test(text) || WARNED.test(text),
    function: (line) => line.classList.contains("function"),
  };

  // What a line says, without what stands beside it for notes.
  const wordsOf = (span) => {
    const copy = span.cloneNode(true);
    for (const beside of copy.querySelectorAll(".pin, .note-mark")) beside.remove();
    return copy.textContent;
  };

  const open = (tools) => {
    const section = tools.closest("section");
    const [text, level, request, wrap, copy, said] = ["text", "level", "request", "wrap", "copy", "said"].map((name) => tools.querySelector(`[data-log-${name}]`));
    const groups = [...section.querySelectorAll(".log-group")];
    const lines = groups.flatMap((group) => [...group.querySelectorAll("ol.log > li")].map((line) => ({ line, group, text: wordsOf(line.querySelector("span")) })));
    const headings = new Map(groups.filter((group) => group.dataset.selectable).map((group) => [group.dataset.selectable, group.querySelector("summary").textContent.split(" · ").slice(1).join(" · ").replace(/[,、].*$/, "")]));
    for (const [anchor, heading] of headings) request.append(new Option(heading, anchor));
    const narrow = () => {
      const words = text.value.trim().toLowerCase();
      let shown = 0;
      const alive = new Set();
      for (const one of lines) {
        const fits = (!request.value || one.group.dataset.selectable === request.value) && meets[level.value](one.line, one.text) && one.text.toLowerCase().includes(words);
        one.line.hidden = !fits;
        if (fits) {
          shown += 1;
          alive.add(one.group);
        }
      }
      for (const group of groups) group.hidden = !alive.has(group);
      said.textContent = shown === lines.length ? "" : tools.dataset.wordShown.replace("{number}", shown).replace("{all}", lines.length);
    };
    for (const field of [text, level, request]) field.addEventListener("input", narrow);
    wrap.addEventListener("input", () => section.classList.toggle("unwrapped", !wrap.checked));
    copy.addEventListener("click", async () => {
      const shown = lines.filter(({ line }) => !line.hidden);
      await navigator.clipboard.writeText(shown.map((one) => `${one.text}\n`).join(""));
      said.textContent = tools.dataset.wordCopied.replace("{number}", shown.length);
    });
    // A link to a line that is filtered away shows all lines again.
    window.addEventListener("hashchange", () => {
      if (!section.querySelector(`[id="${CSS.escape(location.hash.slice(1))}"][hidden]`)) return;
      for (const field of [text, level, request]) field.value = "";
      narrow();
      document.getElementById(location.hash.slice(1)).scrollIntoView();
    });
    tools.hidden = false;
  };
  const wire = () => {
    for (const tools of document.querySelectorAll("[data-log-tools][hidden]")) open(tools);
  };
  document.addEventListener("holdover:result", wire);
  wire();
})();
