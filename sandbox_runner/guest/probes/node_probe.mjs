// Walks what a Node function holds, inside AWS's own runtime client, after each answer.
//
// In: `node --import file:///…/node_probe.mjs?fd=FD&leaves=N&bytes=N …`; FD is an open descriptor for frames. `&restore=`
// is the JSON {"after": requests, "places": [name, …]} of what is put back to its state after init; then nothing is walked
// and nothing written. Out, on FD:
// a 4-byte big-endian length, then JSON {"after", "request_id", "nodes", "truncated", "took_us", "leaves", "disturbed",
// "late", "written"}, once before
// the first event is asked for and once after each answer, before the next event is asked for.
//
// The native client that every version of aws-lambda-ric loads is the one thing that is wrapped: its `next` is called
// when the answer was posted. Module scopes (`let` and `const` that nobody exports) are reachable only for a debugger,
// so the built-in inspector names them, in the same thread; the values are then walked as plain objects. Whatever fails
// here is swallowed: a probe that cannot look must not change what the function does.
//
// Node's own modules are taken by `process.getBuiltinModule` in all files of the probe: an import reads everything that
// they export, and loads what some of it needs, which only a function that imports them should pay for.

import { Guard, text as encoded } from "./node_guard.mjs";
import { Walk, baseline } from "./node_walk.mjs";
import { Inspector } from "./node_inspector.mjs";
import { Libraries } from "./node_libraries.mjs";
import { Origins } from "./node_origins.mjs";
import { ProcessPlaces } from "./node_process.mjs";
import { Restorer } from "./node_restore.mjs";

const builtin = process.getBuiltinModule;
const { writeSync } = builtin("node:fs");
const Module = builtin("node:module");
const { isMainThread } = builtin("node:worker_threads");

const asked = new URL(import.meta.url).searchParams;
const bounds = { leaves: Number(asked.get("leaves")), bytes: Number(asked.get("bytes")) };
const write = writeSync;
const now = process.hrtime.bigint;
const loadNative = Module._extensions[".node"];

let descriptor = Number(asked.get("fd"));
let requestId = "";

class Probe {
  constructor() {
    this.places = new ProcessPlaces();
    this.origins = new Origins((type, resource) => this.places.made(type, resource));
    this.before = baseline();
    this.guard = new Guard(descriptor);
    this.inspector = new Inspector();
    this.libraries = new Libraries();
    // A client of AWS's has some twenty steps, each described by a few values.
    this.closures = new Libraries(1_000, 4_000);
    this.restorer = new Restorer(asked.get("restore"), this.inspector, this.places);
  }

  // Where nothing new was loaded, all of it is done before the function's code can run again, and in the context that the
  // next request will find.
  async next(native) {
    try {
      if (descriptor >= 0) {
        const started = now();
        const before = this.guard.replaced();
        this.inspector.open();
        try {
          const unknown = this.inspector.unknownModules();
          if (unknown.length > 0) await this.inspector.load(unknown);
          if (!this.restorer.isAsked) this.capture(started, before);
        } finally {
          this.inspector.close();
        }
      }
      const ending = this.restorer.nextRequest();
      if (ending) await ending;
    } catch {
      descriptor = -1;
    }
    this.origins.end();
    const event = await native.next();
    requestId = header(event?.headers, "lambda-runtime-aws-request-id");
    return this.origins.handOver(event, requestId);
  }

  capture(started, before) {
    const walk = new Walk(this.before, bounds);
    walk.run(this.inspector, this.places, this.libraries, this.closures);
    const { leaves, nodes, truncated, packages } = walk;
    const disturbed = before.length > 0 ? before : this.guard.disturbed();
    const took_us = Number((now() - started) / 1000n);
    const moment = { after: requestId ? "invoke" : "init", request_id: requestId };
    send({ ...moment, nodes, truncated, took_us, leaves, packages, disturbed, ...this.origins.take() });
  }

  wrap(native) {
    return { ...native, next: () => this.next(native) };
  }
}

function header(headers, wanted) {
  for (const name of Object.keys(headers ?? {})) if (name.toLowerCase() === wanted) return String(headers[name]);
  return "?";
}

function send(frame) {
  const text = Buffer.from(encoded(frame));
  const data = Buffer.alloc(4 + text.length);
  data.writeUInt32BE(text.length, 0);
  text.copy(data, 4);
  for (let at = 0, turns = 0; at < data.length; ) {
    try {
      at += write(descriptor, data, at);
    } catch (error) {
      if (error.code !== "EAGAIN" || ++turns > 2000) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

// A child or a worker that inherits the arguments would write its frames among ours.
const own = process.execArgv.findIndex((argument) => argument.includes("node_probe.mjs"));
if (own >= 0) process.execArgv.splice(process.execArgv[own].startsWith("--import=") ? own : own - 1, process.execArgv[own].startsWith("--import=") ? 1 : 2);

if (isMainThread) {
  const probe = new Probe();
  Module._extensions[".node"] = function (module, filename) {
    const result = loadNative.apply(this, arguments);
    if (filename.endsWith("/rapid-client.node")) {
      Module._extensions[".node"] = loadNative;
      module.exports = probe.wrap(module.exports);
    }
    return result;
  };
}
