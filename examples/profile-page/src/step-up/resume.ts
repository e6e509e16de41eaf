import type { JsonObject } from '../fields/json';

/** What to continue after a fresh sign-in at Logto. Never contains a password or a sensitive value. */
export type ResumableAction =
  | { readonly type: 'save'; readonly draft: StoredDraft }
  | { readonly type: 'reveal'; readonly name: string }
  | SimpleAction<'password' | 'sessions' | 'export' | 'deletion'>
  | ItemAction<'session' | 'identity' | 'factor'>;

type SimpleAction<Type> = Type extends string ? { readonly type: Type } : never;
type ItemAction<Type> = Type extends string ? { readonly type: Type; readonly id: string } : never;

interface StoredDraft {
  readonly etag: string | undefined;
  /** The previous values of the edited fields. */
  readonly base: JsonObject;
  /** Their new values. */
  readonly values: JsonObject;
  /** Edited sensitive fields, which the user has to enter again. */
  readonly secret: readonly string[];
}

export interface PendingSignIn {
  readonly path: string;
  /** The user who started the action. */
  readonly userId: string;
  readonly action: ResumableAction | undefined;
}

const KEY = 'profile-page:pending';

let leaving = false;

/** Whether the page is closing for a fresh sign-in; unsaved changes are stored, so no warning is needed. */
export const isLeavingForSignIn = (): boolean => leaving;

/** Stores the pending sign-in in this tab, until `takePendingSignIn` removes it. */
export function leaveForSignIn(pending: PendingSignIn): void {
  sessionStorage.setItem(KEY, JSON.stringify(pending));
  leaving = true;
}

export function takePendingSignIn(): PendingSignIn | undefined {
  leaving = false;
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return text ? (JSON.parse(text) as PendingSignIn) : undefined;
}

let resumed: ResumableAction | undefined;

/** Keeps the action after the return, until its view calls `takeResumed`. */
export const resumeLater = (action: ResumableAction | undefined): void => {
  resumed = action;
};

export function takeResumed<Type extends ResumableAction['type']>(
  ...types: Type[]
): Extract<ResumableAction, { type: Type }> | undefined {
  if (!resumed || !types.includes(resumed.type as Type)) return undefined;
  const action = resumed as Extract<ResumableAction, { type: Type }>;
  resumed = undefined;
  return action;
}
