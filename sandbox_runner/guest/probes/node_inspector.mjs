// What only a debugger can reach: the scopes of functions, private fields, what a promise or a proxy holds.
//
// One session of the built-in inspector, in the same thread, open only while the probe looks: every answer is given
// synchronously and everything it held on to is let go when the session ends.

import { Session } from "node:inspector";
import Module from "node:module";
import { fileURLToPath } from "node:url";

const HOLDER = "__holdover_values__";
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
    this.scripts = new Map(); // script id → the module's name, for scripts of the function
    this.modules = new Map(); // URL of an ES module → its namespace
    this.names = new Map(); // URL → the module's name
  }

  open() {
    this.session = new Session();
    this.session.connect();
    this.session.on("Debugger.scriptParsed", ({ params }) => this.#parsed(params));
    this.ask("Debugger.enable");
    this.ask("Debugger.disable");
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

  #parsed({ scriptId, url, isModule }) {
    const file = fileOf(url);
    if (!file.startsWith(taskRoot) || this.scripts.has(scriptId)) return;
    const name = file.slice(taskRoot.length).replace(/\.[cm]?js$/, "");
    this.scripts.set(scriptId, name);
    if (isModule) this.names.set(url, name);
  }

  unknownModules() {
    return [...this.names.keys()].filter((url) => !this.modules.has(url));
  }

  // The same URL gives the instance that is already there. One that is still waiting for its own top level is left out.
  async load(urls) {
    const late = new Promise((resolve) => setTimeout(resolve, LOAD_MS_MAX).unref());
    const loading = urls.map(async (url) => {
      this.modules.set(url, null);
      this.modules.set(url, await import(url).catch(() => null));
    });
    await Promise.race([Promise.all(loading), late]);
  }

  // Every module of the function: [name, what it exports], the handler's own first.
  exported() {
    const found = [];
    for (const [url, namespace] of this.modules) if (namespace) found.push([this.names.get(url), namespace]);
    for (const file of Object.keys(Module._cache)) {
      if (!file.startsWith(taskRoot)) continue;
      const name = file.slice(taskRoot.length).replace(/\.[cm]?js$/, "");
      found.push([name, Module._cache[file].exports]);
    }
    const first = (name) => (name === handlerModule ? 0 : 1);
    return found.sort((a, b) => first(a[0]) - first(b[0]));
  }

  handlerExport() {
    return handlerExport.split(".")[0];
  }

  // A scope arrives as {description, object}. For each value what it hides:
  // [{module, scopes: [{kind, values}], hidden: [[step, value]]}], in the order given.
  reveal(values) {
    globalThis[HOLDER] = values;
    const list = this.ask("Runtime.evaluate", { expression: `globalThis.${HOLDER}` })?.result?.objectId;
    delete globalThis[HOLDER];
    if (!list) return [];
    const handles = [];
    for (const { name, value } of this.#properties(list)?.result ?? []) {
      if (/^\d+$/.test(name)) handles[Number(name)] = value?.objectId;
    }
    const wanted = [];
    const plans = values.map((_, number) => this.#plan(handles[number], wanted));
    const held = this.#fetch(list, wanted);
    return plans.map((plan) => ({
      module: plan.module,
      scopes: plan.scopes.map(([kind, at]) => ({ kind, values: held[at]?.object })),
      hidden: plan.hidden.map(([step, at]) => [step, held[at]]),
    }));
  }

  #properties(objectId) {
    return this.ask("Runtime.getProperties", { objectId, ownProperties: true, nonIndexedPropertiesOnly: false });
  }

  #plan(objectId, wanted) {
    const plan = { module: undefined, scopes: [], hidden: [] };
    if (!objectId) return plan;
    const want = (remote) => wanted.push(remote) - 1;
    const found = this.ask("Runtime.getProperties", {
      objectId,
      ownProperties: true,
      nonIndexedPropertiesOnly: true,
    });
    for (const { name, value } of found?.privateProperties ?? []) if (value) plan.hidden.push([`.${name}`, want(value)]);
    for (const { name, value } of found?.internalProperties ?? []) {
      if (name === "[[FunctionLocation]]" || name === "[[GeneratorLocation]]") plan.module = this.scripts.get(value?.value?.scriptId);
      if (["[[PromiseResult]]", "[[Target]]", "[[BoundThis]]", "[[TargetFunction]]", "[[BoundArgs]]"].includes(name)) {
        plan.hidden.push([`.${name}`, want(value)]);
      }
      if (name === "[[Entries]]") this.#entries(value, plan, want);
      if (name === "[[Scopes]]") plan.list = value.objectId;
    }
    if (plan.module !== undefined && plan.list) this.#scopes(plan, want);
    return plan;
  }

  #scopes(plan, want) {
    for (const { name, value } of this.#properties(plan.list)?.result ?? []) {
      const kind = value?.description?.split(" ")[0];
      if (/^\d+$/.test(name) && kind && kind !== "Global" && kind !== "Script") plan.scopes.push([kind, want(value)]);
    }
  }

  #entries(list, plan, want) {
    for (const { name, value } of (list?.objectId && this.#properties(list.objectId)?.result) || []) {
      if (!/^\d+$/.test(name) || Number(name) >= 200) continue;
      for (const part of this.#properties(value.objectId)?.result ?? []) {
        if (part.name === "value") plan.hidden.push([`.get(…${name})`, want(part.value)]);
      }
    }
  }

  #fetch(objectId, remotes) {
    const held = [];
    globalThis[HOLDER] = held;
    for (let at = 0; at < remotes.length; at += 500) {
      const some = remotes.slice(at, at + 500).map(argument);
      this.ask("Runtime.callFunctionOn", {
        objectId,
        functionDeclaration: `function (...values) { globalThis.${HOLDER}.push(...values); }`,
        arguments: some,
      });
    }
    delete globalThis[HOLDER];
    return held;
  }
}

function argument(remote) {
  if (remote?.objectId) return { objectId: remote.objectId };
  if (remote?.unserializableValue) return { unserializableValue: remote.unserializableValue };
  return { value: remote?.value };
}
