// What is typed over several lines. Left to the browser it writes styles into the text on the way, which the policy of
// the page refuses with a message of its own.
import { EditorView } from "@codemirror/view";

export const typedOver = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { doc, selection } = view.state;
    const { from, to } = selection.main;
    if (event.inputType !== "insertText" || !event.data || selection.ranges.length > 1 || doc.lineAt(from).to >= to) return false;
    event.preventDefault();
    const plain = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, event.data, plain))) view.dispatch(plain());
    return true;
  },
});
