// Puts named places back to what they were after init, in replays that ask whether a place carried a value.
//
// Containers are emptied and filled in place, so that whoever else refers to them sees it too. A variable of a module
// is reached through lines that the host put behind the module's own. What cannot be put back (a private field's
// plain value, a variable of a closure) stays as it is: the replay then shows that nothing is confirmed.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const PLACES = Symbol.for("holdover.places");
const HOLDERS = [
  ["process.env.", process.env],
  ["globalThis.", globalThis],
  ...[Object, Array, Function, String, Number].map((kind) => [`${kind.name}.prototype.`, kind.prototype]),
];
const DEPTH_MAX = 12;
const FUNCTION_OWN = new Set(["length", "name", "prototype", "arguments", "caller"]);

export class Restorer {
  constructor(order, inspector) {
    const { after = 0, places = [] } = order ? JSON.parse(order) : {};
    this.after = after;
    this.places = places;
    this.inspector = inspector;
    this.answered = 0;
    this.putBack = [];
  }

  // To be called before each wait for an event, the first one included. Whatever fails leaves its place alone.
  nextRequest() {
    if (this.places.length === 0) return;
    if (this.answered === 0) this.putBack = this.places.map((place) => attempt(() => this.#remembered(place)));
    else if (this.answered === this.after) for (const back of this.putBack) attempt(() => back?.());
    this.answered += 1;
  }

  #remembered(place) {
    if (place.startsWith("/tmp/")) return file(place);
    if (place === "process.cwd()") return process.chdir.bind(process, process.cwd());
    const { get, set } = access(place);
    const seen = new Set();
    const before = this.#keep(get(), 0, seen);
    return () => {
      const value = before();
      if (get() !== value) set(value);
    };
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
    this.inspector.open();
    try {
      const [what] = this.inspector.reveal([value]);
      const scopes = (what?.scopes ?? []).filter(({ kind }, at, all) => kind !== "Module" && at < all.length - 1);
      const held = [...(what?.hidden ?? []).map(([, part]) => part), ...scopes.flatMap(({ values }) => Object.values(values ?? {}))];
      return held.map(keep);
    } finally {
      this.inspector.close();
    }
  }
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
