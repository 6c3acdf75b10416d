// Which files are an installed package's and not the function's, of which version, and what its module is called.
//
// A package is what lies in a `node_modules` folder; its package.json is read once. The module that a package is
// imported by has the package's own name, any other one its path after it: `axios`, `axios/lib/helpers/bind`.

import { readFileSync } from "node:fs";

const BYTES_MAX = 256 * 1024;
const FOLDER = "/node_modules/";
const CLIENT = "aws-lambda-ric";
const read = readFileSync;
const known = new Map();

// {name, version, module} of a file, undefined for what is no package's; the client's own is nobody's.
export function packageOf(file) {
  const at = file.lastIndexOf(FOLDER);
  if (at < 0) return undefined;
  const parts = file.slice(at + FOLDER.length).split("/");
  const name = parts.splice(0, parts[0].startsWith("@") ? 2 : 1).join("/");
  if (name === CLIENT || parts.length === 0) return undefined;
  const folder = file.slice(0, at + FOLDER.length) + name;
  if (!known.has(folder)) known.set(folder, described(`${folder}/package.json`));
  const { version, entries } = known.get(folder);
  const inside = parts.join("/");
  return { name, version, module: entries.has(inside) ? name : `${name}/${inside.replace(/\.[cm]?js$/, "")}` };
}

function described(file) {
  let said = {};
  try {
    const text = read(file, "utf8");
    if (text.length <= BYTES_MAX) said = JSON.parse(text);
  } catch {
    // A package that does not describe itself has no version and the usual entry.
  }
  const main = said?.exports?.["."] ?? said?.exports;
  const entries = [said?.main, said?.module, ...texts(main)].filter((each) => typeof each === "string");
  const named = entries.length > 0 ? entries : ["index.js"];
  return {
    version: typeof said?.version === "string" ? said.version : "",
    entries: new Set(named.flatMap((each) => forms(each.replace(/^\.\//, "").replace(/\/$/, "")))),
  };
}

// A main may be written without its ending, or name a folder.
function forms(entry) {
  return [entry, `${entry}.js`, `${entry}.cjs`, `${entry}/index.js`];
}

function texts(value, depth = 0) {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object" || depth > 4) return [];
  return Object.entries(value).flatMap(([key, part]) => (key.startsWith("./") ? [] : texts(part, depth + 1)));
}
