import { useEffect, useRef } from 'react';
import { useMessages } from '../i18n/language';
import { escapePointer, getInputProps, LabelledInput, type EditorProps } from './editor-parts';
import { FreeObjectEditor } from './free-object-editor';
import { isObject, type Json, type JsonObject } from './json';
import { JsonEditor, ListEditor } from './list-editors';
import { toLabel, getKind, getOptions, withoutNull, type Field } from './model';

/** Edits a field's value with an input that matches its schema. Receives the focus when it opens. */
export function Editor({ field, ...props }: Pick<EditorProps, 'value' | 'onChange' | 'errors'> & { field: Field }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    ref.current?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  }, []);
  return (
    <div ref={ref}>
      <ValueEditor
        {...props}
        pointer={`/${escapePointer(field.name)}`}
        schema={field.schema}
        input={field.input}
        labelledBy={`label-${field.name}`}
      />
    </div>
  );
}

function ValueEditor(props: EditorProps) {
  switch (getKind(props.schema, props.input)) {
    case 'object':
      return <ObjectEditor {...props} value={isObject(props.value) ? props.value : {}} />;
    case 'free':
      return <FreeObjectEditor {...props} Member={ValueEditor} value={isObject(props.value) ? props.value : {}} />;
    case 'boolean':
      return <BooleanEditor {...props} />;
    case 'choice':
      return <ChoiceEditor {...props} />;
    case 'choices':
      return <ChoicesEditor {...props} />;
    case 'list':
      return <ListEditor {...props} />;
    case 'json':
      return <JsonEditor {...props} />;
    default:
      return <TextEditor {...props} />;
  }
}

const INPUT_ATTRIBUTES: Record<string, { type: string; autoComplete?: string }> = {
  email: { type: 'email', autoComplete: 'email' },
  tel: { type: 'tel', autoComplete: 'tel' },
  url: { type: 'url' },
  uri: { type: 'url' },
  image: { type: 'url' },
};
const AUTOCOMPLETE: Record<string, string> = {
  username: 'username', name: 'name', givenName: 'given-name', familyName: 'family-name', middleName: 'additional-name',
  nickname: 'nickname', birthdate: 'bday', streetAddress: 'street-address', locality: 'address-level2',
  region: 'address-level1', postalCode: 'postal-code', country: 'country-name', recipient: 'name', phone: 'tel',
}; // prettier-ignore
/** Members that may contain several lines (OpenID Connect Core 1.0, section 5.1.1). */
const MULTILINE_MEMBERS = new Set(['formatted', 'streetAddress']);

function TextEditor(props: EditorProps) {
  const { schema, input, value, onChange, pointer } = props;
  const kind = getKind(schema, input);
  const text = value === null ? '' : String(value);
  const name = pointer.slice(pointer.lastIndexOf('/') + 1);
  const inputProps = { ...getInputProps(props), value: text, autoComplete: AUTOCOMPLETE[name] ?? 'off' };
  if (kind === 'long' || MULTILINE_MEMBERS.has(name)) {
    return (
      <LabelledInput {...props}>
        <textarea {...inputProps} rows={kind === 'long' ? 4 : 2} onChange={(event) => onChange(event.target.value)} />
      </LabelledInput>
    );
  }
  // The browser's date input does not support a birthdate that is only a year or has no year.
  const isDate = kind === 'date' && (text === '' || /^(?!0000)\d{4}-\d\d-\d\d$/.test(text));
  const suggestions = getSuggestions(input);
  const listId = `list${pointer}`;
  return (
    <LabelledInput {...props}>
      <input
        {...inputProps}
        {...INPUT_ATTRIBUTES[input ?? schema.format ?? '']}
        {...(isDate && { type: 'date', max: '9999-12-31' })}
        {...(kind === 'number' && {
          type: 'number',
          step: schema.type === 'integer' ? 1 : 'any',
          min: schema.minimum,
          max: schema.maximum,
        })}
        {...(suggestions && { list: listId })}
        // The service reports errors, and the browser's validation messages would repeat them.
        formNoValidate
        onChange={({ target }) =>
          onChange(kind === 'number' ? (target.value === '' ? null : target.valueAsNumber) : target.value)
        }
      />
      {suggestions && (
        <datalist id={listId}>
          {suggestions.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </LabelledInput>
  );
}

function getSuggestions(input: string | undefined): readonly string[] | undefined {
  if (input === 'time-zone') return Intl.supportedValuesOf('timeZone');
  if (input === 'language') return ['de', 'en', 'es', 'fr', 'it', 'ja', 'pl', 'pt', 'zh', ...navigator.languages];
  return undefined;
}

function BooleanEditor(props: EditorProps) {
  const { yes, no } = useMessages();
  const { value, onChange } = props;
  return (
    <LabelledInput {...props} {...(props.label !== undefined && { label: undefined })}>
      <label className="switch">
        <input
          {...getInputProps(props)}
          type="checkbox"
          role="switch"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span aria-hidden={props.labelledBy !== undefined}>{props.label ?? (value === true ? yes : no)}</span>
      </label>
    </LabelledInput>
  );
}

function ChoiceEditor(props: EditorProps) {
  const { choose } = useMessages();
  const options = getOptions(props.schema);
  const index = options.findIndex(({ value }) => value === props.value);
  return (
    <LabelledInput {...props}>
      <select
        {...getInputProps(props)}
        value={index}
        onChange={(event) => props.onChange(options[Number(event.target.value)]?.value ?? null)}
      >
        <option value={-1}>{choose}</option>
        {options.map(({ label }, i) => (
          <option key={label} value={i}>
            {label}
          </option>
        ))}
      </select>
    </LabelledInput>
  );
}

function ChoicesEditor(props: EditorProps) {
  const chosen = Array.isArray(props.value) ? props.value : [];
  const toggle = (value: Json, isChosen: boolean) =>
    props.onChange(isChosen ? [...chosen, value] : chosen.filter((other) => other !== value));
  return (
    <LabelledInput {...props}>
      <fieldset className="checks" aria-labelledby={props.labelledBy} id={`input${props.pointer}`}>
        {getOptions(withoutNull(props.schema.items ?? {})).map(({ value, label }) => (
          <label key={label}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={(event) => toggle(value, event.target.checked)}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
    </LabelledInput>
  );
}

function ObjectEditor(props: EditorProps<JsonObject>) {
  const { fields } = useMessages();
  const { value, onChange, schema, pointer, errors } = props;
  // `formatted` is last, because it repeats the other members.
  const members = Object.entries(schema.properties ?? {}).sort(
    ([a], [b]) => Number(a === 'formatted') - Number(b === 'formatted'),
  );
  return (
    <fieldset className="members" aria-labelledby={props.labelledBy}>
      {props.label !== undefined && <legend>{props.label}</legend>}
      {members.map(([name, member]) => (
        <ValueEditor
          key={name}
          pointer={`${pointer}/${escapePointer(name)}`}
          schema={withoutNull(member)}
          input={member['x-input'] as string | undefined}
          label={member.title ?? fields[name] ?? toLabel(name)}
          value={value[name] ?? null}
          onChange={(next) => onChange({ ...value, [name]: next })}
          errors={errors}
        />
      ))}
      {errors[pointer] && (
        <small className="error" role="alert">
          {errors[pointer]}
        </small>
      )}
    </fieldset>
  );
}
