import { useEffect, useRef, type SubmitEvent } from 'react';
import { useDrafts } from '../edit/drafts';
import { useLanguage } from '../i18n/language';
import { Avatar } from '../ui/avatar';
import { AvatarEditor } from './avatar-editor';
import { display } from './display';
import { Editor } from './editors';
import type { Json } from './json';
import { maskOf, type Field } from './model';
import { Reveal } from './reveal';

interface FieldRowProps {
  readonly field: Field;
  /** `undefined`: not known yet. */
  readonly value: Json | undefined;
}

/** Label, value, Change and Remove; Change turns the value into its editor, in place. */
export function FieldRow({ field, value }: FieldRowProps) {
  const { language, words } = useLanguage();
  const drafts = useDrafts();
  const change = useRef<HTMLButtonElement>(null);
  const { name, label } = field;
  const open = drafts.draft.open.has(name);
  const changed = name in drafts.patch;
  const removing = changed && !open && drafts.patch[name] === null;
  const labelId = `label-${name}`;

  const wasOpen = useRef(open);
  useEffect(() => {
    if (wasOpen.current && !open && document.activeElement === document.body) change.current?.focus();
    wasOpen.current = open;
  }, [open]);

  const known = value !== undefined;
  const set = known && value !== null;
  const editable = field.writable && !(field.writeOnce && set);
  const isAvatar = field.input === 'image' || name === 'avatar';

  if (open) {
    return (
      <li className="row row-open" data-field={name}>
        <span className="row-label" id={labelId}>
          {label}
        </span>
        <div className="row-value">
          {isAvatar && <AvatarEditor onDone={() => drafts.cancel(name)} />}
          <Editor
            field={field}
            value={drafts.valueOf(name)}
            onChange={(next) => drafts.set(name, next)}
            errors={drafts.errors}
          />
          <Hints field={field} />
        </div>
        <div className="row-actions">
          <button
            type="button"
            className="link"
            aria-label={words.ofField(words.cancel, label)}
            onClick={() => drafts.cancel(name)}
          >
            {words.cancel}
          </button>
        </div>
      </li>
    );
  }

  const shown = changed && !removing ? drafts.valueOf(name) : value;
  const text = known ? display(field, shown, language, words) : undefined;
  return (
    <li className={changed ? 'row row-changed' : 'row'} data-field={name}>
      <span className="row-label" id={labelId}>
        {label}
      </span>
      <div className="row-value">
        {removing ? (
          <em className="quiet">{words.willBeRemoved}</em>
        ) : isAvatar && typeof shown === 'string' ? (
          <Avatar src={shown} size="small" name="" />
        ) : text !== undefined ? (
          <span className="text" title={text.length > 40 ? text : undefined} dir="auto">
            {text}
          </span>
        ) : known ? (
          <span className="quiet">{words.notSet}</span>
        ) : (
          <span className="skeleton" aria-hidden="true" />
        )}
        {maskOf(value) !== undefined && !changed && <Reveal field={field} />}
      </div>
      <div className="row-actions">
        {changed ? (
          <button
            type="button"
            className="link"
            aria-label={words.ofField(words.undo, label)}
            onClick={() => drafts.cancel(name)}
          >
            {words.undo}
          </button>
        ) : !known ? null : editable ? (
          <>
            <button
              ref={change}
              type="button"
              className="link"
              disabled={drafts.saving}
              aria-label={words.ofField(set ? words.change : words.add, label)}
              onClick={() => drafts.open(name)}
            >
              {set ? words.change : words.add}
            </button>
            {set && (
              <button
                type="button"
                className="link link-bad"
                disabled={drafts.saving}
                aria-label={words.ofField(words.remove, label)}
                onClick={() => drafts.remove(name)}
              >
                {words.remove}
              </button>
            )}
          </>
        ) : (
          <span className="badge">{words.readOnly}</span>
        )}
      </div>
    </li>
  );
}

function Hints({ field }: { field: Field }) {
  const { words } = useLanguage();
  const hints = [
    field.description,
    field.writeOnce && words.onlyOnce,
    field.proof === 'identity-and-address' ? words.needsCode : field.proof === 'identity' && words.needsProof,
  ].filter(Boolean);
  return hints.length > 0 ? <small className="hint">{hints.join(' ')}</small> : null;
}

/** The rows of one card. Enter in an editor saves all that has changed. */
export function Rows({ fields, values }: { fields: readonly Field[]; values: Readonly<Record<string, Json | undefined>> }) {
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
