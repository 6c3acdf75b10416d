// A text as its language's formatter writes it: prettier's here in a worker, ruff's on the server.
const PARSERS = [[/\.json$/i, "json"], [/\.[cm]?jsx?$/i, "babel"], [/\.[cm]?tsx?$/i, "babel-ts"]];
const SECONDS_MAX = 10;
const CHARACTERS_MAX = 256 * 1024;

const parserOf = (name) => PARSERS.find(([ending]) => ending.test(name))?.[1];
const isPython = (name) => /\.pyi?$/i.test(name);

/** Whether a file of that name has a formatter. */
export const isFormatted = (name) => Boolean(parserOf(name)) || isPython(name);

const byPrettier = (text, parser, words) => new Promise((resolve) => {
  const worker = new Worker(new URL("formatter.js", import.meta.url), { type: "module" });
  const end = (answer) => {
    clearTimeout(late);
    worker.terminate();
    resolve(answer);
  };
  const late = setTimeout(end, SECONDS_MAX * 1000, { why: words.long });
  worker.onmessage = ({ data }) => end(data);
  worker.onerror = () => end({ why: words.lost });
  worker.postMessage({ text, parser });
});

const byServer = async (text, { address, token, words }) => {
  try {
    const body = new URLSearchParams({ text, csrfmiddlewaretoken: token() });
    const answer = await fetch(address, { method: "POST", body });
    return answer.ok ? await answer.json() : { why: words.lost };
  } catch { return { why: words.lost }; }
};

/**
 * @param {{name: string, text: string, address: string, token: () => string, words: {long: string, lost: string, large: string}}} asked
 * @returns {Promise<{text: string} | {why: string, line?: number, column?: number}>} places count from 1
 */
export const formatted = async ({ name, text, ...server }) => {
  if (text.length > CHARACTERS_MAX) return { why: server.words.large };
  return isPython(name) ? byServer(text, server) : byPrettier(text, parserOf(name), server.words);
};

// Formatters put in and take out these; they keep all others, in order.
const LOOSE = /[\s;,'"`()]/;

/** Where the cursor belongs in the new text: behind as many of the characters that stay. */
export const placeIn = (before, at, after) => {
  let left = [...before.slice(0, at)].filter((each) => !LOOSE.test(each)).length;
  for (let place = 0; place < after.length; place += 1) {
    if (!left) return place;
    if (!LOOSE.test(after[place])) left -= 1;
  }
  return after.length;
};
