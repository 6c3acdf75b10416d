// What files say of themselves: which are an installed package's and not the function's, of which version, and what its
// module is called; which are ES modules; which a transformer made.
//
// A package is what lies in a `node_modules` folder; its package.json is read once. The module that a package is
// imported by has the package's own name, any other one its path after it: `axios`, `axios/lib/helpers/bind`.

const builtin = process.getBuiltinModule;
const { readFileSync } = builtin("node:fs");
const { types } = builtin("node:util");

const BYTES_MAX = 256 * 1024;
const FOLDER = "/node_modules/";
const CLIENT = "aws-lambda-ric";
const SOURCE_MAP = /^[^\n]*\/\/[#@] sourceMappingURL=\S/m;
const read = readFileSync;
const { isModuleNamespaceObject } = types;
const known = new Map();
const packageTypes = new Map(); // a folder → the "type" that its package.json, or that of a folder above, gives
const transformed = new Map(); // a file → whether it names a source map

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

// Whether a loaded file is an ES module, undefined where that depends on its text: https://nodejs.org/api/packages.html
//
// :param required: what `require` has of it, which may be an ES module's namespace as well.
export function scriptKind(file, required) {
  if (file.endsWith(".mjs")) return true;
  if (file.endsWith(".cjs")) return false;
  if (required !== undefined) return isModuleNamespaceObject(required.exports);
  return typeOf(folderOf(file)) === "module" ? true : undefined;
}

function typeOf(folder) {
  if (!packageTypes.has(folder)) packageTypes.set(folder, typeThere(folder) ?? (folder === "" ? "" : typeOf(folderOf(folder))));
  return packageTypes.get(folder);
}

function typeThere(folder) {
  try {
    return JSON.parse(read(`${folder}/package.json`, "utf8")).type ?? "";
  } catch {
    return undefined;
  }
}

function folderOf(path) {
  return path.slice(0, path.lastIndexOf("/"));
}

// A file that cannot be read was made by nobody.
export function isTransformed(file) {
  if (!transformed.has(file)) transformed.set(file, namesMap(file));
  return transformed.get(file);
}

function namesMap(file) {
  try {
    return SOURCE_MAP.test(read(file, "utf8"));
  } catch {
    return false;
  }
}
