import { useEffect, useRef, type SubmitEvent } from 'react';
import { useDrafts } from '../edit/drafts';
import { useLanguage } from '../i18n/language';
import { Avatar } from '../ui/avatar';
import { AvatarEditor } from './avatar-editor';
import { display } from './display';
import { Editor } from './editors';
import type { Json } from './json';
import { kindOf, maskOf, type Field } from './model';
import { Reveal } from './reveal';

interface FieldRowProps {
  readonly field: Field;
  /** As stored; `undefined`: not known yet. */
  readonly value: Json | undefined;
}

const isPicture = ({ name, input }: Field) => input === 'image' || name === 'avatar';
const isSwitch = ({ schema, input }: Field) => kindOf(schema, input) === 'boolean';
const isEditable = ({ writable, writeOnce }: Field, value: Json) => writable && !(writeOnce && value !== null);

/** Label, value, Change and Remove; Change turns the value into its editor, in place. */
function FieldRow({ field, value }: FieldRowProps) {
  const { draft, patch } = useDrafts();
  const { name, label } = field;
  const open = draft.open.has(name);
  const row = useRef<HTMLLIElement>(null);

  // The button that was pressed is gone: the focus goes to what took its place.
  const wasOpen = useRef(open);
  useEffect(() => {
    if (wasOpen.current && !open && document.activeElement === document.body)
      row.current?.querySelector('button')?.focus();
    wasOpen.current = open;
  }, [open]);

  return (
    <li ref={row} className={`row ${open ? 'row-open' : name in patch ? 'row-changed' : ''}`} data-field={name}>
      <span className="row-label" id={`label-${name}`}>
        {label}
      </span>
      <div className="row-value">{open ? <OpenValue field={field} /> : <Value field={field} value={value} />}</div>
      <div className="row-actions">
        <Actions field={field} value={value} />
      </div>
    </li>
  );
}

function OpenValue({ field }: { field: Field }) {
  const { words } = useLanguage();
  const { errors, valueOf, set, cancel } = useDrafts();
  const hints = [
    field.description,
    field.writeOnce && words.onlyOnce,
    field.proof === 'identity-and-address' ? words.needsCode : field.proof === 'identity' && words.needsProof,
  ].filter(Boolean);
  return (
    <>
      {isPicture(field) && <AvatarEditor onDone={() => cancel(field.name)} />}
      <Editor field={field} value={valueOf(field.name)} onChange={(next) => set(field.name, next)} errors={errors} />
      {hints.length > 0 && <small className="hint">{hints.join(' ')}</small>}
    </>
  );
}

function Value({ field, value }: FieldRowProps) {
  const { locale, words } = useLanguage();
  const { patch, saving, valueOf, assign } = useDrafts();
  if (value === undefined) return <i className="skeleton" aria-hidden="true" />;

  const changed = field.name in patch;
  const shown = changed ? (patch[field.name] === null ? null : valueOf(field.name)) : value;
  if (isSwitch(field) && isEditable(field, value)) {
    return (
      <label className="switch">
        <input
          type="checkbox"
          role="switch"
          aria-labelledby={`label-${field.name}`}
          checked={shown === true}
          disabled={saving}
          onChange={(event) => assign(field.name, event.target.checked)}
        />
        <span aria-hidden="true">{shown === true ? words.yes : words.no}</span>
      </label>
    );
  }
  if (isPicture(field) && typeof shown === 'string') return <Avatar src={shown} size="small" name="" />;
  const text = display(field, shown, locale, words);
  return (
    <>
      {text === undefined ? (
        <span className="quiet">{changed ? words.willBeRemoved : words.notSet}</span>
      ) : (
        <span className="text" title={text.length > 40 ? text : undefined} dir="auto">
          {text}
        </span>
      )}
      {maskOf(value) !== undefined && !changed && <Reveal field={field} />}
    </>
  );
}

function Actions({ field, value }: FieldRowProps) {
  const { words } = useLanguage();
  const { draft, patch, saving, open, cancel, assign } = useDrafts();
  const { name, label } = field;
  const button = (action: string, act: () => void, className = 'link') => (
    <button
      key={action}
      type="button"
      className={className}
      disabled={saving}
      aria-label={words.ofField(action, label)}
      onClick={act}
    >
      {action}
    </button>
  );
  if (draft.open.has(name)) return button(words.cancel, () => cancel(name));
  if (name in patch) return button(words.undo, () => cancel(name));
  if (value === undefined) return null;
  if (!isEditable(field, value)) return <span className="badge">{words.readOnly}</span>;
  if (isSwitch(field)) return null;
  if (value === null) return button(words.add, () => open(name));
  return (
    <>
      {button(words.change, () => open(name))}
      {button(words.remove, () => assign(name, null), 'link link-bad')}
    </>
  );
}

/** The rows of one card. Enter in an editor saves all that has changed. */
export function Rows({
  fields,
  values,
}: {
  fields: readonly Field[];
  values: Readonly<Record<string, Json | undefined>>;
}) {
  const { save, patch, saving } = useDrafts();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!saving && Object.keys(patch).length > 0) save();
  };
  return (
    <form noValidate onSubmit={submit}>
      <ul className="rows">
        {fields.map((field) => (
          <FieldRow key={field.name} field={field} value={values[field.name]} />
        ))}
      </ul>
      {/* Without a submit button, Enter does nothing in a form of several inputs. */}
      <button type="submit" hidden />
    </form>
  );
}
