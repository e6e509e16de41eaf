import { useQueryClient } from '@tanstack/react-query';
import { isProblem, type Problem, type ProfilePatch, type ProfileWithEtag } from 'logto-profile-client';
import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { PROFILE_QUERY_KEY, profileQuery, useFields, useProfile } from '../api/queries';
import { isEqual, type Json, type JsonObject } from '../fields/json';
import { findSchema, type Field } from '../fields/model';
import type { Messages } from '../i18n/en';
import { useMessages } from '../i18n/language';
import { useSession } from '../session';
import { isLeavingForSignIn, takeResumedAction } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { useToast } from '../ui/toast';
import {
  startDraft,
  findConflict,
  resetField,
  setValue,
  EMPTY_DRAFT,
  getEditorValue,
  isEmptyDraft,
  toPatch,
  rebase,
  openField,
  type Conflict,
  type Draft,
} from './draft';

export interface DraftState {
  readonly draft: Draft;
  readonly patch: JsonObject;
  readonly saving: boolean;
  /** Error messages by JSON pointer. */
  readonly errors: Readonly<Record<string, string>>;
  /** The error of the last save, if it does not belong to a field. */
  readonly problem: unknown;
  readonly conflict: Conflict | undefined;
  valueOf(name: string): Json;
  open(name: string): void;
  set(name: string, value: Json): void;
  cancel(name: string): void;
  /** Changes a value without opening its editor; `null` removes it. */
  assign(name: string, value: Json): void;
  discard(): void;
  save(): void;
  /** Resolves the conflict. `keptNames`: the fields that keep the user's value; `undefined` cancels. */
  resolve(keptNames: ReadonlySet<string> | undefined): void;
}

const DraftContext = createContext<DraftState | null>(null);

/** Keeps the unsaved changes of all sections, and saves them as one patch. */
export function DraftProvider({ children }: { children: ReactNode }) {
  const { api } = useSession();
  const messages = useMessages();
  const showToast = useToast();
  const queries = useQueryClient();
  const profile = useProfile();
  const fields = useFields();
  const { runResumable, proofStore } = useStepUp();

  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const [conflict, setConflict] = useState<Conflict>();

  const patch = useMemo(() => toPatch(draft, fields), [draft, fields]);
  const hasChanges = Object.keys(patch).length > 0;

  useEffect(() => {
    if (!hasChanges) return;
    const warn = (event: BeforeUnloadEvent) => {
      if (!isLeavingForSignIn()) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [hasChanges]);

  const handleSaveError = useCallback(
    async (error: unknown, attempted: Draft, change: JsonObject) => {
      if (isProblem(error, 'precondition_failed')) {
        const current = await api.readProfile();
        queries.setQueryData(PROFILE_QUERY_KEY, current);
        setConflict(findConflict(attempted, change, current.profile as JsonObject, current.etag));
        return;
      }
      const fieldErrors = isProblem(error) ? toFieldErrors(error, change, fields, messages) : {};
      setErrors(fieldErrors);
      const names = new Set(Object.keys(fieldErrors).map((pointer) => pointer.split('/')[1]!));
      setDraft((now) => [...names].reduce((next, name) => (name in change ? openField(next, name) : next), now));
      setProblem(names.size > 0 ? undefined : error);
    },
    [api, fields, queries, messages],
  );

  const send = useCallback(
    async (attempted: Draft) => {
      const change = toPatch(attempted, fields);
      setSaving(true);
      setErrors({});
      setProblem(undefined);
      try {
        const stored = toStoredDraft(attempted, change, fields);
        const saved = await runResumable({ type: 'save', draft: stored }, () =>
          api.updateProfile(change as ProfilePatch, { etag: attempted.etag ?? null }),
        );
        proofStore.clear();
        queries.setQueryData(PROFILE_QUERY_KEY, saved);
        void queries.invalidateQueries({ queryKey: ['capabilities'] });
        void queries.invalidateQueries({ queryKey: ['activity'] });
        setDraft(EMPTY_DRAFT);
        showToast(messages.saved);
      } catch (error) {
        await handleSaveError(error, attempted, change).catch(setProblem);
      } finally {
        setSaving(false);
      }
    },
    [api, fields, queries, handleSaveError, runResumable, showToast, proofStore, messages],
  );

  // After a fresh sign-in, save the restored draft, unless the user must enter sensitive values again.
  const isResumed = useRef(false);
  useEffect(() => {
    if (isResumed.current || !profile.data || fields.length === 0) return;
    isResumed.current = true;
    const action = takeResumedAction('save');
    if (!action) return;
    const { etag, base, values, secret } = action.draft;
    const restored: Draft = {
      etag,
      base: { ...(profile.data.profile as JsonObject), ...base },
      values,
      open: new Set([...Object.keys(values).filter((name) => values[name] !== null), ...secret]),
    };
    setDraft(restored);
    if (secret.length > 0) showToast(messages.stepUp.secretAgain);
    else void send(restored);
  }, [profile.data, fields, send, showToast, messages]);

  /** Calls `then` once the document has loaded, because users can click on rows before. */
  const whenLoaded = (then: (loaded: ProfileWithEtag) => void) =>
    queries.ensureQueryData(profileQuery(api)).then(then, () => undefined);

  const state: DraftState = {
    draft, patch, saving, errors, problem, conflict,
    valueOf(name) {
      const field = fields.find((candidate) => candidate.name === name);
      return field ? getEditorValue(draft, field) : null;
    },
    open(name) {
      void whenLoaded(({ profile, etag }) => setDraft((current) => openField(startDraft(current, profile, etag), name)));
    },
    set: (name, value) => setDraft((current) => setValue(current, name, value)),
    cancel(name) {
      setDraft((current) => resetField(current, name));
      setErrors((now) => Object.fromEntries(Object.entries(now).filter(([pointer]) => pointer.split('/')[1] !== name)));
    },
    assign(name, value) {
      void whenLoaded(({ profile, etag }) =>
        setDraft((now) => {
          const started = resetField(startDraft(now, profile, etag), name);
          return isEqual(started.base[name] ?? null, value) ? started : setValue(started, name, value);
        }),
      );
    },
    discard() {
      setDraft(EMPTY_DRAFT);
      setErrors({});
      setProblem(undefined);
    },
    save: () => void send(draft),
    resolve(keptNames) {
      setConflict(undefined);
      if (!keptNames || !conflict) return;
      const rebased = rebase(draft, patch, conflict, keptNames);
      setDraft(isEmptyDraft(rebased) ? EMPTY_DRAFT : rebased);
      if (Object.keys(toPatch(rebased, fields)).length > 0) void send(rebased);
    },
  }; // prettier-ignore
  return <DraftContext value={state}>{children}</DraftContext>;
}

export function useDraft(): DraftState {
  const state = use(DraftContext);
  if (!state) throw new Error('useDraft needs a DraftProvider.');
  return state;
}

/** Returns error messages by pointer. `identifier_taken` without a pointer refers to the only identifier in the patch. */
function toFieldErrors(
  { code, errors }: Problem,
  change: JsonObject,
  fields: readonly Field[],
  { problems }: Messages,
): Record<string, string> {
  if (errors.length > 0) {
    const inBody = errors.filter(({ pointer }) => pointer.startsWith('/'));
    return Object.fromEntries(
      inBody.map(({ pointer, detail }) => {
        const { pattern, examples } = findSchema(fields, pointer) ?? {};
        // An example helps users more than a regular expression.
        const showsPattern = pattern !== undefined && detail.includes(pattern) && examples?.[0] !== undefined;
        return [pointer, showsPattern ? problems.likeThis(String(examples[0])) : detail];
      }),
    );
  }
  const identifiers = ['username', 'primaryEmail', 'primaryPhone'].filter((name) => typeof change[name] === 'string');
  return code === 'identifier_taken' && identifiers.length === 1 ? { [`/${identifiers[0]}`]: problems.taken } : {};
}

/** Returns the draft without sensitive values. The browser may store it during a fresh sign-in. */
function toStoredDraft(draft: Draft, change: JsonObject, fields: readonly { name: string; sensitive: boolean }[]) {
  const secretFields = fields.filter(
    ({ name, sensitive }) => sensitive && change[name] !== undefined && change[name] !== null,
  );
  const names = Object.keys(change).filter((name) => !secretFields.some((field) => field.name === name));
  const pick = (from: Readonly<Record<string, Json>>) =>
    Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
  return {
    etag: draft.etag,
    base: pick(draft.base),
    values: pick(draft.values),
    secret: secretFields.map(({ name }) => name),
  };
}
