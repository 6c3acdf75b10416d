// A bounded, breadth-first walk over plain JavaScript values. Reads descriptors; calls no getter, trap or iterator of
// the function's own. Every cut sets `truncated`.
//
// A leaf is ["node-module", carrier, path, kind, value, value_was_cut]: the carrier is the module's own name for the
// place (`app.cache`), the path what a person would write, with [[module]] and [[closure]] for scopes.

import { isModules } from "./node_inspector.mjs";

const builtin = process.getBuiltinModule;
const { AsyncLocalStorage } = builtin("node:async_hooks");
const { EventEmitter } = builtin("node:events");
const { builtinModules } = builtin("node:module");
const { types } = builtin("node:util");
const { Worker } = builtin("node:worker_threads");

const ROOT = "node-module";
const VALUE_MAX = 2048;
const KEY_MAX = 80;
const CHILDREN_MAX = 400;
const PATH_MAX = 512;
const DEPTH_MAX = 12;
const INSTANCE_DEPTH = 3;
const NODES_MAX = 100_000;
const REVEALED_MAX = 500;
const OUTSIDERS_MAX = 100;
// Half of it for the function's own places, so that what packages hold is never without a name.
const PACKAGES_BYTES_MAX = 24_000;
const PACKAGES_MAX = 200;
const WALK_MS_MAX = 200;
const MARKS = { Module: "[[module]]", Local: "[[Generator]]" };
const PLATFORM_VARIABLES = new Set(["_X_AMZN_TRACE_ID", "_LAMBDA_TELEMETRY_LOG_FD", "_HANDLER", "AWS_EXECUTION_ENV"]);
// What esbuild puts into a module that it makes, beside what the person wrote: https://github.com/evanw/esbuild/blob/main/internal/runtime/runtime.go
const MADE = /^(?:__(?:create|defProp|defProps|getOwnPropDescs?|getOwnPropNames|getOwnPropSymbols|getProtoOf|hasOwnProp|propIsEnum|export|copyProps|toESM|toCommonJS)|import_.+)$/;
const WRAPPER = new Set(["exports", "require", "module", "__filename", "__dirname", "this", "arguments"]);
const FUNCTION_OWN = new Set(["length", "name", "prototype", "arguments", "caller"]);
// What code of the function may replace parts of, by the name that code has for it.
const KINDS = [Object, Array, Function, String, Number, Map, Set, Date, RegExp, Promise, Error];
export const SHARED = [
  ["globalThis", globalThis],
  ["process", process],
  ...Object.entries({ console, JSON, Math, Reflect, "process.stdout": process.stdout, "process.stderr": process.stderr }),
  ...KINDS.map((kind) => [kind.name, kind]),
  ...[...KINDS, EventEmitter].map((kind) => [`${kind.name}.prototype`, kind.prototype]),
];
// What Node itself adds to `process` on the way begins with an underscore, or is one of these.
const ADDED = /^(?:_|(?:mainModule|domain|exitCode|report|permission|features)$)/;
const PLAIN = new Set([Object.prototype, Array.prototype, Map.prototype, Set.prototype, null]);
const OPAQUE = [types.isPromise, types.isProxy, types.isWeakMap, types.isWeakSet];
const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, apply } = Reflect;
const mapForEach = Map.prototype.forEach;
const storeOf = AsyncLocalStorage.prototype.getStore;
const setForEach = Set.prototype.forEach;
const functionText = Function.prototype.toString;
const dateText = Date.prototype.toJSON;
const cpuUsage = process.cpuUsage.bind(process);

// Milliseconds of processor time: a machine that is busy with others must not cut a walk short.
function worked() {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

export function baseline() {
  const shared = SHARED.map(([name, object]) => [name, object, valuesOf(object)]);
  return { environment: { ...process.env }, shared, folder: process.cwd() };
}

// What each property is; of one that has a getter, nothing.
function valuesOf(object) {
  return new Map(ownKeys(object).map((key) => [key, isLazy(object, key) ? undefined : getOwnPropertyDescriptor(object, key)?.value]));
}

// Node loads what makes an interface of the web (FormData, WebSocket) when its property is only looked at.
function isLazy(object, key) {
  return object === globalThis && typeof key === "string" && /^[A-Z]/.test(key) && !KINDS.some(({ name }) => name === key);
}

function cut(text) {
  return text.length > VALUE_MAX ? [text.slice(0, VALUE_MAX), true] : [text, false];
}

function isPlatforms(object, key) {
  if (object === globalThis) return /^(awslambda$|Symbol\(aws\.lambda|__holdover)/.test(String(key));
  return object === process && (typeof key === "symbol" || ADDED.test(key));
}

function step(key) {
  if (typeof key === "symbol") return `[${String(key).slice(0, KEY_MAX)}]`;
  if (/^[A-Za-z_$][\w$]*$/.test(key)) return `.${key}`.slice(0, KEY_MAX);
  return `[${quoted(key)}]`;
}

function quoted(key) {
  const text = typeof key === "string" ? `'${key.slice(0, KEY_MAX)}'` : String(key).slice(0, KEY_MAX);
  return typeof key === "string" && key.length > KEY_MAX ? `${text.slice(0, -1)}…'` : text;
}

// [kind, text, was cut] of a leaf; undefined for what has an inside.
function scalar(value) {
  if (value === null) return ["null", "null", false];
  if (typeof value === "string") return ["string", ...cut(value)];
  if (typeof value === "number") return ["number", Object.is(value, -0) ? "-0" : String(value), false];
  if (typeof value === "bigint") return ["bigint", ...cut(value.toString())];
  if (typeof value !== "object" && typeof value !== "function") return [typeof value, String(value), false];
  if (types.isDate(value)) return ["Date", String(apply(dateText, value, [])), false];
  if (types.isUint8Array(value)) return ["bytes", ...cut(Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, VALUE_MAX + 1)).toString())];
  return undefined;
}

// What of built-in modules can be reached from the function's values is not the function's.
const builtins = new WeakSet([globalThis, process, console]);
let builtinsKnown = 0;
// Of each the name, itself and what its properties were when it was first seen.
const modulesKnown = [];

function learnBuiltins() {
  const names = process.moduleLoadList;
  for (; builtinsKnown < names.length; builtinsKnown++) {
    const name = names[builtinsKnown].replace(/^NativeModule /, "");
    const module = builtinModules.includes(name) ? process.getBuiltinModule(name) : null;
    if (module === null || !["object", "function"].includes(typeof module)) continue;
    builtins.add(module);
    if (module !== process && module !== console) modulesKnown.push([name, module, valuesOf(module)]);
  }
}

// Whether an object of that prototype can have private fields, by the text of the classes that made it.
const hiding = new WeakMap();

function mayHide(prototype) {
  if (PLAIN.has(prototype)) return false;
  if (types.isProxy(prototype)) return true;
  const known = hiding.get(prototype);
  if (known !== undefined) return known;
  const maker = getOwnPropertyDescriptor(prototype, "constructor")?.value;
  const may = typeof maker !== "function" || types.isProxy(maker) || apply(functionText, maker, []).includes("#") || mayHide(getPrototypeOf(prototype));
  hiding.set(prototype, may);
  return may;
}

export class Walk {
  constructor(before, bounds) {
    this.before = before;
    this.bounds = bounds;
    this.leaves = [];
    this.nodes = 0;
    this.truncated = false;
    this.textBytes = 0;
    this.seen = new Set();
    this.scopesSeen = new Set();
    this.scopesAsked = new Set();
    this.named = new Set();
    this.hidden = [];
    this.outsiders = new Map();
    this.revealed = 0;
    this.queue = [];
    this.until = worked() + WALK_MS_MAX;
    this.over = false;
    this.nodesMax = NODES_MAX;
    this.packages = [];
    this.packagesBytes = 0;
    this.shallow = false;
    this.librariesDone = false;
  }

  run(inspector, places, libraries, closures) {
    learnBuiltins();
    this.inspector = inspector;
    this.#roots();
    this.#drain();
    this.#reveal();
    if (!this.over) this.#lookAtOutsiders(closures);
    if (!this.over) this.#lookAtLibraries(libraries);
    // Last, so that of two places that hold the same the module's comes first.
    for (const [carrier, path, value, words] of places.found()) this.#push(carrier, path, value, 0, words);
    this.truncated ||= places.cut;
    this.#drain();
    this.#reveal();
  }

  // What a package's functions close over, where the function's own values lead to them and the package lies beside its
  // folder: a client's own list of what it does with a request.
  #lookAtOutsiders(closures) {
    const things = [...this.outsiders.values()].map((place) => [place.path, place, this.inspector.packages.get(place.module)]);
    const walked = new Set(this.seen);
    this.#aside(closures, things, walked, (_, place) => {
      const [what] = this.inspector.reveal([place.value]);
      what.scopes.forEach((scope, at) => isModules(what.scopes, at) || this.#scope(place, what.module, what.scopes, at));
    });
  }

  // After all of the function's own, and no further than to what is exported.
  #lookAtLibraries(libraries) {
    this.shallow = this.librariesDone = true;
    // What the function's own variables lead to as well must not be missed by one walk and found by the next.
    this.#aside(libraries, this.inspector.packaged(), new Set(), (name, exported) => this.#module(name, exported, ""));
    this.shallow = false;
  }

  // Things of packages, of which only news count. What is cut here is not said: a package is never looked at whole.
  #aside(known, things, walked, begin) {
    const { leaves, truncated, textBytes, seen } = this;
    this.seen = walked;
    const look = (name, thing) => {
      const before = this.nodes;
      this.leaves = [];
      this.truncated = this.over = false;
      this.nodesMax = before + known.nodesOfEach;
      begin(name, thing);
      this.#drain();
      this.#reveal();
      return { leaves: this.leaves, whole: !this.truncated, nodes: this.nodes - before };
    };
    const found = known.changed(things, look);
    Object.assign(this, { leaves, truncated, textBytes, seen, over: false, nodesMax: NODES_MAX });
    for (const [name, of, news] of found) {
      for (const leaf of news) if (!this.#isOver()) this.#leaf(...leaf.slice(1));
      this.#note(name, of);
    }
  }

  // From `path` on it is a package's; what is within such a path already needs no word. A character may take six bytes.
  #note(path, { name, version }) {
    if (this.packages.some(([at, known]) => known === name && path.startsWith(at))) return;
    const bytes = 6 * (path.length + name.length + version.length) + 12;
    const share = this.librariesDone ? 1 : 0.5;
    if (this.packagesBytes + bytes > share * PACKAGES_BYTES_MAX || this.packages.length >= share * PACKAGES_MAX) return;
    this.packagesBytes += bytes;
    this.packages.push([path, name, version]);
  }

  #reveal() {
    while (this.hidden.length > 0 && !this.over) {
      const some = this.hidden.splice(0, Math.max(0, Math.min(200, REVEALED_MAX - this.revealed)));
      if (some.length === 0) {
        this.truncated = true;
        return;
      }
      this.revealed += some.length;
      this.inspector.reveal(some.map(({ value }) => value)).forEach((what, at) => this.#unfold(some[at], what));
      this.#drain();
    }
  }

  #roots() {
    const first = this.inspector.handlerExport();
    for (const [module, exported] of this.inspector.exported()) this.#module(module, exported, first);
    for (const [name, object, known] of this.before.shared) this.#replaced(name, object, known);
    for (const [name, object, known] of modulesKnown) this.#replaced(name, object, known, true);
    for (const [name, exported] of this.inspector.written()) this.#push(name, `${name}.exports`, exported, 0);
    if (process.cwd() !== this.before.folder) this.#push("process.cwd()", "process.cwd()", process.cwd(), 0);
    for (const [key, value] of Object.entries(process.env)) {
      if (PLATFORM_VARIABLES.has(key) || this.before.environment[key] === value) continue;
      this.#push(`process.env.${key}`, `process.env.${key}`, value, 0);
    }
  }

  // What was added to an object that all code shares, and the functions in it that are others than they were; of a module
  // of Node's own objects as well, as `https.globalAgent`.
  #replaced(name, object, known, ofModule = false) {
    for (const key of ownKeys(object)) {
      const isNew = !known.has(key);
      if (!isNew && isLazy(object, key)) continue;
      const { value } = getOwnPropertyDescriptor(object, key) ?? {};
      if (value === undefined || known.get(key) === value || (isNew && isPlatforms(object, key))) continue;
      if (isNew || typeof value === "function" || (ofModule && typeof value === "object")) this.#push(name + step(key), name + step(key), value, 0);
    }
  }

  #module(module, exported, first) {
    if (exported === null || (typeof exported !== "object" && typeof exported !== "function")) {
      this.#push(`${module}.exports`, `${module}.exports`, exported, 0);
      return;
    }
    if (typeof exported === "function") this.#push(`${module}.exports`, `${module}.exports`, exported, 0);
    const keys = ownKeys(exported).filter((key) => typeof key === "string" && !FUNCTION_OWN.has(key));
    keys.sort((a, b) => (b === first) - (a === first));
    for (const key of keys) {
      if (key === "__esModule" || key === "module.exports") continue;
      const name = `${module}${step(key)}`;
      const get = getOwnPropertyDescriptor(exported, key)?.get;
      if (get === undefined) {
        this.named.add(name);
        this.#property(exported, key, name, name, 0);
      } else if (!this.seen.has(get)) {
        // What it would give is a variable of the module that it was written in, which is found there.
        this.seen.add(get);
        this.hidden.push({ carrier: name, path: name, value: get, depth: 0, words: "", isGetter: true });
      }
    }
  }

  #property(object, key, carrier, path, depth) {
    let found;
    try {
      found = getOwnPropertyDescriptor(object, key);
    } catch {
      return; // a module's variable that has no value yet
    }
    if (found && "value" in found) this.#push(carrier, path, found.value, depth);
  }

  // A value that has no inside is noted at once; what has one waits for its turn.
  #push(carrier, path, value, depth, words = "") {
    if (this.over || this.#isOver()) return;
    this.nodes++;
    const shown = path.length > PATH_MAX ? path.slice(0, PATH_MAX) : path;
    if (typeof value === "string") {
      const wasCut = value.length > VALUE_MAX;
      this.#leaf(carrier, shown, "string", wasCut ? value.slice(0, VALUE_MAX) : value, wasCut);
      return;
    }
    const leaf = scalar(value);
    if (leaf) this.#leaf(carrier, shown, ...leaf);
    else this.queue.push({ carrier, path: shown, value, depth, words });
  }

  #isOver() {
    if (
      this.leaves.length >= this.bounds.leaves ||
      this.textBytes >= this.bounds.bytes ||
      this.nodes >= this.nodesMax ||
      (this.nodes % 256 === 255 && worked() > this.until)
    ) {
      this.over = this.truncated = true;
    }
    return this.over;
  }

  #drain() {
    for (let at = 0; at < this.queue.length && !this.over; at++) this.#visit(this.queue[at]);
    this.queue = [];
  }

  #visit(place) {
    const { value } = place;
    if (this.seen.has(value) || builtins.has(value)) return;
    this.seen.add(value);
    if (place.depth >= DEPTH_MAX) this.truncated = true;
    else this.#enter(place);
  }

  #leaf(carrier, path, kind, text, wasCut) {
    this.textBytes += text.length + path.length + carrier.length;
    if (wasCut) this.truncated = true;
    this.leaves.push([ROOT, carrier, path, kind, text, wasCut]);
  }

  #enter(place) {
    const { value } = place;
    if (typeof value === "function") {
      if (this.shallow) this.#ofFunction(place);
      else this.#hide(place);
      return;
    }
    const prototype = types.isProxy(value) ? undefined : getPrototypeOf(value);
    const plain = PLAIN.has(prototype) && !(prototype === null && types.isModuleNamespaceObject(value));
    if (!plain && this.#isClosed(place, prototype)) return;
    const depth = place.depth + (plain ? 1 : INSTANCE_DEPTH);
    let count = 0;
    if (value instanceof AsyncLocalStorage) {
      this.#push(place.carrier, `${place.path}.getStore()`, apply(storeOf, value, []), place.depth + 1);
    }
    if (types.isMap(value)) count += this.#map(place, depth);
    else if (types.isSet(value)) count += this.#set(place, depth);
    count += this.#own(place, depth);
    if (count === 0 && plain) {
      const list = Array.isArray(value);
      this.#leaf(place.carrier, place.path, list ? "array" : "object", list ? "[]" : "{}", false);
    }
  }

  // Of what is no plain object: what has no properties to look at, and what hides something besides.
  #isClosed(place, prototype) {
    const { value } = place;
    if (types.isModuleNamespaceObject(value) || types.isAnyArrayBuffer(value) || types.isExternal(value)) return true;
    const opaque = OPAQUE.some((is) => is(value));
    if (opaque || types.isGeneratorObject(value) || types.isMapIterator(value) || types.isSetIterator(value) || mayHide(prototype)) this.#hide(place);
    return opaque;
  }

  #hide(place) {
    if (this.shallow) return;
    const known = this.inspector.found.get(place.value);
    if (known?.closes) {
      this.#noteOutsider(place, known.module);
      return;
    }
    if (known === undefined || known.changes) {
      this.hidden.push(place);
      return;
    }
    this.#unfold(place, { ...known, scopes: [] });
    if (known.module === undefined || !known.atModule || this.scopesAsked.has(known.module)) return;
    this.scopesAsked.add(known.module);
    this.hidden.push(place);
  }

  #noteOutsider({ carrier, path, value, depth }, module) {
    if (this.outsiders.size < OUTSIDERS_MAX) this.outsiders.set(path, { carrier, path, value, depth, module });
  }

  // The first and the last: what was there from the start, and what was added last.
  #ends(count) {
    if (count > CHILDREN_MAX) this.truncated = true;
    return (number) => count <= CHILDREN_MAX || number < CHILDREN_MAX / 2 || number >= count - CHILDREN_MAX / 2;
  }

  #own({ carrier, path, value }, depth) {
    if (types.isTypedArray(value) && value.length > CHILDREN_MAX) {
      this.truncated = true;
      return 1;
    }
    const keys = ownKeys(value);
    const wanted = this.#ends(keys.length);
    const list = Array.isArray(value) || types.isTypedArray(value);
    for (let number = 0; number < keys.length && !this.over; number++) {
      const key = keys[number];
      if (!wanted(number) || (list && key === "length")) continue;
      // What Node keeps of a thread, ports and streams, is far deeper than what the function put there.
      if (typeof key === "symbol" && value instanceof Worker) continue;
      const name = list && typeof key === "string" && /^\d+$/.test(key) ? `[${key}]` : step(key);
      this.#property(value, key, carrier, path + name, depth);
    }
    return list ? keys.length - 1 : keys.length;
  }

  #map({ carrier, path, value }, depth) {
    const wanted = this.#ends(value.size);
    let number = 0;
    apply(mapForEach, value, [
      (held, key) => {
        if (wanted(number++)) this.#entry(carrier, path, key, held, number - 1, depth);
      },
    ]);
    return number;
  }

  #entry(carrier, path, key, held, number, depth) {
    const name = scalar(key) ? quoted(key) : `<key ${number}>`;
    this.#push(carrier, `${path}.get(${name})`, held, depth);
    // A scalar is a text, or null and undefined, which have no length.
    if (!scalar(key) || key?.length > KEY_MAX) this.#push(carrier, `${path}.<key ${number}>`, key, depth);
  }

  #set({ carrier, path, value }, depth) {
    const wanted = this.#ends(value.size);
    let number = 0;
    apply(setForEach, value, [
      (held) => {
        if (wanted(number++)) this.#push(carrier, `${path}{…}`, held, depth);
      },
    ]);
    return number;
  }

  #unfold(place, { module, scopes, hidden }) {
    for (const [name, value] of hidden) this.#push(place.carrier, place.path + name, value, place.depth + 1);
    if (module === undefined) return;
    if (this.inspector.outside.has(module)) {
      if (this.inspector.found.get(place.value)?.closes) this.#noteOutsider(place, module);
      return;
    }
    if (place.isGetter) {
      if (scopes.length > 0) this.#scope(place, module, scopes, scopes.length - 1);
      return;
    }
    if (place.words) this.#leaf(place.carrier, place.path, "function", place.words, false);
    if (this.inspector.packages.has(module)) this.#note(place.path, this.inspector.packages.get(module));
    if (typeof place.value === "function") this.#ofFunction(place);
    if (typeof place.value === "function" && !this.inspector.packages.has(module)) this.#ofPrototype(place);
    // From the outermost: what is a variable of the module too is known by that name.
    for (let at = scopes.length - 1; at >= 0; at--) this.#scope(place, module, scopes, at);
  }

  #ofFunction({ carrier, path, value, depth }) {
    for (const key of ownKeys(value)) {
      if (!FUNCTION_OWN.has(key)) this.#property(value, key, carrier, path + step(key), depth + 1);
    }
  }

  // What a class's methods close over, and what was put beside them.
  #ofPrototype({ carrier, path, value, depth }) {
    const prototype = getOwnPropertyDescriptor(value, "prototype")?.value;
    if (prototype === null || typeof prototype !== "object" || types.isProxy(prototype)) return;
    for (const key of ownKeys(prototype)) {
      if (key !== "constructor") this.#property(prototype, key, carrier, `${path}.prototype${step(key)}`, depth + 1);
    }
  }

  #scope(place, module, scopes, at) {
    const { kind, values } = scopes[at];
    if (!values) return;
    const atModule = isModules(scopes, at);
    if (atModule && this.scopesSeen.has(module)) return;
    if (atModule) this.scopesSeen.add(module);
    const mark = MARKS[kind] ?? "[[closure]]";
    const made = atModule && this.inspector.isMade(module);
    const exports = made && `${module.slice(module.lastIndexOf("/") + 1).replace(/[^\w$]/g, "_")}_exports`;
    for (const key of ownKeys(values)) {
      const carrier = atModule ? `${module}${step(key)}` : place.carrier;
      if (typeof key !== "string" || WRAPPER.has(key) || (atModule && this.named.has(carrier))) continue;
      if (made && (key === exports || MADE.test(key))) continue;
      this.#property(values, key, carrier, `${place.path}.${mark}${step(key)}`, atModule ? 0 : place.depth + 1);
    }
  }
}
