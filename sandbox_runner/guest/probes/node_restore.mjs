// Puts named places back to what they were after init, in replays that ask whether a place carried a value.
//
// Containers are emptied and filled in place, so that whoever else refers to them sees it too. A variable of a module
// is reached through lines that the host put behind the module's own. Timers and listeners that came since are taken
// away, child processes ended. What cannot be put back (a plain value in a variable of a closure, a generator that takes
// arguments) stays as it is: the replay then shows that nothing is confirmed.

import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { clearImmediate, clearTimeout, setTimeout } from "node:timers";
import { types } from "node:util";
import { kindOf, listeners } from "./node_process.mjs";

const PLACES = Symbol.for("holdover.places");
const HOLDERS = [
  ["process.env.", process.env],
  ["globalThis.", globalThis],
  ...[Object, Array, Function, String, Number].map((kind) => [`${kind.name}.prototype.`, kind.prototype]),
];
const DEPTH_MAX = 12;
const STEPS_MAX = 16;
const END_MS_MAX = 1000;
const NO_ARGUMENTS = /^(?:async\s+)?(?:function\s*)?\*?\s*[\w$]*\s*\(\s*\)/;
const FUNCTION_OWN = new Set(["length", "name", "prototype", "arguments", "caller"]);

export class Restorer {
  constructor(order, inspector, processPlaces) {
    const { after = 0, places = [] } = order ? JSON.parse(order) : {};
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
    const { get, set } = this.#ofPackage(place) ?? access(place);
    const seen = new Set();
    const before = this.#keep(get(), 0, seen);
    return () => {
      const value = before();
      if (get() !== value) set(value);
    };
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
    const parts = [...contents(value, keep), ...own(value, keep), ...this.#hidden(value, keep)];
    return () => {
      for (const back of parts) back();
      return value;
    };
  }

  #hidden(value, keep) {
    if (typeof value === "object" && [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value))) return [];
    if (value instanceof AsyncLocalStorage) return [entered(value)];
    const [what] = this.#inspected(() => this.inspector.reveal([value]));
    if (what === undefined) return [];
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
  const own = what.scopes.filter(({ kind }, at, all) => kind !== "Module" && at < all.length - 1);
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

function access(place) {
  const known = globalThis[PLACES]?.[place];
  if (known) {
    known.get();
    return known;
  }
  const [prefix, holder] = HOLDERS.find(([begin]) => place.startsWith(begin)) ?? [];
  const name = place.slice(prefix.length);
  return {
    get: () => (name in holder ? holder[name] : undefined),
    set: (value) => {
      if (value === undefined) delete holder[name];
      else holder[name] = value;
    },
  };
}

function file(path) {
  const before = existsSync(path) ? readFileSync(path) : null;
  return () => (before === null ? rmSync(path, { force: true }) : writeFileSync(path, before));
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
