// Colours for code that is only shown: comments, strings, numbers and keywords of the languages that are played. The text
// is not touched; the browser paints ranges of it, so that marks, links and find-in-page stay as they are.
(() => {
  if (!window.CSS?.highlights) return;
  const KEYWORDS = {
    python: "False None True and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield",
    javascript: "abstract as async await break case catch class const continue debugger default delete do else enum export extends false finally for from function if implements import in instanceof interface let new null of private protected public readonly return satisfies static super switch this throw true try type typeof undefined var void while with yield",
  };
  const STRINGS = {
    python: String.raw`[rRbBfFuU]{0,2}(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)`,
    javascript: String.raw`"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|${"`"}(?:\\[\s\S]|[^${"`"}\\])*${"`"}?`,
  };
  const COMMENTS = { python: "#[^\\n]*", javascript: String.raw`//[^\n]*|/\*[\s\S]*?(?:\*/|$)` };
  const KINDS = ["comment", "string", "number", "keyword"];
  const patternOf = (language) => new RegExp(
    `(${COMMENTS[language]})|(${STRINGS[language]})|\\b(0[xob][\\da-f_]+|\\d[\\d_]*(?:\\.\\d+)?(?:e[+-]?\\d+)?)\\b|(?<![.\\w$])(${KEYWORDS[language].replaceAll(" ", "|")})(?![\\w$])`, "gi");
  const languageOf = (name) => (/\.pyw?$/.test(name) ? "python" : /\.[cm]?[jt]sx?$/.test(name) ? "javascript" : "");

  const texts = (cell) => {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT, (node) => (node.parentElement.closest("a") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode);
    return found;
  };
  const paint = (table, language) => {
    const pieces = [];
    let text = "";
    for (const cell of table.querySelectorAll("td.src")) {
      for (const node of texts(cell)) {
        pieces.push({ node, from: text.length });
        text += node.data;
      }
      text += "\n";
    }
    let at = 0;
    for (const match of text.matchAll(patternOf(language))) {
      const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)];
      if (kind === "keyword" && !KEYWORDS[language].split(" ").includes(match[0])) continue;
      const [from, to] = [match.index, match.index + match[0].length];
      while (at < pieces.length && pieces[at].from + pieces[at].node.length <= from) at += 1;
      for (let next = at; next < pieces.length && pieces[next].from < to; next += 1) {
        const { node, from: start } = pieces[next];
        const range = new StaticRange({ startContainer: node, startOffset: Math.max(0, from - start), endContainer: node, endOffset: Math.min(node.length, to - start) });
        if (range.startOffset >= range.endOffset) continue;
        const name = `code-${kind}`;
        if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
        CSS.highlights.get(name).add(range);
      }
    }
  };
  const painted = new WeakSet();
  const paintAll = () => {
    for (const table of document.querySelectorAll("table.code:not(.difference)")) {
      const language = languageOf(table.parentElement.previousElementSibling?.textContent.trim() ?? "");
      if (language && !painted.has(table)) paint(table, language);
      painted.add(table);
    }
  };
  document.addEventListener("holdover:result", paintAll);
  paintAll();
})();
