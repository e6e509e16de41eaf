import type { ReactNode } from 'react';
import type { Json } from './json';
import type { Schema } from './model';

export interface EditorProps<Value = Json> {
  /** RFC 6901 pointer to the value in the profile document. */
  readonly pointer: string;
  readonly schema: Schema;
  readonly input?: string | undefined;
  /** The ID of the label element. A member of an object has a `label` instead. */
  readonly labelledBy?: string;
  readonly label?: string;
  readonly value: Value;
  onChange(value: Json): void;
  readonly errors: Readonly<Record<string, string>>;
}

/** Returns the ID and the accessibility attributes of an input. */
export function getInputProps({ pointer, labelledBy, errors }: Pick<EditorProps, 'pointer' | 'labelledBy' | 'errors'>) {
  const id = `input${pointer}`;
  const error = errors[pointer];
  return {
    id,
    'aria-labelledby': labelledBy,
    'aria-invalid': error !== undefined,
    'aria-describedby': error ? `${id}-error` : undefined,
  };
}

/** An input with its label and error message. */
export function LabelledInput(props: Pick<EditorProps, 'pointer' | 'label' | 'errors'> & { children: ReactNode }) {
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

/** Escapes a key for a JSON pointer (RFC 6901, section 3). */
export const escapePointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
