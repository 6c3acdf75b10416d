// A handler that has `build.py` do the work, for a sandbox whose image has no runtime of Python.
import { execFile } from "node:child_process";

export const handler = (order) =>
  new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024, env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" } };
    const program = execFile("/usr/bin/python3", ["-I", "/var/task/build.py"], options, (problem, answer) =>
      problem ? reject(problem) : resolve(JSON.parse(answer)),
    );
    program.stdin.end(JSON.stringify(order));
  });
