import { useState, type ComponentType } from 'react';
import { useWords } from '../i18n/language';
import { escape, type EditorProps } from './editor-parts';
import type { Json, JsonObject } from './json';
import { humanise, type Schema } from './model';

const TYPES = { string: '', number: 0, boolean: false } as const;

/** The schema that a value of an object without one seems to have. */
const schemaOf = (value: Json): Schema => {
  if (value === null) return {};
  if (Array.isArray(value))
    return { type: 'array', ...(value.every((item) => typeof item === 'string') && { items: { type: 'string' } }) };
  return { type: typeof value };
};

/** An object of any members, such as an app's preferences: each edited as what it is, others added by name and kind. */
export function FreeObjectEditor({
  Member,
  ...props
}: EditorProps<JsonObject> & { Member: ComponentType<EditorProps> }) {
  const { entry } = useWords();
  const { value, onChange, pointer, errors } = props;
  // The kind stays what it was while the person clears a number or a text.
  const [schemas] = useState(() => new Map(Object.entries(value).map(([key, member]) => [key, schemaOf(member)])));
  const schema = (key: string) => schemas.get(key) ?? schemaOf(value[key] ?? null);
  return (
    <fieldset className="entries" aria-labelledby={props.labelledBy}>
      {props.label !== undefined && <legend>{props.label}</legend>}
      {Object.entries(value).map(([key, member]) => (
        <div className="entry" key={key}>
          <Member
            pointer={`${pointer}/${escape(key)}`}
            schema={schema(key)}
            label={humanise(key)}
            value={member}
            onChange={(next) => onChange({ ...value, [key]: next ?? (schema(key).type === 'string' ? '' : 0) })}
            errors={errors}
          />
          <button
            type="button"
            className="link link-bad"
            aria-label={entry.remove(humanise(key))}
            onClick={() => {
              const { [key]: _removed, ...rest } = value;
              onChange(rest);
            }}
          >
            ×
          </button>
        </div>
      ))}
      {errors[pointer] && (
        <small className="error" role="alert">
          {errors[pointer]}
        </small>
      )}
      <NewEntry
        pointer={pointer}
        taken={(key) => key in value}
        onAdd={(key, first) => onChange({ ...value, [key]: first })}
      />
    </fieldset>
  );
}

interface NewEntryProps {
  readonly pointer: string;
  taken(key: string): boolean;
  onAdd(key: string, first: Json): void;
}

function NewEntry({ pointer, taken, onAdd }: NewEntryProps) {
  const { entry, entryTypes } = useWords();
  const [key, setKey] = useState('');
  const [type, setType] = useState<keyof typeof TYPES>('string');
  const clash = taken(key.trim());
  const add = () => {
    if (key.trim() === '' || clash) return;
    onAdd(key.trim(), TYPES[type]);
    setKey('');
  };
  const id = `new${pointer}`;
  return (
    <div className="new-entry">
      <div className="field">
        <label htmlFor={id}>{entry.name}</label>
        <input
          id={id}
          value={key}
          aria-invalid={clash}
          aria-describedby={clash ? `${id}-error` : undefined}
          onChange={(event) => setKey(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault(); // Enter would save the whole page.
            add();
          }}
        />
        {clash && (
          <small className="error" id={`${id}-error`}>
            {entry.taken}
          </small>
        )}
      </div>
      <div className="field">
        <label htmlFor={`${id}-type`}>{entry.type}</label>
        <select id={`${id}-type`} value={type} onChange={(event) => setType(event.target.value as keyof typeof TYPES)}>
          {Object.entries(entryTypes).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <button type="button" className="button" disabled={key.trim() === '' || clash} onClick={add}>
        {entry.add}
      </button>
    </div>
  );
}
