// The code editor: CodeMirror 6 beside a plain text field that stays the truth of the form.
//
// It lives in a shadow root. CodeMirror then adds its rules through constructed style sheets, which a strict content
// security policy allows, and the page's own rules do not reach into it; colours come in through custom properties.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, linter } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px" },
  ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--sunk)", color: "var(--soft)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--select) 55%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 30%, transparent)",
  },
  ".cm-panels, .cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--edge)" },
  ".cm-panels input, .cm-panels button": { font: "inherit", color: "inherit", background: "var(--surface)", backgroundImage: "none", border: "1px solid var(--edge)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
  ".cm-searchMatch, .cm-selectionMatch": { backgroundColor: "var(--select)" },
  ".cm-specialChar": { color: "var(--bad)" },
  ".cm-named": { backgroundColor: "var(--leak-bg)", boxShadow: "inset 4px 0 0 var(--leak)" },
  ".cm-named-declared, .cm-named-removed": { backgroundColor: "transparent", boxShadow: "inset 4px 0 0 var(--edge)" },
  ".cm-named-failed": { backgroundColor: "var(--bad-bg)", boxShadow: "inset 4px 0 0 var(--bad)" },
  ".cm-named::after": { content: "attr(data-said)", color: "var(--soft)", fontFamily: "var(--sans)", fontSize: "12px", paddingLeft: "24px" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.self], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.definition(tags.variableName), tags.propertyName, tags.className], color: "var(--code-name)" },
]);

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
      class: `cm-named cm-named-${role}`, attributes: { title: words, "data-said": words },
    }).range(doc.line(line).from)));
  },
  provide: (field) => EditorView.decorations.from(field),
});

// Escape leaves the editor by keyboard: afterwards Tab moves on instead of indenting.
const keys = (run) => keymap.of([
  { key: "Mod-Enter", run: () => { run(); return true; } },
  { key: "Escape", run: (view) => { view.setTabFocusMode(); return false; } },
  ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap,
  indentWithTab,
]);

/**
 * Put an editor in the place of a text field. The field keeps its name in the form and always has the same text.
 *
 * @param {HTMLTextAreaElement} field
 * @param {{name: string, said: (name: string) => string, changed: () => void, run: () => void, line?: number}} options
 *   the file's name chooses the language, and ``said`` is what a screen reader is told of it; the cursor stands at the beginning of ``line``, which counts from 1
 * @returns {{setName: (name: string) => void, mark: (lines: {line: number, role: string, words: string}[]) => void, goTo: (line: number) => void}}
 */
export function mount(field, { name, said, changed, run, line = 1 }) {
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
      highlightActiveLine(), highlightSelectionMatches(), syntaxHighlighting(colours), named, look, keys(run),
      language.of(languageOf(name)), labelled.of(label(name)),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        field.value = update.state.doc.toString();
        changed();
      }),
    ],
  });
  field.before(host);
  field.hidden = true;
  const view = new EditorView({ state, parent: root, root });
  if (line > 1 && line <= state.doc.lines) view.dispatch({ selection: { anchor: state.doc.line(line).from }, scrollIntoView: true });
  const goTo = (to) => {
    const { doc } = view.state;
    if (to < 1 || to > doc.lines) return;
    const place = doc.line(to).from;
    view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "center" }) });
    view.focus();
  };
  return {
    mark: (lines) => view.dispatch({ effects: marking.of(lines) }),
    goTo,
    setName: (file) => view.dispatch({ effects: [language.reconfigure(languageOf(file)), labelled.reconfigure(label(file))] }),
  };
}
