import { useState } from 'react';
import { useWords } from '../i18n/language';
import { inputProps, Labelled, type EditorProps } from './editor-parts';
import type { Json } from './json';

/** A list of texts, one on each line. */
export function ListEditor(props: EditorProps) {
  const { listHint } = useWords();
  const items = Array.isArray(props.value) ? props.value : [];
  const [text, setText] = useState(items.join('\n'));
  return (
    <Labelled {...props}>
      <textarea
        {...inputProps(props)}
        rows={Math.max(3, items.length + 1)}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          const lines = target.value.split('\n').filter((line) => line.trim() !== '');
          props.onChange(lines.length > 0 ? lines : null);
        }}
      />
      <small className="hint">{listHint}</small>
    </Labelled>
  );
}

/** What no other editor fits: the value as JSON. Only what parses is taken over. */
export function JsonEditor(props: EditorProps) {
  const words = useWords();
  const [text, setText] = useState(() => (props.value === null ? '' : JSON.stringify(props.value, null, 2)));
  const [invalid, setInvalid] = useState(false);
  const errors = invalid ? { ...props.errors, [props.pointer]: words.jsonInvalid } : props.errors;
  return (
    <Labelled {...props} errors={errors}>
      <textarea
        {...inputProps({ ...props, errors })}
        className="code"
        rows={5}
        spellCheck={false}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          try {
            props.onChange(target.value.trim() === '' ? null : (JSON.parse(target.value) as Json));
            setInvalid(false);
          } catch {
            setInvalid(true);
          }
        }}
      />
      <small className="hint">{words.jsonHint}</small>
    </Labelled>
  );
}
