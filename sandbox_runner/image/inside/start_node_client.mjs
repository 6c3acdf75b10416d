// Starts the runtime client of major version 3. Its own starter prints a line that the service never logs.
import { run } from "./dist/index.mjs";

await run(process.env.LAMBDA_TASK_ROOT, process.argv[2]);
