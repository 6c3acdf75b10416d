// Places of the process and not of a module: timers, listeners of `process`, child processes, worker threads, sockets
// with their peers, and what else keeps the event loop alive. They are noted where they were not there before the function's code ran.
//
// Timers and child processes are learnt as they are made, from the async hook that node_origins.mjs has anyway: nothing
// in Node lists timers, and a child that was let go of keeps nothing alive. A function that the runtime's client or
// Node's own code set or added is none of the function's; the walk passes those over.

const builtin = process.getBuiltinModule;
const { subscribe } = builtin("node:diagnostics_channel");
const { Socket } = builtin("node:net");

const LISTED_MAX = 100;
const COMMAND_MAX = 80;
const TIMERS = new Set(["Timeout", "Immediate"]);
// Listed one by one.
const LISTED = new Set([...TIMERS, "ProcessWrap"]);
const resources = process.getActiveResourcesInfo.bind(process);
const handles = process._getActiveHandles.bind(process);
const { getOwnPropertyDescriptor, ownKeys } = Reflect;

export class ProcessPlaces {
  constructor() {
    this.timers = new Set();
    this.processes = new Set();
    this.workers = new Set();
    subscribe("worker_threads", ({ worker }) => this.#keep(this.workers, worker, (each) => each.threadId < 0));
    this.cut = false;
    this.listeners = new Set([...listeners()].map(([, listener]) => listener));
    // Both are made when they are asked for, and are the process's own.
    void [process.stdout, process.stderr];
    this.handles = new WeakSet(handles());
    this.resources = counted(resources());
  }

  // Called for each asynchronous resource that is made, but for promises.
  made(type, resource) {
    if (TIMERS.has(type)) this.#keep(this.timers, resource, (timer) => timer._destroyed);
    else if (type === "PROCESSWRAP") this.#keep(this.processes, resource, (handle) => isOver(owner(handle)));
  }

  #keep(all, resource, isDone) {
    if (all.size >= LISTED_MAX) for (const each of all) if (isDone(each)) all.delete(each);
    if (all.size < LISTED_MAX) all.add(resource);
    else this.cut = true;
  }

  // [carrier, path, value, what it is in words]: a function is walked into, its words are noted if it is the user's.
  *found() {
    yield* this.#timers();
    for (const [name, listener] of listeners()) {
      if (!this.listeners.has(listener)) yield [`process.on('${name}')`, `process.on('${name}')`, listener, "listener"];
    }
    for (const [name] of this.children()) yield [name, name, "runs", ""];
    for (const { threadId } of this.workers) {
      if (threadId > 0) yield [`worker thread ${threadId}`, `worker thread ${threadId}`, "runs", ""];
    }
    for (const handle of handles()) {
      if (!(handle instanceof Socket) || this.handles.has(handle) || !handle.remotePort) continue;
      yield ["net.Socket", `net.Socket to ${handle.remoteAddress}:${handle.remotePort}`, "connected", ""];
    }
    for (const [name, count] of counted(resources())) {
      const before = this.resources.get(name) ?? 0;
      const place = "process.getActiveResourcesInfo()";
      if (count > before && !LISTED.has(name)) yield [place, `${place}.${name}`, count - before, ""];
    }
  }

  *#timers() {
    const numbers = {};
    for (const timer of this.timers) {
      if (timer._destroyed) {
        this.timers.delete(timer);
        continue;
      }
      const name = kindOf(timer);
      const path = `${name}[${(numbers[name] = (numbers[name] ?? -1) + 1)}]`;
      yield [name, path, timer._onTimeout ?? timer._onImmediate, timer._repeat ? `every ${timer._repeat} ms` : `after ${timer._idleTimeout ?? 0} ms`];
      const given = timer._timerArgs ?? timer._argv;
      if (given) yield [name, `${path}.arguments`, given, ""];
    }
  }

  // The child processes that have not ended, by name.
  *children() {
    for (const handle of this.processes) {
      const child = owner(handle);
      if (isOver(child)) this.processes.delete(handle);
      else yield [`child process ${child.spawnargs.join(" ").slice(0, COMMAND_MAX)}`, child];
    }
  }
}

export function kindOf(timer) {
  if ("_onImmediate" in timer) return "timers.setImmediate";
  return timer._repeat ? "timers.setInterval" : "timers.setTimeout";
}

// Each listener of `process` with the name of what it waits for; of one that waits once, the function itself.
export function* listeners() {
  const all = getOwnPropertyDescriptor(process, "_events")?.value ?? {};
  for (const name of ownKeys(all)) {
    for (const listener of [getOwnPropertyDescriptor(all, name)?.value].flat()) {
      if (typeof listener !== "function") continue;
      const once = getOwnPropertyDescriptor(listener, "listener")?.value;
      yield [String(name), typeof once === "function" ? once : listener];
    }
  }
}

function owner(handle) {
  const key = ownKeys(handle).find((each) => typeof each === "symbol" && each.description === "owner_symbol");
  return key && handle[key];
}

function isOver(child) {
  return !child || child.exitCode !== null || child.signalCode !== null || !Array.isArray(child.spawnargs);
}

function counted(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
