import { useEffect, useState } from 'react';
import { useFields } from '../api/queries';
import { display } from '../fields/display';
import type { Field } from '../fields/model';
import type { Json } from '../fields/json';
import { useLanguage } from '../i18n/language';
import { Dialog } from '../ui/dialog';
import { useDrafts } from './drafts';

/** Somebody else saved first: shows what they changed, and lets the person choose where both changed the same. */
export function ConflictDialog() {
  const { locale, words } = useLanguage();
  const { conflict, draft, valueOf, resolve } = useDrafts();
  const fields = useFields();
  const [mine, setMine] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setMine(new Set(conflict?.both)), [conflict]);
  if (!conflict) return null;

  const named = (names: readonly string[]): Field[] => fields.filter(({ name }) => names.includes(name));
  const show = (field: Field, value: Json | undefined) => display(field, value, locale, words) ?? words.notSet;
  const choose = (name: string, keep: boolean) =>
    setMine((now) => new Set(keep ? [...now, name] : [...now].filter((other) => other !== name)));

  return (
    <Dialog title={words.conflict.heading} onClose={() => resolve(undefined)}>
      <p>{words.conflict.text}</p>
      {named(conflict.both).map((field) => (
        <fieldset className="versus" key={field.name}>
          <legend>{field.label}</legend>
          {[true, false].map((keep) => (
            <label key={String(keep)}>
              <input
                type="radio"
                name={`conflict-${field.name}`}
                checked={mine.has(field.name) === keep}
                onChange={() => choose(field.name, keep)}
              />
              <span>
                <small>{keep ? words.conflict.mine : words.conflict.theirs}</small>
                <span dir="auto">{show(field, keep ? valueOf(field.name) : conflict.current[field.name])}</span>
              </span>
            </label>
          ))}
        </fieldset>
      ))}
      {conflict.theirs.length > 0 && (
        <section className="meanwhile">
          <h3>{words.conflict.others}</h3>
          {conflict.both.length === 0 && <p>{words.conflict.othersOnly}</p>}
          <ul>
            {named(conflict.theirs).map((field) => (
              <li key={field.name}>
                <strong>{field.label}</strong>: {show(field, conflict.current[field.name])}{' '}
                <small>({words.conflict.from(display(field, draft.base[field.name], locale, words))})</small>
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => resolve(undefined)}>
          {words.cancel}
        </button>
        <button type="button" className="button button-primary" onClick={() => resolve(mine)}>
          {words.conflict.apply}
        </button>
      </div>
    </Dialog>
  );
}
