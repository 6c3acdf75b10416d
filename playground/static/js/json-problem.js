// Where a text stops being JSON. Engines word this differently and some do not say the place at all.
(() => {
  const TOKEN = /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.]))/y;
  const SAID = {
    value: "wordValue",
    "value or ]": "wordValueOrEnd",
    key: "wordKey",
    "key or }": "wordKeyOrEnd",
    ":": "wordColon",
    "}": "wordCommaOrBrace",
    "]": "wordCommaOrBracket",
    end: "wordEnd",
  };

  const afterValue = (open) => ({ "{": "}", "[": "]" })[open.at(-1)] ?? "end";

  // What is expected next after a token, or nothing where the token may not stand here. Changes the stack.
  const next = (expected, mark, string, open) => {
    const value = expected.startsWith("value");
    if (value && (mark === "{" || mark === "[")) {
      open.push(mark);
      return mark === "{" ? "key or }" : "value or ]";
    }
    const closes = mark === "]" ? ["]", "value or ]"] : mark === "}" ? ["}", "key or }"] : [];
    if (closes.includes(expected)) {
      open.pop();
      return afterValue(open);
    }
    if (mark === "," && (expected === "}" || expected === "]")) return expected === "}" ? "key" : "value";
    if (mark === ":" && expected === ":") return "value";
    if (mark) return null;
    if (expected.startsWith("key")) return string ? ":" : null;
    return value ? afterValue(open) : null;
  };

  /** @returns {null | {line: number, column: number, why: string}} counted from 1, why as the name of a word of the
   *  form; null where the text is JSON */
  window.jsonProblem = (text) => {
    const open = [];
    let expected = "value";
    let at = 0;
    for (;;) {
      TOKEN.lastIndex = at;
      const found = TOKEN.exec(text);
      const start = at + /^[ \t\r\n]*/.exec(text.slice(at))[0].length;
      if (!found && start === text.length && expected === "end") return null;
      const following = found && next(expected, found[1], found[2], open);
      if (!following) {
        const before = text.slice(0, start).split("\n");
        return { line: before.length, column: before.at(-1).length + 1, why: SAID[expected] };
      }
      expected = following;
      at = TOKEN.lastIndex;
    }
  };
})();
