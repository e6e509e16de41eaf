import { useState } from 'react';
import { useMessages } from '../i18n/language';
import { getInputProps, LabelledInput, type EditorProps } from './editor-parts';
import type { Json } from './json';

/** Edits a list of strings, one per line. */
export function ListEditor(props: EditorProps) {
  const { listHint } = useMessages();
  const items = Array.isArray(props.value) ? props.value : [];
  const [text, setText] = useState(items.join('\n'));
  return (
    <LabelledInput {...props}>
      <textarea
        {...getInputProps(props)}
        rows={Math.max(3, items.length + 1)}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          const lines = target.value.split('\n').filter((line) => line.trim() !== '');
          props.onChange(lines.length > 0 ? lines : null);
        }}
      />
      <small className="hint">{listHint}</small>
    </LabelledInput>
  );
}

/** Edits any other value as JSON. Accepts only valid JSON. */
export function JsonEditor(props: EditorProps) {
  const messages = useMessages();
  const [text, setText] = useState(() => (props.value === null ? '' : JSON.stringify(props.value, null, 2)));
  const [invalid, setInvalid] = useState(false);
  const errors = invalid ? { ...props.errors, [props.pointer]: messages.jsonInvalid } : props.errors;
  return (
    <LabelledInput {...props} errors={errors}>
      <textarea
        {...getInputProps({ ...props, errors })}
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
      <small className="hint">{messages.jsonHint}</small>
    </LabelledInput>
  );
}
