import type { JsonObject } from '../fields/json';

/** An action to continue after a fresh sign-in at Logto. It never contains a password or a sensitive value. */
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
  /** Edited sensitive fields, whose values the user must enter again. */
  readonly secret: readonly string[];
}

export interface PendingSignIn {
  readonly path: string;
  /** The user who started the action. */
  readonly userId: string;
  readonly action: ResumableAction | undefined;
}

const STORAGE_KEY = 'profile-page:pending';

let isLeaving = false;

/** Whether the page is closing for a fresh sign-in. Unsaved changes are then stored, so no warning is needed. */
export const isLeavingForSignIn = (): boolean => isLeaving;

/** Stores the pending sign-in in this tab, until `takePendingSignIn` removes it. */
export function leaveForSignIn(pending: PendingSignIn): void {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(pending));
  isLeaving = true;
}

/** Returns and removes the pending sign-in. */
export function takePendingSignIn(): PendingSignIn | undefined {
  isLeaving = false;
  const text = sessionStorage.getItem(STORAGE_KEY);
  sessionStorage.removeItem(STORAGE_KEY);
  return text ? (JSON.parse(text) as PendingSignIn) : undefined;
}

let resumedAction: ResumableAction | undefined;

/** Stores an action after a fresh sign-in until its component calls `takeResumedAction`. */
export const setResumedAction = (action: ResumableAction | undefined): void => {
  resumedAction = action;
};

/** Returns and removes the stored action if it has one of these types. */
export function takeResumedAction<Type extends ResumableAction['type']>(
  ...types: Type[]
): Extract<ResumableAction, { type: Type }> | undefined {
  if (!resumedAction || !types.includes(resumedAction.type as Type)) return undefined;
  const action = resumedAction as Extract<ResumableAction, { type: Type }>;
  resumedAction = undefined;
  return action;
}
