import { useState, type ComponentType } from 'react';
import { useMessages } from '../i18n/language';
import { escapePointer, type EditorProps } from './editor-parts';
import type { Json, JsonObject } from './json';
import { toLabel, type Schema } from './model';

const INITIAL_VALUES = { string: '', number: 0, boolean: false } as const;

/** Infers a schema from the value of a member that has none. */
const inferSchema = (value: Json): Schema => {
  if (value === null) return {};
  if (Array.isArray(value))
    return { type: 'array', ...(value.every((item) => typeof item === 'string') && { items: { type: 'string' } }) };
  return { type: typeof value };
};

/** Edits an object with arbitrary members, such as an app's preferences. Users can add members by name and type. */
export function FreeObjectEditor({
  Member,
  ...props
}: EditorProps<JsonObject> & { Member: ComponentType<EditorProps> }) {
  const { entry } = useMessages();
  const { value, onChange, pointer, errors } = props;
  // A member keeps its initial type, even while its input is empty.
  const [schemas] = useState(() => new Map(Object.entries(value).map(([key, member]) => [key, inferSchema(member)])));
  const getSchema = (key: string) => schemas.get(key) ?? inferSchema(value[key] ?? null);
  return (
    <fieldset className="entries" aria-labelledby={props.labelledBy}>
      {props.label !== undefined && <legend>{props.label}</legend>}
      {Object.entries(value).map(([key, member]) => (
        <div className="entry" key={key}>
          <Member
            pointer={`${pointer}/${escapePointer(key)}`}
            schema={getSchema(key)}
            label={toLabel(key)}
            value={member}
            onChange={(next) => onChange({ ...value, [key]: next ?? (getSchema(key).type === 'string' ? '' : 0) })}
            errors={errors}
          />
          <button
            type="button"
            className="link link-bad"
            aria-label={entry.remove(toLabel(key))}
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
        isTaken={(key) => key in value}
        onAdd={(key, initialValue) => onChange({ ...value, [key]: initialValue })}
      />
    </fieldset>
  );
}

interface NewEntryProps {
  readonly pointer: string;
  isTaken(key: string): boolean;
  onAdd(key: string, initialValue: Json): void;
}

function NewEntry({ pointer, isTaken, onAdd }: NewEntryProps) {
  const { entry, entryTypes } = useMessages();
  const [key, setKey] = useState('');
  const [type, setType] = useState<keyof typeof INITIAL_VALUES>('string');
  const isNameTaken = isTaken(key.trim());
  const add = () => {
    if (key.trim() === '' || isNameTaken) return;
    onAdd(key.trim(), INITIAL_VALUES[type]);
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
          aria-invalid={isNameTaken}
          aria-describedby={isNameTaken ? `${id}-error` : undefined}
          onChange={(event) => setKey(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault(); // Otherwise, Enter would save the whole page.
            add();
          }}
        />
        {isNameTaken && (
          <small className="error" id={`${id}-error`}>
            {entry.taken}
          </small>
        )}
      </div>
      <div className="field">
        <label htmlFor={`${id}-type`}>{entry.type}</label>
        <select
          id={`${id}-type`}
          value={type}
          onChange={(event) => setType(event.target.value as keyof typeof INITIAL_VALUES)}
        >
          {Object.entries(entryTypes).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <button type="button" className="button" disabled={key.trim() === '' || isNameTaken} onClick={add}>
        {entry.add}
      </button>
    </div>
  );
}
