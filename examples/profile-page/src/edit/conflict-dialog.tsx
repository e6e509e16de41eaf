import { useEffect, useState } from 'react';
import { useFields } from '../api/queries';
import { formatValue } from '../fields/format';
import type { Field } from '../fields/model';
import type { Json } from '../fields/json';
import { useLanguage } from '../i18n/language';
import { Dialog } from '../ui/dialog';
import { useDraft } from './draft-provider';

/** Shows the changes on the server. For each field that both sides changed, the user chooses a value. */
export function ConflictDialog() {
  const { locale, messages } = useLanguage();
  const { conflict, draft, valueOf, resolve } = useDraft();
  const fields = useFields();
  const [keptNames, setKeptNames] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setKeptNames(new Set(conflict?.both)), [conflict]);
  if (!conflict) return null;

  const findFields = (names: readonly string[]): Field[] => fields.filter(({ name }) => names.includes(name));
  const format = (field: Field, value: Json | undefined) =>
    formatValue(field, value, locale, messages) ?? messages.notSet;
  const choose = (name: string, keep: boolean) =>
    setKeptNames((names) => new Set(keep ? [...names, name] : [...names].filter((other) => other !== name)));

  return (
    <Dialog title={messages.conflict.heading} onClose={() => resolve(undefined)}>
      <p>{messages.conflict.text}</p>
      {findFields(conflict.both).map((field) => (
        <fieldset className="conflict-field" key={field.name}>
          <legend>{field.label}</legend>
          {[true, false].map((keep) => (
            <label key={String(keep)}>
              <input
                type="radio"
                name={`conflict-${field.name}`}
                checked={keptNames.has(field.name) === keep}
                onChange={() => choose(field.name, keep)}
              />
              <span>
                <small>{keep ? messages.conflict.mine : messages.conflict.theirs}</small>
                <span dir="auto">{format(field, keep ? valueOf(field.name) : conflict.current[field.name])}</span>
              </span>
            </label>
          ))}
        </fieldset>
      ))}
      {conflict.theirs.length > 0 && (
        <section className="other-changes">
          <h3>{messages.conflict.others}</h3>
          {conflict.both.length === 0 && <p>{messages.conflict.othersOnly}</p>}
          <ul>
            {findFields(conflict.theirs).map((field) => (
              <li key={field.name}>
                <strong>{field.label}</strong>: {format(field, conflict.current[field.name])}{' '}
                <small>({messages.conflict.from(formatValue(field, draft.base[field.name], locale, messages))})</small>
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => resolve(undefined)}>
          {messages.cancel}
        </button>
        <button type="button" className="button button-primary" onClick={() => resolve(keptNames)}>
          {messages.conflict.apply}
        </button>
      </div>
    </Dialog>
  );
}
