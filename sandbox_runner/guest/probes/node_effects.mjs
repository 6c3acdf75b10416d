// Notes which files below /tmp are written and what is sent over connections, for node_origins.mjs.
//
// The functions of `fs` that write, and `write` of a socket, are looked at and called as they were. `note` is told the
// text and the kind, "file" or "peer", of each effect, in the execution context that has it. What goes through
// descriptors and streams that were open before is not seen.

const builtin = process.getBuiltinModule;
const fs = builtin("node:fs");
const { syncBuiltinESMExports } = builtin("node:module");
const net = builtin("node:net");
const path = builtin("node:path");

const ROOT = "/tmp/";
let inside = false;
const WRITERS = ["writeFile", "writeFileSync", "appendFile", "appendFileSync", "createWriteStream"];

export function watchEffects(note) {
  for (const [owner, names] of [[fs, WRITERS], [fs.promises, ["writeFile", "appendFile"]]]) {
    for (const name of names) watch(owner, name, (target) => file(note, "wrote", target));
  }
  for (const name of ["unlink", "unlinkSync", "rm", "rmSync"]) watch(fs, name, (target) => file(note, "removed", target));
  const sent = function (data, encoding) {
    if (!this.remotePort || data === undefined || data === null || typeof data === "function") return;
    const count = typeof data === "string" ? Buffer.byteLength(data, typeof encoding === "string" ? encoding : "utf8") : data.byteLength;
    note(`sent ${count} ${this.remotePort}`, "peer");
  };
  for (const name of ["write", "end"]) watch(net.Socket.prototype, name, sent);
  syncBuiltinESMExports();
}

function file(note, what, target) {
  const name = target instanceof URL ? target.pathname : target;
  if (typeof name === "string" && path.resolve(name).startsWith(ROOT)) note(`${what} ${path.resolve(name)}`, "file");
}

function watch(owner, name, look) {
  const whole = owner[name];
  const watched = function (...all) {
    // One of these may be made of another.
    const outermost = !inside;
    inside = true;
    try {
      if (outermost) look.apply(this, all);
    } catch {
      // The function goes on as without us.
    }
    try {
      return whole.apply(this, all);
    } finally {
      if (outermost) inside = false;
    }
  };
  Object.defineProperty(watched, "name", { value: name });
  owner[name] = watched;
}
