import type { JsonObject } from '../fields/json';

/** What to go on with after a fresh sign-in at Logto, which leaves the page. Never holds a password or a sensitive value. */
export type Resumable =
  | { readonly type: 'save'; readonly draft: StoredDraft }
  | { readonly type: 'reveal'; readonly name: string }
  | Simple<'password' | 'sessions' | 'export' | 'deletion'>
  | OfItem<'session' | 'identity' | 'factor'>;

type Simple<Type> = Type extends string ? { readonly type: Type } : never;
type OfItem<Type> = Type extends string ? { readonly type: Type; readonly id: string } : never;

interface StoredDraft {
  readonly etag: string | undefined;
  /** The edited fields as they were, and as they shall be. */
  readonly base: JsonObject;
  readonly values: JsonObject;
  /** Edited sensitive fields: to be typed again. */
  readonly secret: readonly string[];
}

export interface Pending {
  readonly path: string;
  /** Whose change it is. */
  readonly userId: string;
  readonly action: Resumable | undefined;
}

const KEY = 'profile-page:pending';

let leaving = false;

/** Whether the page is being left for a sign-in, with what is unsaved kept for the return. */
export const isLeaving = (): boolean => leaving;

/** In this tab only, and gone once it is taken. */
export function leaveWith(pending: Pending): void {
  sessionStorage.setItem(KEY, JSON.stringify(pending));
  leaving = true;
}

export function takePending(): Pending | undefined {
  leaving = false;
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return text ? (JSON.parse(text) as Pending) : undefined;
}

let returned: Resumable | undefined;

/** After the return: the view that knows the action takes it up. */
export const offer = (action: Resumable | undefined): void => {
  returned = action;
};

export function resume<Type extends Resumable['type']>(
  ...types: Type[]
): Extract<Resumable, { type: Type }> | undefined {
  if (!returned || !types.includes(returned.type as Type)) return undefined;
  const action = returned as Extract<Resumable, { type: Type }>;
  returned = undefined;
  return action;
}
