import type { ReactNode } from 'react';
import type { Json } from './json';
import type { Schema } from './model';

export interface EditorProps<Value = Json> {
  /** RFC 6901 pointer to the value in the document. */
  readonly pointer: string;
  readonly schema: Schema;
  readonly input?: string | undefined;
  /** Where the label is; a member of an object brings its own `label` instead. */
  readonly labelledBy?: string;
  readonly label?: string;
  readonly value: Value;
  onChange(value: Json): void;
  readonly errors: Readonly<Record<string, string>>;
}

/** Id, name and errors of an input. */
export function inputProps({ pointer, labelledBy, errors }: Pick<EditorProps, 'pointer' | 'labelledBy' | 'errors'>) {
  const id = `input${pointer}`;
  const error = errors[pointer];
  return {
    id,
    'aria-labelledby': labelledBy,
    'aria-invalid': error !== undefined,
    'aria-describedby': error ? `${id}-error` : undefined,
  };
}

/** The member's own label, the editor's input, and what is wrong with the value. */
export function Labelled(props: Pick<EditorProps, 'pointer' | 'label' | 'errors'> & { children: ReactNode }) {
  const error = props.errors[props.pointer];
  return (
    <div className="field">
      {props.label !== undefined && <label htmlFor={`input${props.pointer}`}>{props.label}</label>}
      {props.children}
      {error && (
        <small id={`input${props.pointer}-error`} className="error" role="alert">
          {error}
        </small>
      )}
    </div>
  );
}

/** RFC 6901 section 3. */
export const escape = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
