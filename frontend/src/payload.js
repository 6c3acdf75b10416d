// The payload of a request in an editor of JSON, which stands in the place of its text field while it has the focus.
//
// What may be completed is read from payloads: those of the event template that the row has, or those of other requests.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, ensureSyntaxTree, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightSpecialChars, hoverTooltip, keymap } from "@codemirror/view";
import { colours, look } from "./look.js";
import { typedOver } from "./typed-over.js";
import { merged, shapeAt, shapeOf, skeleton } from "./shapes.js";

const small = EditorView.theme({
  "&": { height: "auto", maxHeight: "200px" },
  ".cm-scroller": { overflow: "auto" },
  ".cm-content": { padding: "6px 0" },
  ".cm-line": { padding: "0 8px" },
  ".cm-tooltip-hover": { padding: "4px 8px", fontSize: "13px", maxWidth: "48ch", overflowWrap: "anywhere" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px" },
  ".cm-completionDetail": { color: "var(--soft)" },
});

const textOf = (state, node) => state.sliceDoc(node.from, node.to);
const unquoted = (text) => { try { return JSON.parse(text); } catch { return text.replace(/^"|"$/g, ""); } };

// The names that lead to a node, with a star for each array.
const pathOf = (state, node) => {
  const path = [];
  for (let at = node; at; at = at.parent) {
    if (at.name === "Property") {
      const name = at.getChild("PropertyName");
      if (name) path.unshift(unquoted(textOf(state, name)));
    }
    if (at.name === "Array" && at !== node) path.unshift("*");
  }
  return path;
};
const enclosing = (node, name) => {
  for (let at = node; at; at = at.parent) if (at.name === name) return at;
  return null;
};

// Which names or values may stand at the cursor, of the shape that the row's payload has.
const completing = (shape) => async (context) => {
  const { state, pos } = context;
  const word = context.matchBefore(/"?[\w$.-]*/);
  const lead = state.sliceDoc(0, word.from).trimEnd();
  const known = await shape();
  if (!known) return null;
  const tree = ensureSyntaxTree(state, pos, 200) ?? syntaxTree(state);
  const node = tree.resolveInner(word.from, -1);
  // A quote that was closed by itself is replaced with what is chosen.
  const to = state.sliceDoc(pos, pos + 1) === '"' && word.text.startsWith('"') ? pos + 1 : pos;
  const object = enclosing(node, "Object");
  const isInObject = object && (enclosing(node, "Array")?.from ?? -1) < object.from;
  if (/[{,]$/.test(lead) && isInObject) {
    const at = shapeAt(known, pathOf(state, object));
    const taken = new Set(object.getChildren("Property").filter((one) => one.to <= word.from || one.from > pos)
      .map((one) => one.getChild("PropertyName")).filter(Boolean).map((one) => unquoted(textOf(state, one))));
    const follows = /^\s*:/.test(state.sliceDoc(to));
    const options = Object.entries(at?.names ?? {}).filter(([name]) => !taken.has(name)).map(([name, inside]) => ({
      label: `"${name}"`,
      detail: inside.type,
      type: "property",
      apply: (view, _, from) => insert(view, from, to, `"${name}"`, follows ? "" : `: ${skeleton(inside)}`),
    }));
    return options.length ? { from: word.from, options, validFor: /^"?[\w$.-]*$/ } : null;
  }
  if (!/:$/.test(lead)) return null;
  const property = enclosing(tree.resolveInner(lead.length, -1), "Property");
  const at = property && shapeAt(known, pathOf(state, property));
  const options = (at?.examples ?? []).map((value) => ({
    label: JSON.stringify(value), type: "constant", apply: (view, _, from) => insert(view, from, to, JSON.stringify(value), ""),
  }));
  return options.length ? { from: word.from, options, validFor: /^"?[\w$.-]*$/ } : null;
};
// The value is selected, so that one types over it.
const insert = (view, from, to, name, value) => {
  const start = from + name.length + (value ? 2 : 0);
  const inner = /^: ["{[]/.test(value) ? 1 : 0;
  const anchor = value ? start + inner : from + name.length;
  const head = value ? from + name.length + value.length - inner : anchor;
  view.dispatch({ changes: { from, to, insert: name + value }, selection: { anchor, head }, userEvent: "input.complete" });
};

const hovering = (shape, words) => hoverTooltip(async (view, pos, side) => {
  const node = enclosing(syntaxTree(view.state).resolveInner(pos, side), "PropertyName");
  const known = node && await shape();
  const at = known && shapeAt(known, pathOf(view.state, node));
  if (!at) return null;
  const dom = document.createElement("div");
  dom.textContent = words.hover({ path: pathOf(view.state, node).join(".").replaceAll(".*", "[]"), ...at, event: known.title });
  return { pos: node.from, end: node.to, above: true, create: () => ({ dom }) };
}, { hoverTime: 200 });

const linting = (problem) => linter(({ state }) => {
  const found = problem(state.doc.toString());
  if (!found) return [];
  const line = state.doc.line(Math.min(found.line, state.doc.lines));
  const from = Math.min(line.from + found.column - 1, line.to);
  return [{ from, to: Math.min(from + 1, state.doc.length), severity: "error", message: found.words }];
}, { delay: 250 });

/**
 * Put an editor in the place of each payload's field while somebody is in it.
 *
 * @param {HTMLElement} steps the list of the rows
 * @param {{said: (row: Element) => string, shape: (row: Element) => Promise<object | null>, others: (row: Element) => string[],
 *   problem: (text: string) => null | {line: number, column: number, words: string}, hover: (found: object) => string, run: () => void}} options
 */
export function payloadEditors(steps, options) {
  const kept = new WeakMap();
  const isPayload = (one) => one?.name === "step_payload" && steps.contains(one);

  const shapeFor = (row) => async () => {
    const found = await options.shape(row);
    if (found) return { ...found.payloads.map(shapeOf).reduce(merged), title: found.title };
    const texts = options.others(row).map((text) => { try { return JSON.parse(text); } catch { return null; } });
    return { ...texts.filter(Boolean).map(shapeOf).reduce(merged, shapeOf({})), title: "" };
  };
  const leave = (_, view) => setTimeout(() => {
    const { host } = view.root;
    // Another window has the focus for now, or it came back at once.
    if (document.activeElement === host || !host.isConnected) return;
    const field = host.nextElementSibling;
    kept.set(field, view.state);
    view.destroy();
    host.remove();
    field.hidden = false;
  });
  const stateOf = (field, row) => {
    const before = kept.get(field);
    const selection = { anchor: field.selectionStart, head: field.selectionEnd };
    if (before?.doc.toString() === field.value) return before.update({ selection }).state;
    const shape = shapeFor(row);
    return EditorState.create({
      doc: field.value,
      selection,
      extensions: [
        highlightSpecialChars(), history(), drawSelection(), bracketMatching(), closeBrackets(), EditorView.lineWrapping,
        json(), syntaxHighlighting(colours), typedOver, small, look, linting(options.problem), hovering(shape, options),
        autocompletion({ override: [completing(shape)], icons: false }),
        keymap.of([{ key: "Mod-Enter", run: () => { options.run(); return true; } }, ...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.contentAttributes.of({ "aria-label": options.said(row), "aria-multiline": "true" }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          field.value = update.state.doc.toString();
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }),
        EditorView.domEventHandlers({ blur: leave }),
      ],
    });
  };
  const open = (field) => {
    const row = field.closest("[data-step]");
    const host = document.createElement("div");
    host.className = "payload-host";
    const root = host.attachShadow({ mode: "open" });
    field.before(host);
    const view = new EditorView({ state: stateOf(field, row), parent: root, root });
    view.focus();
    field.hidden = true;
  };

  let pressed = null;
  steps.addEventListener("pointerdown", ({ target }) => { pressed = isPayload(target) ? target : null; });
  // A press ends with the cursor or a selection where it belongs.
  document.addEventListener("pointerup", () => {
    const field = pressed;
    pressed = null;
    if (field && document.activeElement === field) setTimeout(() => { if (document.activeElement === field) open(field); });
  });
  steps.addEventListener("focusin", ({ target }) => { if (isPayload(target) && target !== pressed) open(target); });
  if (isPayload(document.activeElement)) open(document.activeElement);
}
