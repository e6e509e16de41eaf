import { useEffect, useRef, type SubmitEvent } from 'react';
import { useDraft } from '../edit/draft-provider';
import { useLanguage } from '../i18n/language';
import { Avatar } from '../ui/avatar';
import { AvatarEditor } from './avatar-editor';
import { formatValue } from './format';
import { Editor } from './editors';
import type { Json } from './json';
import { getKind, getMask, type Field } from './model';
import { Reveal } from './reveal';

interface FieldRowProps {
  readonly field: Field;
  /** The stored value; `undefined` until it has loaded. */
  readonly value: Json | undefined;
}

const isPicture = ({ name, input }: Field) => input === 'image' || name === 'avatar';
const isSwitch = ({ schema, input }: Field) => getKind(schema, input) === 'boolean';
const isEditable = ({ writable, writeOnce }: Field, value: Json) => writable && !(writeOnce && value !== null);

/** A row with a label, a value, and buttons. The button “Change” replaces the value with its editor. */
function FieldRow({ field, value }: FieldRowProps) {
  const { draft, patch } = useDraft();
  const { name, label } = field;
  const open = draft.open.has(name);
  const row = useRef<HTMLLIElement>(null);

  // The button that the user pressed has been removed, so focus the button that replaced it.
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
      <div className="row-value">
        {open ? <EditableValue field={field} /> : <DisplayedValue field={field} value={value} />}
      </div>
      <div className="row-actions">
        <Actions field={field} value={value} />
      </div>
    </li>
  );
}

function EditableValue({ field }: { field: Field }) {
  const { messages } = useLanguage();
  const { errors, valueOf, set, cancel } = useDraft();
  const hints = [
    field.description,
    field.writeOnce && messages.onlyOnce,
    field.proof === 'identity-and-address' ? messages.needsCode : field.proof === 'identity' && messages.needsProof,
  ].filter(Boolean);
  return (
    <>
      {isPicture(field) && <AvatarEditor onDone={() => cancel(field.name)} />}
      <Editor field={field} value={valueOf(field.name)} onChange={(next) => set(field.name, next)} errors={errors} />
      {hints.length > 0 && <small className="hint">{hints.join(' ')}</small>}
    </>
  );
}

function DisplayedValue({ field, value }: FieldRowProps) {
  const { locale, messages } = useLanguage();
  const { patch, saving, valueOf, assign } = useDraft();
  if (value === undefined) return <i className="skeleton" aria-hidden="true" />;

  const isChanged = field.name in patch;
  const displayedValue = isChanged ? (patch[field.name] === null ? null : valueOf(field.name)) : value;
  if (isSwitch(field) && isEditable(field, value)) {
    return (
      <label className="switch">
        <input
          type="checkbox"
          role="switch"
          aria-labelledby={`label-${field.name}`}
          checked={displayedValue === true}
          disabled={saving}
          onChange={(event) => assign(field.name, event.target.checked)}
        />
        <span aria-hidden="true">{displayedValue === true ? messages.yes : messages.no}</span>
      </label>
    );
  }
  if (isPicture(field) && typeof displayedValue === 'string')
    return <Avatar src={displayedValue} size="small" name="" />;
  const text = formatValue(field, displayedValue, locale, messages);
  return (
    <>
      {text === undefined ? (
        <span className="quiet">{isChanged ? messages.willBeRemoved : messages.notSet}</span>
      ) : (
        <span className="text" title={text.length > 40 ? text : undefined} dir="auto">
          {text}
        </span>
      )}
      {getMask(value) !== undefined && !isChanged && <Reveal field={field} />}
    </>
  );
}

function Actions({ field, value }: FieldRowProps) {
  const { messages } = useLanguage();
  const { draft, patch, saving, open, cancel, assign } = useDraft();
  const { name, label } = field;
  const renderButton = (action: string, act: () => void, className = 'link') => (
    <button
      key={action}
      type="button"
      className={className}
      disabled={saving}
      aria-label={messages.ofField(action, label)}
      onClick={act}
    >
      {action}
    </button>
  );
  if (draft.open.has(name)) return renderButton(messages.cancel, () => cancel(name));
  if (name in patch) return renderButton(messages.undo, () => cancel(name));
  if (value === undefined) return null;
  if (!isEditable(field, value)) return <span className="badge">{messages.readOnly}</span>;
  if (isSwitch(field)) return null;
  if (value === null) return renderButton(messages.add, () => open(name));
  return (
    <>
      {renderButton(messages.change, () => open(name))}
      {renderButton(messages.remove, () => assign(name, null), 'link link-bad')}
    </>
  );
}

/** The field rows of one card. Enter in any editor saves all changes. */
export function FieldRows({
  fields,
  values,
}: {
  fields: readonly Field[];
  values: Readonly<Record<string, Json | undefined>>;
}) {
  const { save, patch, saving } = useDraft();
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
      {/* Enter submits a form with several inputs only if it has a submit button. */}
      <button type="submit" hidden />
    </form>
  );
}
