// The code editor: CodeMirror 6 beside a plain text field that stays the truth of the form.
//
// It lives in a shadow root. CodeMirror then adds its rules through constructed style sheets, which a strict content
// security policy allows, and the page's own rules do not reach into it; colours come in through custom properties.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, linter } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { formatted, isFormatted, placeIn } from "./formatting.js";
import { colours, look } from "./look.js";
import { typedOver } from "./typed-over.js";

export { payloadEditors } from "./payload.js";
export { isFormatted };

const languageOf = (name) => {
  if (/\.json$/i.test(name)) return [json(), linter(jsonParseLinter()), lintGutter()];
  if (/\.[cm]?jsx?$/i.test(name)) return [javascript(), indentUnit.of("  ")];
  if (/\.[cm]?tsx?$/i.test(name)) return [javascript({ typescript: true }), indentUnit.of("  ")];
  if (/\.pyi?$/i.test(name)) return [python(), indentUnit.of("    ")];
  return [];
};

// The lines that a result names: they move with what is typed above them, and are gone with the next result.
const marking = StateEffect.define();
const named = StateField.define({
  create: () => Decoration.none,
  update: (lines, transaction) => {
    const effect = transaction.effects.find((each) => each.is(marking));
    if (!effect) return lines.map(transaction.changes);
    const { doc } = transaction.state;
    const found = new Map();
    for (const { line, role, words } of effect.value) {
      if (line >= 1 && line <= doc.lines && !found.has(line)) found.set(line, { role, words });
    }
    return Decoration.set([...found].sort(([a], [b]) => a - b).map(([line, { role, words }]) => Decoration.line({
      role, class: `cm-named cm-named-${role}`, attributes: { title: words, "data-said": words },
    }).range(doc.line(line).from)));
  },
  provide: (field) => EditorView.decorations.from(field),
});

// The line at which a text stopped being a program; gone with the next thing that is typed.
const breaking = StateEffect.define();
const broken = StateField.define({
  create: () => Decoration.none,
  update: (lines, transaction) => {
    const effect = transaction.effects.find((each) => each.is(breaking));
    if (!effect) return transaction.docChanged ? Decoration.none : lines;
    const { line, words } = effect.value;
    const { doc } = transaction.state;
    if (line < 1 || line > doc.lines) return Decoration.none;
    const attributes = { title: words, "data-said": words };
    return Decoration.set(Decoration.line({ class: "cm-named cm-named-failed", attributes }).range(doc.line(line).from));
  },
  provide: (field) => EditorView.decorations.from(field),
});

// Escape leaves the editor by keyboard: afterwards Tab moves on instead of indenting.
const keys = (run, format) => keymap.of([
  { key: "Mod-Enter", run: () => { run(); return true; } },
  { key: "Shift-Alt-f", run: () => { format(); return true; } },
  { key: "Escape", run: (view) => { view.setTabFocusMode(); return false; } },
  ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap,
  indentWithTab,
]);

/**
 * Put an editor in the place of a text field. The field keeps its name in the form and always has the same text.
 *
 * @param {HTMLTextAreaElement} field
 * @param {{name: string, said: (name: string) => string, changed: () => void, run: () => void, format: () => void, line?: number}} options
 *   the file's name chooses the language, and ``said`` is what a screen reader is told of it; the cursor stands at the beginning of ``line``, which counts from 1
 * @returns {{setName: (name: string) => void, mark: (lines: {line: number, role: string, words: string}[]) => void, goTo: (line: number) => void,
 *   format: (asked: object, say: (problem: object) => string) => Promise<{text?: string, changed?: boolean, why?: string}>}} ``format`` is one
 *   step of undo, or says at its line what is no program
 */
export function mount(field, { name, said, changed, run, format, line = 1 }) {
  const host = document.createElement("div");
  host.className = "editor-host";
  const root = host.attachShadow({ mode: "open", delegatesFocus: true });
  const language = new Compartment();
  const labelled = new Compartment();
  const label = (file) => EditorView.contentAttributes.of({ "aria-label": said(file), tabindex: "0" });
  const state = EditorState.create({
    doc: field.value,
    extensions: [
      lineNumbers(), foldGutter(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), dropCursor(),
      EditorState.allowMultipleSelections.of(true), indentOnInput(), bracketMatching(), closeBrackets(), autocompletion(),
      highlightActiveLine(), highlightSelectionMatches(), syntaxHighlighting(colours), named, broken, typedOver, look, keys(run, format),
      language.of(languageOf(name)), labelled.of(label(name)),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        field.value = update.state.doc.toString();
        changed();
      }),
    ],
  });
  // Whoever was in the field already goes on where they were: the editor often comes because they went there.
  const selected = document.activeElement === field && { anchor: field.selectionStart, head: field.selectionEnd };
  field.before(host);
  field.hidden = true;
  const view = new EditorView({ state, parent: root, root });
  if (selected) {
    view.dispatch({ selection: selected });
    view.focus();
  } else if (line > 1 && line <= state.doc.lines) view.dispatch({ selection: { anchor: state.doc.line(line).from }, scrollIntoView: true });
  let file = name;
  const goTo = (to, column = 1) => {
    const { doc } = view.state;
    if (to < 1 || to > doc.lines) return;
    const place = Math.min(doc.line(to).from + column - 1, doc.line(to).to);
    view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "center" }) });
    view.focus();
  };
  const replace = (text) => {
    const before = view.state.doc.toString();
    if (before === text) return false;
    const { doc, selection } = view.state;
    const lineIn = (place) => text.slice(0, placeIn(before, place, text)).split("\n").length;
    const kept = [];
    view.state.field(named).between(0, doc.length, (from, _, { spec }) => {
      kept.push({ line: lineIn(doc.lineAt(from).to), role: spec.role, words: spec.attributes.title });
    });
    view.dispatch({
      changes: { from: 0, to: before.length, insert: text },
      selection: { anchor: placeIn(before, selection.main.head, text) },
      effects: marking.of(kept),
      annotations: isolateHistory.of("full"),
      scrollIntoView: true,
    });
    return true;
  };
  const formatIt = async (asked, say) => {
    for (;;) {
      const text = view.state.doc.toString();
      const found = await formatted({ ...asked, name: file, text });
      // What was typed meanwhile is formatted too, and never lost.
      if (view.state.doc.toString() !== text) continue;
      if (found.text !== undefined) return { changed: replace(found.text) };
      if (found.line) {
        goTo(found.line, found.column);
        view.dispatch({ effects: breaking.of({ line: found.line, words: say(found) }) });
      }
      return found;
    }
  };
  return {
    format: formatIt,
    mark: (lines) => view.dispatch({ effects: marking.of(lines) }),
    goTo,
    setName: (to) => {
      file = to;
      view.dispatch({ effects: [language.reconfigure(languageOf(file)), labelled.reconfigure(label(file))] });
    },
  };
}
