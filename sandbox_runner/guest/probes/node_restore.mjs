// Puts named places back to what they were after init, in replays that ask whether a place carried a value.
//
// Containers are emptied and filled in place, so that whoever else refers to them sees it too. A variable of a module
// is reached through lines that the host put behind the module's own. Timers and listeners that came since are taken
// away, child processes ended. What cannot be put back (a plain value in a variable of a closure, a generator that takes
// arguments) stays as it is: the replay then shows that nothing is confirmed.

import { isModules } from "./node_inspector.mjs";
import { kindOf, listeners } from "./node_process.mjs";
import { SHARED } from "./node_walk.mjs";

const builtin = process.getBuiltinModule;
const { AsyncLocalStorage } = builtin("node:async_hooks");
const { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } = builtin("node:fs");
const Module = builtin("node:module");
const { clearImmediate, clearTimeout, setTimeout } = builtin("node:timers");
const { types } = builtin("node:util");

const PLACES = Symbol.for("holdover.places");
const HOLDERS = [...SHARED, ["process.env", process.env], ["require.cache", Module._cache]].sort(([a], [b]) => b.length - a.length);
// A property, a private one too; a key; an item of a list; an entry of a map; a variable of a function's closure.
const STEP = /\.\[\[closure\]\]\.(?<variable>[\w$]+)|\.get\('(?<entry>(?:[^'\\]|\\.)*)'\)|\.(?<hidden>#[\w$]+)|\.(?<name>[\w$]+)|\['(?<key>(?:[^'\\]|\\.)*)'\]|\[(?<item>\d+)\]/y;
const DEPTH_MAX = 12;
// What the functions of packages beside the function's folder close over, from a place on: all of it is a library.
const OUTSIDE_DEPTH_MAX = 2;
const STEPS_MAX = 16;
const END_MS_MAX = 1000;
const NO_ARGUMENTS = /^(?:async\s+)?(?:function\s*)?\*?\s*[\w$]*\s*\(\s*\)/;
const FUNCTION_OWN = new Set(["length", "name", "prototype", "arguments", "caller"]);

export class Restorer {
  constructor(order, inspector, processPlaces) {
    const { after = 0, places = [] } = order ? JSON.parse(order) : {};
    this.isAsked = Boolean(order);
    this.after = after;
    this.places = places;
    this.inspector = inspector;
    this.processPlaces = processPlaces;
    this.answered = 0;
    this.putBack = [];
  }

  // To be called before each wait for an event, the first one included. Whatever fails leaves its place alone. Returns
  // what has to be waited for, if anything has.
  nextRequest() {
    if (this.places.length === 0) return undefined;
    let endings = [];
    if (this.answered === 0) this.putBack = this.places.map((place) => attempt(() => this.#remembered(place)));
    else if (this.answered === this.after) endings = this.putBack.map((back) => attempt(() => back?.()));
    this.answered += 1;
    return together(endings);
  }

  #remembered(place) {
    if (place.startsWith("/tmp/")) return file(place);
    if (place === "process.cwd()") return process.chdir.bind(process, process.cwd());
    const takeAway = this.#ofProcess(place);
    if (takeAway) return takeAway;
    const { get, set } = this.#within(place);
    const before = this.#keep(get(), 0, new Set());
    return () => {
      const value = before();
      if (get() !== value) set(value);
    };
  }

  // What a variable or a property is, or what a path of steps leads to from there.
  #within(place) {
    const [base, steps] = this.#found(place);
    if (steps.length === 0) return base;
    const last = steps.at(-1);
    const holder = () => steps.slice(0, -1).reduce((value, step) => this.#step(value, step), base.get());
    const has = this.#has(holder(), last);
    return {
      get: () => this.#step(holder(), last),
      set: (value) => this.#put(holder(), last, value, has),
    };
  }

  #found(place) {
    const ofPackage = this.#ofPackage(place);
    if (ofPackage) return [ofPackage, []];
    const names = Object.keys(globalThis[PLACES] ?? {}).filter((name) => place.startsWith(name));
    const name = names.sort((a, b) => b.length - a.length).find((each) => /^(?:$|[.[])/.test(place.slice(each.length)));
    // A module may export a name that is no variable of its own.
    if (name !== undefined && attempt(() => [globalThis[PLACES][name].get()])) {
      return [globalThis[PLACES][name], stepsOf(place.slice(name.length))];
    }
    const [prefix, shared] = HOLDERS.find(([begin]) => place.startsWith(`${begin}.`) || place.startsWith(`${begin}[`)) ?? [];
    if (prefix !== undefined) return split(shared, place.slice(prefix.length));
    const modules = this.inspector.exported().filter(([each]) => place.startsWith(`${each}.`));
    const [module, exported] = modules.sort((a, b) => b[0].length - a[0].length)[0] ?? [];
    if (module !== undefined) return split(exported, place.slice(module.length));
    const builtin = process.getBuiltinModule?.(place.split(".")[0]);
    return split(builtin, place.slice(place.indexOf(".")));
  }

  #step(value, { variable, entry, hidden, ...property }) {
    if (value === undefined || value === null) return undefined;
    if (entry !== undefined) return value.get(entry);
    const own = ownOf(property);
    if (own !== undefined) return value[own];
    const [what] = this.#inspected(() => this.inspector.reveal([value]));
    if (hidden !== undefined) return what.hidden.find(([step]) => step === `.${hidden}`)?.[1];
    return what.scopes.find(({ values }) => values && variable in values)?.values[variable];
  }

  #has(value, { entry, ...property }) {
    if (value === undefined || value === null) return false;
    if (entry !== undefined) return value.has(entry);
    const own = ownOf(property);
    return own === undefined || own in value;
  }

  // What of an object that came later had nothing to be put back to is emptied, for its code counts on its being there.
  #put(holder, step, value, had) {
    const { entry, hidden } = step;
    const own = ownOf(step);
    if (hidden !== undefined && (had || !emptied(this.#step(holder, step)))) this.#inspected(() => this.inspector.assign(holder, hidden, value));
    else if (entry !== undefined) had ? holder.set(entry, value) : holder.delete(entry);
    else if (own !== undefined) had ? Reflect.set(holder, own, value) : Reflect.deleteProperty(holder, own);
  }

  // What a module of a package exports; what cannot be assigned can still be put back within.
  #ofPackage(place) {
    const fitting = this.inspector.packaged().filter(([name]) => place.startsWith(`${name}.`));
    const [name, exported] = fitting.sort((a, b) => b[0].length - a[0].length)[0] ?? [];
    if (name === undefined) return undefined;
    const key = place.slice(name.length + 1);
    if (key === "exports") return { get: () => exported, set: () => {} };
    return { get: () => exported[key], set: (value) => Reflect.set(exported, key, value) };
  }

  // What takes away what came since: timers of a kind, listeners of `process`, child processes of a name.
  #ofProcess(place) {
    if (place.startsWith("timers.")) {
      const mine = () => [...this.processPlaces.timers].filter((timer) => !timer._destroyed && kindOf(timer) === place);
      const clear = place === "timers.setImmediate" ? clearImmediate : clearTimeout;
      return since(mine, (timer) => clear(timer));
    }
    if (place.startsWith("process.on(")) {
      const mine = () => [...listeners()].filter(([name]) => place === `process.on('${name}')`).map(([, listener]) => listener);
      const name = place.slice("process.on('".length, -2);
      return since(mine, (listener) => process.removeListener(name, listener));
    }
    if (place.startsWith("child process ")) {
      const mine = () => [...this.processPlaces.children()].filter(([name]) => name === place).map(([, child]) => child);
      return since(mine, ended);
    }
    return undefined;
  }

  // The function that puts `value` and what is in it back as it is now, and returns it.
  #keep(value, depth, seen) {
    const plain = value === null || (typeof value !== "object" && typeof value !== "function");
    if (plain || depth > DEPTH_MAX || seen.has(value)) return () => value;
    seen.add(value);
    const keep = (held) => this.#keep(held, depth + 1, seen);
    const parts = [...contents(value, keep), ...own(value, keep), ...this.#hidden(value, keep, depth)];
    if (typeof value === "function") parts.push(keep(Reflect.getOwnPropertyDescriptor(value, "prototype")?.value));
    return () => {
      for (const back of parts) back();
      return value;
    };
  }

  #hidden(value, keep, depth) {
    if (typeof value === "object" && [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value))) return [];
    if (value instanceof AsyncLocalStorage) return [entered(value)];
    const [what] = this.#inspected(() => this.inspector.reveal([value]));
    if (what === undefined) return [];
    if (depth > OUTSIDE_DEPTH_MAX && this.inspector.outside.has(what.module)) return [];
    if (types.isGeneratorObject(value)) return [this.#generator(value), ...scopes(what).map(keep)];
    if (what.entries && types.isWeakMap(value)) return [this.#weak(value, what, (key, held) => value.set(key, held), keep)];
    if (what.entries && types.isWeakSet(value)) return [this.#weak(value, what, (key) => value.add(key), keep)];
    return [...what.hidden.map(([step, part]) => this.#part(value, step, keep(part))), ...scopes(what).map(keep)];
  }

  #part(value, step, back) {
    return () => {
      const held = back();
      if (step.startsWith(".#")) this.#inspected(() => this.inspector.assign(value, step.slice(1), held));
    };
  }

  #weak(value, { entries }, put, keep) {
    const kept = list(entries).map((entry) => [entry.key ?? entry.value, keep(entry.value)]);
    return () => {
      const [now] = this.#inspected(() => this.inspector.reveal([value]));
      for (const entry of list(now?.entries)) value.delete(entry.key ?? entry.value);
      for (const [key, back] of kept) put(key, back());
    };
  }

  // A generator cannot go back. Another one of the same function, led to where this one waited, does its work instead.
  #generator(value) {
    const at = this.#inspected(() => this.inspector.generator(value));
    if (typeof at.maker !== "function" || !NO_ARGUMENTS.test(Function.prototype.toString.call(at.maker))) return () => {};
    return () => {
      const other = at.maker.call(at.receiver);
      for (let step = 0; this.#inspected(() => this.inspector.generator(other)).place !== at.place; step++) {
        if (step >= STEPS_MAX) return;
        other.next();
      }
      for (const name of ["next", "return", "throw"]) {
        Object.defineProperty(value, name, { value: other[name].bind(other), configurable: true, writable: true });
      }
    };
  }

  #inspected(ask) {
    this.inspector.open();
    try {
      return ask();
    } finally {
      this.inspector.close();
    }
  }
}

// The objects in the scopes of a function's own, which are its closure's.
function scopes(what) {
  const own = what.scopes.filter((_, at, all) => !isModules(all, at));
  return own.flatMap(({ values }) => Object.values(values ?? {}));
}

function list(entries) {
  return Array.from({ length: entries?.length ?? 0 }, (_, at) => entries[at]);
}

// Takes away those of `all()` that are not there now; what has to be waited for is returned.
function since(all, takeAway) {
  const before = new Set(all());
  return () => {
    return together([...all()].filter((each) => !before.has(each)).map(takeAway));
  };
}

// Those of `endings` that are promises as one, nothing where none is.
function together(endings) {
  const waited = endings.filter(types.isPromise);
  return waited.length > 0 ? Promise.all(waited) : undefined;
}

// Kills a child. Node learns of its end later than it comes, and the next request must not meet it as running.
function ended(child) {
  return new Promise((done) => {
    const giveUp = setTimeout(done, END_MS_MAX);
    child.once("exit", () => {
      clearTimeout(giveUp);
      done();
    });
    child.kill("SIGKILL");
  });
}

function entered(storage) {
  const store = storage.getStore();
  return () => {
    if (storage.getStore() !== store) storage.enterWith(store);
  };
}

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function ownOf({ name, key, item }) {
  return name ?? key ?? item;
}

// Whether there was something in it that could be taken out.
function emptied(value) {
  if (value instanceof Map || value instanceof Set) value.clear();
  else if (Array.isArray(value)) value.length = 0;
  else return false;
  return true;
}

// A property of `object` and the steps from there.
function split(object, path) {
  const [first, ...steps] = stepsOf(path);
  const own = ownOf(first);
  const put = (value) => (value === undefined ? Reflect.deleteProperty(object, own) : Reflect.set(object, own, value));
  return [{ get: () => (own in object ? object[own] : undefined), set: put }, steps];
}

function stepsOf(path) {
  const steps = [];
  for (STEP.lastIndex = 0; STEP.lastIndex < path.length; ) {
    const found = STEP.exec(path);
    if (found === null) throw new Error(`no step at ${path}`);
    steps.push(found.groups);
  }
  return steps;
}

// A file, or what came into a folder.
function file(path) {
  if (existsSync(path) && statSync(path).isDirectory()) {
    const before = new Set(readdirSync(path, { recursive: true }));
    return () => {
      for (const name of readdirSync(path, { recursive: true })) {
        if (!before.has(name)) rmSync(`${path}/${name}`, { recursive: true, force: true });
      }
    };
  }
  const before = existsSync(path) ? readFileSync(path) : null;
  return () => (before === null ? rmSync(path, { recursive: true, force: true }) : writeFileSync(path, before));
}

function contents(value, keep) {
  if (value instanceof Map) {
    const kept = [...value].map(([key, held]) => [key, keep(held)]);
    return [
      () => {
        value.clear();
        for (const [key, back] of kept) value.set(key, back());
      },
    ];
  }
  if (value instanceof Set) {
    const kept = [...value];
    return [
      () => {
        value.clear();
        for (const held of kept) value.add(held);
      },
    ];
  }
  return [];
}

function own(value, keep) {
  const kept = new Map();
  for (const key of Reflect.ownKeys(value)) {
    const found = Reflect.getOwnPropertyDescriptor(value, key);
    if (!("value" in found) || (typeof value === "function" && FUNCTION_OWN.has(key))) continue;
    kept.set(key, [found, keep(found.value)]);
  }
  return [
    () => {
      for (const key of Reflect.ownKeys(value)) {
        if (!kept.has(key) && Reflect.getOwnPropertyDescriptor(value, key).configurable) delete value[key];
      }
      for (const [key, [found, back]] of kept) {
        const held = back();
        if (found.writable && value[key] !== held) Reflect.defineProperty(value, key, { ...found, value: held });
      }
    },
  ];
}
