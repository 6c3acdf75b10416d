// What only a debugger can reach: the scopes of functions, private fields, what a promise or a proxy holds.
//
// One session of the built-in inspector, in the same thread, open only while the probe looks: every answer is given
// synchronously and everything it held on to is let go when the session ends. A question takes 20 to 60 µs, so a walk
// asks as few as it can: which scripts are the function's is learnt when something was loaded, and of a function that
// has no scope of its own no more than once.

import { isTransformed, packageOf, scriptKind } from "./node_packages.mjs";

const builtin = process.getBuiltinModule;
const { subscribe } = builtin("node:diagnostics_channel");
const { EventEmitter } = builtin("node:events");
const { Session } = builtin("node:inspector");
const Module = builtin("node:module");
const { fileURLToPath } = builtin("node:url");
const { types } = builtin("node:util");

const HOLDER = "__holdover_values__";
const { defineProperty } = Object;
const { emit } = EventEmitter.prototype;
const FEW = 3;
const FETCHED_MAX = 500;
const ENTRIES_MAX = 200;
const LOCATIONS = new Set(["[[FunctionLocation]]", "[[GeneratorLocation]]"]);
const PARTS = new Set(["[[PromiseResult]]", "[[Target]]", "[[BoundThis]]", "[[TargetFunction]]", "[[BoundArgs]]"]);
const OPEN = [types.isProxy, types.isWeakMap, types.isWeakSet, types.isGeneratorObject, types.isMapIterator, types.isSetIterator];
const FIXED = new Set([...PARTS].map((name) => `.${name}`));
const LOAD_MS_MAX = 250;
const taskRoot = `${(process.env.LAMBDA_TASK_ROOT ?? "/var/task").replace(/\/$/, "")}/`;
const [handlerModule, handlerExport] = splitHandler(process.env._HANDLER ?? "");

function splitHandler(handler) {
  const slash = handler.lastIndexOf("/") + 1;
  const dot = handler.indexOf(".", slash);
  return dot < 0 ? [handler, ""] : [handler.slice(0, dot), handler.slice(dot + 1)];
}

function fileOf(url) {
  if (!url.startsWith("file://")) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return "";
  }
}

export class Inspector {
  constructor() {
    this.scripts = new Map(); // script id → the module's name; "" for scripts that are not the function's
    this.modules = new Map(); // URL of an ES module → its namespace
    this.names = new Map(); // URL → the module's name
    this.files = new Map(); // a module's name → its file, for what lies in the function's folder
    this.packages = new Map(); // a module's name → its package, where it is one's
    this.outside = new Set(); // names of modules of packages that lie beside the function's folder: a layer's, the image's
    this.found = new WeakMap(); // value → what `reveal` found of it
    this.newest = 0; // the highest number of a script that was looked at
    this.imported = true;
    this.importing = 0;
    this.required = 0;
    const begun = () => (this.importing += 1);
    const over = () => ((this.importing -= 1), (this.imported = true));
    subscribe("tracing:module.import:start", begun);
    subscribe("tracing:module.import:asyncEnd", over);
  }

  open() {
    this.session = new Session();
    // Node's module "domain", which the SDK v2 loads, puts one of its own in the place of every emitter's.
    defineProperty(this.session, "emit", { value: emit });
    this.session.connect();
    if (this.#hasNewModules()) this.#learn();
  }

  close() {
    this.session.disconnect();
  }

  ask(method, params = {}) {
    let answer = null;
    this.session.post(method, params, (error, result) => {
      answer = error ? null : result;
    });
    return answer;
  }

  #hasNewModules() {
    const required = Object.keys(Module._cache).length;
    const news = this.imported || this.importing > 0 || required !== this.required;
    this.imported = false;
    this.required = required;
    return news;
  }

  // The profiler names every script in a fifth of the time that a debugger takes, which collects all garbage first and
  // throws code away that was made fast. It does not say which of them are ES modules; where their files do not either,
  // the debugger is asked.
  #learn() {
    this.ask("Profiler.enable");
    const covered = this.ask("Profiler.getBestEffortCoverage")?.result ?? [];
    this.ask("Profiler.disable");
    for (const { scriptId } of covered) this.newest = Math.max(this.newest, Number(scriptId));
    const unknown = covered.filter(({ scriptId }) => !this.scripts.has(scriptId));
    const scripts = unknown.map(({ scriptId, url }) => ({ scriptId, url, isModule: this.#isModule(fileOf(url)) }));
    for (const script of scripts.some(({ isModule }) => isModule === undefined) ? this.#debugged() : scripts) this.#learnt(script);
  }

  // undefined where that cannot be told; of a file that is not the function's nobody asks.
  #isModule(file) {
    return file.startsWith(taskRoot) ? scriptKind(file, Module._cache[file]) : false;
  }

  // A debugger must not stay enabled.
  #debugged() {
    const scripts = [];
    const parsed = ({ params }) => scripts.push(params);
    this.session.on("Debugger.scriptParsed", parsed);
    this.ask("Debugger.enable");
    this.ask("Debugger.disable");
    this.session.off("Debugger.scriptParsed", parsed);
    return scripts;
  }

  #learnt({ scriptId, url, isModule }) {
    if (this.scripts.has(scriptId)) return;
    const file = fileOf(url);
    const isInside = file.startsWith(taskRoot);
    const name = isInside || packageOf(file) ? this.#nameOf(file) : "";
    this.scripts.set(scriptId, name);
    if (name && !isInside) this.outside.add(name);
    if (isInside) this.files.set(name, file);
    if (isModule && isInside) this.names.set(url, name);
  }

  // Whether a transformer made that module.
  isMade(name) {
    return this.files.has(name) && isTransformed(this.files.get(name));
  }

  // The module whose script that is, undefined for what is not the function's.
  #moduleOf(scriptId) {
    if (scriptId === undefined) return undefined;
    if (!this.scripts.has(scriptId) && Number(scriptId) > this.newest) this.#learn();
    if (!this.scripts.has(scriptId)) this.scripts.set(scriptId, "");
    return this.scripts.get(scriptId) || undefined;
  }

  unknownModules() {
    return [...this.names.keys()].filter((url) => !this.modules.has(url));
  }

  // The same URL gives the instance that is already there. One that is still waiting for its own top level is left out.
  async load(urls) {
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, LOAD_MS_MAX).unref()));
    const loading = urls.map(async (url) => {
      this.modules.set(url, null);
      this.modules.set(url, await import(url).catch(() => null));
    });
    await Promise.race([Promise.all(loading), late]);
    clearTimeout(timer);
  }

  #nameOf(file) {
    const found = packageOf(file);
    if (found) this.packages.set(found.module, found);
    return found?.module ?? file.slice(taskRoot.length).replace(/\.[cm]?js$/, "");
  }

  // Every module of the function: [name, what it exports], the handler's own first.
  exported() {
    const found = [];
    for (const [url, namespace] of this.modules) if (namespace) found.push([this.names.get(url), namespace]);
    for (const file of Object.keys(Module._cache)) {
      if (file.startsWith(taskRoot)) found.push([this.#nameOf(file), Module._cache[file].exports]);
    }
    const first = (name) => (name === handlerModule ? 0 : 1);
    return found.filter(([name]) => !this.packages.has(name)).sort((a, b) => first(a[0]) - first(b[0]));
  }

  // Every module that the function wrote itself and loaded: [name, what it exports].
  written() {
    const files = Object.keys(Module._cache).filter((file) => file.startsWith("/tmp/") && !file.startsWith(taskRoot));
    return files.map((file) => [`require.cache['${file}']`, Module._cache[file].exports]);
  }

  // Every module of an installed package: [name, what it exports, package], what a package is imported by first.
  packaged() {
    const found = new Map();
    for (const [url, namespace] of this.modules) {
      const name = this.names.get(url);
      if (namespace && this.packages.has(name)) found.set(name, namespace);
    }
    for (const file of Object.keys(Module._cache)) {
      const of = packageOf(file);
      if (!of) continue;
      this.packages.set(of.module, of);
      if (!found.has(of.module)) found.set(of.module, Module._cache[file].exports);
    }
    const far = ([name]) => name.length - this.packages.get(name).name.length;
    return [...found].sort((a, b) => far(a) - far(b)).map(([name, exported]) => [name, exported, this.packages.get(name)]);
  }

  handlerExport() {
    return handlerExport.split(".")[0];
  }

  // What each value hides, in the order given: [{module, scopes: [{kind, values}], hidden: [[step, value]]}].
  reveal(values) {
    if (values.length === 0) return [];
    const handles = this.#handles(values);
    const wanted = [];
    const plans = values.map((value, at) => this.#plan(handles[at], wanted));
    const held = this.#fetch(handles.find(Boolean), wanted);
    return plans.map((plan, at) => this.#note(values[at], this.#made(plan, held)));
  }

  // One question for each of a few values; for many, one for the list that they are in.
  #handles(values) {
    globalThis[HOLDER] = values;
    try {
      const one = (at) => this.ask("Runtime.evaluate", { expression: `globalThis.${HOLDER}${at}` })?.result?.objectId;
      if (values.length <= FEW) return values.map((_, at) => one(`[${at}]`));
      const handles = [];
      for (const { name, value } of this.#properties(one(""))) if (/^\d+$/.test(name)) handles[name] = value?.objectId;
      return handles;
    } finally {
      delete globalThis[HOLDER];
    }
  }

  #properties(objectId) {
    return this.ask("Runtime.getProperties", { objectId, ownProperties: true })?.result ?? [];
  }

  #plan(objectId, wanted) {
    const plan = { module: undefined, scopes: -1, entries: -1, pending: false, hidden: [] };
    if (!objectId) return plan;
    const want = (remote) => wanted.push(argument(remote)) - 1;
    const asked = { objectId, ownProperties: true, nonIndexedPropertiesOnly: true };
    const { privateProperties = [], internalProperties = [] } = this.ask("Runtime.getProperties", asked) ?? {};
    for (const { name, value } of privateProperties) if (value) plan.hidden.push([`.${name}`, want(value)]);
    let scopes;
    for (const { name, value } of internalProperties) {
      if (LOCATIONS.has(name)) plan.module = this.#moduleOf(value?.value?.scriptId);
      else if (name === "[[Scopes]]") scopes = value;
      else if (name === "[[PromiseState]]") plan.pending = value?.value === "pending";
      else if (name === "[[Entries]]") plan.entries = want(value);
      else if (PARTS.has(name)) plan.hidden.push([`.${name}`, want(value)]);
    }
    if (plan.module !== undefined && scopes) plan.scopes = want(scopes);
    return plan;
  }

  // The values themselves, which code takes over from the inspector in one call.
  #fetch(objectId, wanted) {
    const held = [];
    globalThis[HOLDER] = held;
    for (let at = 0; at < wanted.length; at += FETCHED_MAX) {
      this.ask("Runtime.callFunctionOn", {
        objectId,
        functionDeclaration: `function (...values) { globalThis.${HOLDER}.push(...values); }`,
        arguments: wanted.slice(at, at + FETCHED_MAX),
      });
    }
    delete globalThis[HOLDER];
    return held;
  }

  #made({ module, scopes, entries, pending, hidden }, held) {
    const parts = hidden.map(([step, at]) => [step, held[at]]);
    for (let at = 0; at < Math.min(held[entries]?.length ?? 0, ENTRIES_MAX); at++) {
      parts.push([`.get(…${at})`, held[entries][at].value]);
    }
    return { module, scopes: scopesOf(held[scopes]), pending, hidden: parts, entries: held[entries] };
  }

  // Puts `value` into a private field, which only a debugger's line of code may name.
  assign(object, field, value) {
    globalThis[HOLDER] = [object, value];
    this.ask("Runtime.evaluate", { expression: `globalThis.${HOLDER}[0].${field} = globalThis.${HOLDER}[1]`, replMode: true });
    delete globalThis[HOLDER];
  }

  // Where a generator waits, as text with the plain values that it has in hand, and how another one is made.
  generator(value) {
    const [objectId] = this.#handles([value]);
    const asked = { objectId, ownProperties: true, nonIndexedPropertiesOnly: true };
    const found = {};
    for (const { name, value: part } of this.ask("Runtime.getProperties", asked)?.internalProperties ?? []) found[name] = part;
    const [maker, receiver, scopes] = this.#fetch(objectId, ["Function", "Receiver"].map((name) => argument(found[`[[Generator${name}]]`])).concat(argument(found["[[Scopes]]"])));
    const inHand = Object.entries(scopesOf(scopes)[0]?.values ?? {}).filter(([, held]) => Object(held) !== held);
    const place = [found["[[GeneratorState]]"]?.value, found["[[GeneratorLocation]]"]?.value, inHand.map(([name, held]) => [name, String(held)])];
    return { maker, receiver, place: JSON.stringify(place) };
  }

  // What stays as it is need not be asked again: where a function was written, what is bound or settled. What may change
  // is not held on to, for a weak map's entries must stay weak.
  #note(value, what) {
    const { module, scopes, hidden } = what;
    const atModule = scopes.length === 1 && isModules(scopes, 0);
    const own = (scopes.length > 0 && !atModule) || hidden.some(([step]) => !FIXED.has(step));
    const isOutside = this.outside.has(module);
    const changes = !isOutside && (own || what.pending || OPEN.some((is) => is(value)));
    this.found.set(value, { module, changes, atModule, closes: isOutside && own, hidden: changes ? [] : hidden });
    return what;
  }
}

function scopesOf(list) {
  const scopes = [];
  for (let at = 0; at < (list?.length ?? 0); at++) {
    const [kind, of] = list[at].description.split(" ");
    if (kind !== "Global" && kind !== "Script") scopes.push({ kind, isNamed: of !== undefined, values: list[at].object });
  }
  return scopes;
}

// Whether a scope is its module's: a CommonJS module is a function without a name. Where a module's own variables are
// used by none of the functions in one that has a name, that one's scope is the outermost.
export function isModules(scopes, at) {
  const { kind, isNamed } = scopes[at];
  return kind === "Module" || (kind === "Closure" && !isNamed && at === scopes.length - 1);
}

function argument(remote) {
  if (remote?.objectId) return { objectId: remote.objectId };
  if (remote?.unserializableValue) return { unserializableValue: remote.unserializableValue };
  return { value: remote?.value };
}
