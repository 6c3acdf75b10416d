// What every editor of the page looks like. Colours come in through the page's custom properties.
import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const look = EditorView.theme({
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

export const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.self], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.definition(tags.variableName), tags.propertyName, tags.className], color: "var(--code-name)" },
]);
