// What a new request sends, and what a command of curl means. Pure: texts in, texts out.
window.holdoverRequests = (() => {
  const NAMES = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy"];
  const TEXT_MAX = 64_000;
  const compact = (value) => JSON.stringify(value, null, 1)
    .replace(/([{[])\n\s*/g, "$1").replace(/\n\s*([}\]])/g, "$1").replace(/\n\s*/g, " ");

  // A name that no request has yet.
  const nextName = (taken) => NAMES.find((name) => !taken.includes(name)) ?? `caller-${taken.length + 1}`;

  // The texts of a payload for another caller: the name is the new one's, and a number with an ending of digits goes on.
  const renumbered = (text, name) => {
    const order = /^([A-Z])-(\d)(\d*)$/.exec(text);
    if (order) return `${name[0].toUpperCase()}-${(Number(order[2]) % 9) + 1}${order[3].slice(0, -1)}${order[3] ? (Number(order[3].at(-1)) + 1) % 10 : ""}`;
    return text.replace(/\d{1,15}$/, (digits) => String(Number(digits) + 1).padStart(digits.length, "0"));
  };
  const capital = (name) => name[0].toUpperCase() + name.slice(1);
  const changedFor = (value, before, name, key = "") => {
    if (Array.isArray(value)) return value.map((each) => changedFor(each, before, name, key));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([under, each]) => [under, changedFor(each, before, name, under)]));
    }
    if (typeof value !== "string") return value;
    if (before && value.toLowerCase().includes(before)) return value.replaceAll(before, name).replaceAll(capital(before), capital(name));
    return /^(version|httpMethod|path|rawPath|resource|routeKey|eventVersion|runtime)$/i.test(key) ? value : renumbered(value, name);
  };
  const forCaller = (payload, before, name) => {
    let value;
    try { value = JSON.parse(payload); } catch { return payload; }
    const made = changedFor(value, before.toLowerCase(), name);
    return payload.includes("\n") ? JSON.stringify(made, null, 2) : compact(made);
  };

  // --- a command of curl: the parts of an event of HTTP ------------------------------------------------------------
  const WORD = /\s*((?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+)/y;
  const PIECE = /\$?'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^'"\\]+)/g;
  const words = (text) => {
    const found = [];
    WORD.lastIndex = 0;
    for (let match = WORD.exec(text); match; match = WORD.exec(text)) {
      const [...pieces] = match[1].matchAll(PIECE);
      found.push(pieces.map(([, single, double, escaped, plain]) => (
        single ?? double?.replace(/\\(["\\$`\n])/g, (_, kept) => (kept === "\n" ? "" : kept)) ?? (escaped === "\n" ? "" : escaped) ?? plain)).join(""));
    }
    return found.filter(Boolean);
  };
  const SHORT = { X: "request", H: "header", d: "data", G: "get", I: "head", u: "user", b: "cookie", A: "user-agent", e: "referer" };
  const DATA = ["data", "data-raw", "data-binary", "data-ascii", "data-urlencode", "json"];
  const IDLE = ["o", "m", "x", "w", "T", "F", "c", "E", "output", "max-time", "connect-timeout", "proxy", "write-out", "cacert", "cert", "key", "retry", "form", "resolve"];
  const TAKES = [...DATA, "request", "header", "user", "cookie", "user-agent", "referer", "url", ...IDLE];
  const curl = (text) => {
    if (text.length > TEXT_MAX || !/^\s*(?:\$\s+)?curl\s/.test(text)) return null;
    const left = words(text.replace(/^\s*\$\s+/, "")).slice(1);
    const asked = { headers: {}, data: [] };
    const header = (name, value) => { asked.headers[name.trim().toLowerCase()] = value.trim(); };
    while (left.length) {
      const word = left.shift();
      const short = /^-([A-Za-z])(.*)$/s.exec(word);
      if (!word.startsWith("-")) { asked.url ??= word; continue; }
      const name = short ? SHORT[short[1]] ?? short[1] : word.slice(2).split("=")[0];
      const given = short ? short[2] : word.includes("=") ? word.slice(word.indexOf("=") + 1) : "";
      const value = TAKES.includes(name) ? given || (left.shift() ?? "") : "";
      if (name === "request") asked.method = value;
      else if (name === "header") header(...(value.includes(":") ? [value.slice(0, value.indexOf(":")), value.slice(value.indexOf(":") + 1)] : [value, ""]));
      else if (name === "user") header("authorization", `Basic ${btoa(unescape(encodeURIComponent(value)))}`);
      else if (["cookie", "user-agent", "referer"].includes(name)) header(name, value);
      else if (name === "url") asked.url = value;
      else if (name === "get") asked.get = true;
      else if (name === "head") asked.method ??= "HEAD";
      else if (DATA.includes(name)) {
        asked.data.push(value);
        asked.json ||= name === "json";
      }
    }
    return asked.url ? partsOf(asked) : null;
  };
  const partsOf = ({ url, method, headers, data, get, json }) => {
    let address;
    try { address = new URL(/^[a-z]+:\/\//i.test(url) ? url : `https://${url}`); } catch { return null; }
    const body = data.join("&");
    const query = new URLSearchParams(address.search);
    if (get) for (const [name, value] of new URLSearchParams(body)) query.append(name, value);
    const sent = data.length > 0 && !get;
    if (sent) headers["content-type"] ??= json ? "application/json" : "application/x-www-form-urlencoded";
    let value = body;
    try { if (headers["content-type"]?.includes("json")) value = JSON.parse(body); } catch { /* sent as it is */ }
    const values = Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).length > 1 ? query.getAll(name) : query.get(name)]));
    return { method: method ?? (sent ? "POST" : "GET"), path: decodeURI(address.pathname), query: values, headers, ...(sent ? { body: value } : {}) };
  };
  return { nextName, forCaller, curl };
})();
