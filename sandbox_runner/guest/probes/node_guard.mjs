// Says what of the probe user code has disturbed: the built-ins that it works with, and its descriptor.
//
// The probe lives in the process of the code that it watches, so it cannot be out of that code's reach. It can notice:
// what it depends on is remembered before user code runs and compared by identity at each walk.

const builtin = process.getBuiltinModule;
const { fstatSync, readdirSync } = builtin("node:fs");
const { Session } = builtin("node:inspector");

const NAMED_MAX = 5;
const WATCHED = [
  ...[Object, Array, Map, Set, WeakMap, WeakSet, String, Number, BigInt, Symbol, RegExp, Date, Uint8Array].flatMap((kind) => [
    [kind.name, kind],
    [`${kind.name}.prototype`, kind.prototype],
  ]),
  ["Function.prototype", Function.prototype],
  ["Array.prototype iterator", Object.getPrototypeOf([][Symbol.iterator]())],
  ["Map.prototype iterator", Object.getPrototypeOf(new Map()[Symbol.iterator]())],
  ["Set.prototype iterator", Object.getPrototypeOf(new Set()[Symbol.iterator]())],
  ["Reflect", Reflect],
  ["Promise", Promise],
  ["Buffer", Buffer],
  ["Buffer.prototype", Buffer.prototype],
  ["inspector.Session.prototype", Session.prototype],
  ["inspector.Session.prototype", Object.getPrototypeOf(Session.prototype)],
  ["process.hrtime", process.hrtime],
];
// What the probe's sessions have of their own: Node's module "domain" replaces every emitter's.
const OWN = new Set(["inspector.Session.prototype.emit"]);
const GLOBALS = ["Object", "Array", "Map", "Set", "WeakMap", "WeakSet", "String", "Number", "Buffer", "Promise", "Reflect", "JSON", "Symbol", "process"];
// Asked of whatever is made into JSON, by the language itself.
const TO_JSON = [Object.prototype, Array.prototype, String.prototype, Number.prototype, Boolean.prototype];
const { getOwnPropertyDescriptor, ownKeys, setPrototypeOf } = Reflect;
const { stringify } = JSON;
const fstat = fstatSync;
const readdir = readdirSync;

export class Guard {
  constructor(descriptor) {
    this.descriptor = descriptor;
    this.file = identity(descriptor);
    this.held = [];
    for (const [name, owner] of WATCHED) {
      for (const key of ownKeys(owner)) {
        const called = `${name}.${String(key)}`;
        if (!OWN.has(called)) this.#hold(called, owner, key);
      }
    }
    for (const key of GLOBALS) this.#hold(key, globalThis, key);
  }

  #hold(name, owner, key) {
    const found = getOwnPropertyDescriptor(owner, key);
    if (typeof found.value === "function" || typeof found.get === "function" || typeof found.value === "object") {
      this.held[this.held.length] = { name, owner, key, value: found.value, get: found.get };
    }
  }

  // What was replaced, and what became of the descriptor, which matters when a frame is about to be written.
  disturbed() {
    const found = this.replaced();
    this.#ofDescriptor((name) => say(found, name));
    return found;
  }

  // Plain loops: what is asked may be the very thing that was replaced.
  replaced() {
    const found = [];
    for (let at = 0; at < this.held.length; at++) {
      const { name, owner, key, value, get } = this.held[at];
      const now = getOwnPropertyDescriptor(owner, key);
      if (now === undefined || now.value !== value || now.get !== get) say(found, name);
    }
    for (let at = 0; at < TO_JSON.length; at++) {
      if ("toJSON" in TO_JSON[at]) say(found, "toJSON");
    }
    return found;
  }

  #ofDescriptor(say) {
    if (this.file === "" || identity(this.descriptor) !== this.file) {
      say("the probe's descriptor");
      return;
    }
    const names = readdir("/proc/self/fd");
    for (let at = 0; at < names.length; at++) {
      const other = +names[at];
      if (other !== this.descriptor && identity(other) === this.file) say("a copy of the probe's descriptor");
    }
  }
}

function say(found, name) {
  if (found.length < NAMED_MAX) found[found.length] = name;
}

// The text of a frame, by what JSON.stringify was. A toJSON of the user's is only found along a prototype.
export function text(frame) {
  for (let at = 0; at < TO_JSON.length; at++) {
    if ("toJSON" in TO_JSON[at]) return stringify(bare(frame));
  }
  return stringify(frame);
}

function bare(value) {
  if (typeof value !== "object" || value === null) return value;
  setPrototypeOf(value, null);
  const keys = ownKeys(value);
  for (let at = 0; at < keys.length; at++) bare(value[keys[at]]);
  return value;
}

function identity(descriptor) {
  try {
    const { dev, ino } = fstat(descriptor);
    return `${dev} ${ino}`;
  } catch {
    return "";
  }
}
