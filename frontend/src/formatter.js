// Prettier in a worker of the browser: a text that keeps it busy is ended with it. Fetched when somebody formats.
import { format } from "prettier/standalone";
import * as babel from "prettier/plugins/babel";
import * as estree from "prettier/plugins/estree";

addEventListener("message", async ({ data: { text, parser } }) => {
  try {
    postMessage({ text: await format(text, { parser, plugins: [babel, estree] }) });
  } catch (error) {
    const { line = 0, column = 0 } = error.loc?.start ?? {};
    postMessage({ why: String(error.message).split("\n")[0].replace(/ \(\d+:\d+\)$/, ""), line, column });
  }
});
