// Notes for which request a line of output was made, or a file written, when that is not the request under way.
//
// A request's id travels in an AsyncLocalStorage with the promises, timers and callbacks that its handler starts. It is
// entered where the client has the event and has not called the handler yet: for one generation of the client that is
// the moment at which it reads the event's body, for the other its invoke store takes the context. What is written while
// another request is under way is late. Nothing that is written is changed.

import { watchEffects } from "./node_effects.mjs";

const builtin = process.getBuiltinModule;
const { AsyncLocalStorage, createHook, executionAsyncResource } = builtin("node:async_hooks");
const fs = builtin("node:fs");

const ENTRIES_MAX = 200;
const WRITTEN_MAX = 500;
const CHARACTERS_MAX = 1024;
const FRAME_HEADER_BYTES = 16;

class HandedOver {
  #body;
  #storage;
  #requestId;

  constructor({ bodyJson, headers }, storage, requestId) {
    this.headers = headers;
    this.#body = bodyJson;
    this.#storage = storage;
    this.#requestId = requestId;
  }

  get bodyJson() {
    this.#storage.enterWith(this.#requestId);
    return this.#body;
  }
}

export class Origins {
  // `made` is told each asynchronous resource that is no promise: its type and itself.
  constructor(made) {
    this.storage = new AsyncLocalStorage();
    this.underWay = "";
    this.late = [];
    this.written = [];
    this.begun = new Map();
    this.stores = new WeakSet();
    // Without a hook of its own a promise is not known as what runs.
    createHook({ init: (_, type, __, resource) => type === "PROMISE" || made(type, resource) }).enable();
    this.storage.enterWith("");
    const telemetry = Number(process.env._LAMBDA_TELEMETRY_LOG_FD);
    this.#watch(fs, "writeSync", (fd, data) => (fd === telemetry || fd === 1 || fd === 2 ? [fd, data] : null));
    this.#watch(process.stdout, "write", (data) => [1, data]);
    this.#watch(process.stderr, "write", (data) => [2, data]);
    watchEffects((text, what) => this.#noteLate(text, what));
  }

  // `event` as the client gets it; reading its body is the last thing the client does before it calls the handler.
  handOver(event, requestId) {
    this.underWay = requestId;
    this.#followStore();
    return new HandedOver(event, this.storage, requestId);
  }

  // The answer is out: what is written until the next request begins is late, for a freeze lies between.
  end() {
    this.underWay = null;
  }

  take() {
    for (const rest of this.begun.values()) if (this.written.length < WRITTEN_MAX) this.written.push(rest);
    const { late, written } = this;
    this.late = [];
    this.written = [];
    return { late, written };
  }

  // The store is told the request's context right before it calls the handler: no frame of ours is on the stack then.
  #followStore() {
    const store = globalThis.awslambda?.InvokeStore;
    if (!store || typeof store.run !== "function" || this.stores.has(store)) return;
    this.stores.add(store);
    const origins = this;
    let context = store.currentContext;
    Object.defineProperty(store, "currentContext", {
      configurable: true,
      enumerable: true,
      get: () => context,
      set(value) {
        if (value !== context) origins.storage.enterWith(origins.underWay ?? "");
        context = value;
      },
    });
  }

  #watch(owner, name, written) {
    const write = owner[name];
    const origins = this;
    owner[name] = function (...all) {
      try {
        const found = written(...all);
        if (found) origins.#note(...found);
      } catch {
        // The function goes on as without us.
      }
      return write.apply(this, all);
    };
  }

  #noteLate(text, ...what) {
    const origin = this.storage.getStore();
    if (origin === undefined || origin === this.underWay || this.late.length >= ENTRIES_MAX) return;
    this.late.push([origin, kind(), text.slice(0, CHARACTERS_MAX), ...what]);
  }

  #note(fd, data) {
    const bytes = typeof data === "string" ? null : Buffer.from(data.buffer ?? data, data.byteOffset, data.byteLength);
    if (bytes?.length === FRAME_HEADER_BYTES && bytes.readUInt16BE(0) === 0xa55a) return;
    const lines = ((this.begun.get(fd) ?? "") + (bytes ? bytes.toString() : data)).split("\n");
    this.begun.delete(fd);
    const rest = lines.pop();
    if (rest) this.begun.set(fd, rest.slice(0, CHARACTERS_MAX));
    for (const line of lines) {
      if (!line) continue;
      const text = line.slice(0, CHARACTERS_MAX);
      if (this.written.length < WRITTEN_MAX) this.written.push(text);
      this.#noteLate(text);
    }
  }
}

function kind() {
  const resource = executionAsyncResource();
  if (resource instanceof Promise) return "promise";
  const name = resource?.constructor?.name;
  if (name === "Timeout" || name === "Immediate") return "timer";
  return name === "PromiseWrap" || name === "PROMISE" ? "promise" : "unknown";
}
