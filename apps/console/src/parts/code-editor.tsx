import { useEffect, useRef } from 'preact/hooks';

/** What an editor is given. */
interface CodeEditorProps {
  label: string;
  text: string;
  onChange: (text: string) => void;
}

/**
 * An editor with syntax colours. It lives in a shadow tree, where its style sheets are objects: the page's policy allows no
 * styles in the document. Its code is loaded when it is first shown; until then there is a plain text field of the same size.
 */
export function CodeEditor({ label, text, onChange }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const change = useRef(onChange);
  change.current = onChange;
  // Loaded once: later texts come from the editor itself.
  useEffect(() => {
    let end = () => {};
    void import('./mount-editor.ts').then(({ mountEditor }) => {
      if (place.current !== null) end = mountEditor(place.current, label, text, (next) => change.current(next));
    });
    return () => end();
  }, []);
  return <div class="editor" ref={place} />;
}
