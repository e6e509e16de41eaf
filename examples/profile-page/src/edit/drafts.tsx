import { useQueryClient } from '@tanstack/react-query';
import { isProblem, type Problem, type ProfilePatch, type ProfileWithEtag } from 'logto-profile-client';
import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { PROFILE, profileQuery, useFields, useProfile } from '../api/queries';
import { equal, type Json, type JsonObject } from '../fields/json';
import { schemaAt, type Field } from '../fields/model';
import type { Words } from '../i18n/en';
import { useWords } from '../i18n/language';
import { useSession } from '../session';
import { isLeaving, resume } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { useToast } from '../ui/toast';
import {
  begin,
  conflictOf,
  drop,
  edit,
  EMPTY,
  initial,
  isIdle,
  patchOf,
  rebase,
  show,
  type Conflict,
  type Draft,
} from './draft';

export interface Drafts {
  readonly draft: Draft;
  readonly patch: JsonObject;
  readonly saving: boolean;
  /** What is wrong, by JSON pointer. */
  readonly errors: Readonly<Record<string, string>>;
  /** The last save's refusal, where it concerns no single field. */
  readonly problem: unknown;
  readonly conflict: Conflict | undefined;
  valueOf(name: string): Json;
  open(name: string): void;
  set(name: string, value: Json): void;
  cancel(name: string): void;
  /** Changes a value without opening its editor; null removes it. */
  assign(name: string, value: Json): void;
  discard(): void;
  save(): void;
  resolve(mine: ReadonlySet<string> | undefined): void;
}

const DraftsContext = createContext<Drafts | null>(null);

/** Unsaved changes of all sections together: they survive going from one to another, and are saved as one patch. */
export function DraftsProvider({ children }: { children: ReactNode }) {
  const { api } = useSession();
  const words = useWords();
  const say = useToast();
  const queries = useQueryClient();
  const profile = useProfile();
  const fields = useFields();
  const { resumable, wallet } = useStepUp();

  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const [conflict, setConflict] = useState<Conflict>();

  const patch = useMemo(() => patchOf(draft, fields), [draft, fields]);
  const dirty = Object.keys(patch).length > 0;

  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => {
      if (!isLeaving()) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [dirty]);

  const refused = useCallback(
    async (error: unknown, tried: Draft, change: JsonObject) => {
      if (isProblem(error, 'precondition_failed')) {
        const current = await api.readProfile();
        queries.setQueryData(PROFILE, current);
        setConflict(conflictOf(tried, change, current.profile as JsonObject, current.etag));
        return;
      }
      const told = isProblem(error) ? errorsByPointer(error, change, fields, words) : {};
      setErrors(told);
      const names = new Set(Object.keys(told).map((pointer) => pointer.split('/')[1]!));
      setDraft((now) => [...names].reduce((next, name) => (name in change ? show(next, name) : next), now));
      setProblem(names.size > 0 ? undefined : error);
    },
    [api, fields, queries, words],
  );

  const send = useCallback(
    async (tried: Draft) => {
      const change = patchOf(tried, fields);
      setSaving(true);
      setErrors({});
      setProblem(undefined);
      try {
        const stored = storable(tried, change, fields);
        const saved = await resumable({ type: 'save', draft: stored }, () =>
          api.updateProfile(change as ProfilePatch, { etag: tried.etag ?? null }),
        );
        wallet.clear();
        queries.setQueryData(PROFILE, saved);
        void queries.invalidateQueries({ queryKey: ['capabilities'] });
        void queries.invalidateQueries({ queryKey: ['activity'] });
        setDraft(EMPTY);
        say(words.saved);
      } catch (error) {
        await refused(error, tried, change).catch(setProblem);
      } finally {
        setSaving(false);
      }
    },
    [api, fields, queries, refused, resumable, say, wallet, words],
  );

  // Back from a fresh sign-in: the change goes on where it stopped, unless there are secrets to type again.
  const resumed = useRef(false);
  useEffect(() => {
    if (resumed.current || !profile.data || fields.length === 0) return;
    resumed.current = true;
    const action = resume('save');
    if (!action) return;
    const { etag, base, values, secret } = action.draft;
    const restored: Draft = {
      etag,
      base: { ...(profile.data.profile as JsonObject), ...base },
      values,
      open: new Set([...Object.keys(values).filter((name) => values[name] !== null), ...secret]),
    };
    setDraft(restored);
    if (secret.length > 0) say(words.stepUp.secretAgain);
    else void send(restored);
  }, [profile.data, fields, send, say, words]);

  /** The rows are there before the document is: a click meanwhile counts as soon as it has come. */
  const whenRead = (then: (read: ProfileWithEtag) => void) =>
    queries.ensureQueryData(profileQuery(api)).then(then, () => undefined);

  const drafts: Drafts = {
    draft, patch, saving, errors, problem, conflict,
    valueOf(name) {
      const field = fields.find((candidate) => candidate.name === name);
      return field ? initial(draft, field) : null;
    },
    open(name) {
      void whenRead(({ profile, etag }) => setDraft((now) => show(begin(now, profile, etag), name)));
    },
    set: (name, value) => setDraft((now) => edit(now, name, value)),
    cancel(name) {
      setDraft((now) => drop(now, name));
      setErrors((now) => Object.fromEntries(Object.entries(now).filter(([pointer]) => pointer.split('/')[1] !== name)));
    },
    assign(name, value) {
      void whenRead(({ profile, etag }) =>
        setDraft((now) => {
          const begun = drop(begin(now, profile, etag), name);
          return equal(begun.base[name] ?? null, value) ? begun : edit(begun, name, value);
        }),
      );
    },
    discard() {
      setDraft(EMPTY);
      setErrors({});
      setProblem(undefined);
    },
    save: () => void send(draft),
    resolve(mine) {
      setConflict(undefined);
      if (!mine || !conflict) return;
      const rebased = rebase(draft, patch, conflict, mine);
      setDraft(isIdle(rebased) ? EMPTY : rebased);
      if (Object.keys(patchOf(rebased, fields)).length > 0) void send(rebased);
    },
  }; // prettier-ignore
  return <DraftsContext value={drafts}>{children}</DraftsContext>;
}

export function useDrafts(): Drafts {
  const drafts = use(DraftsContext);
  if (!drafts) throw new Error('useDrafts needs a DraftsProvider.');
  return drafts;
}

/** Words by pointer. `identifier_taken` may name none: then it is the only identifier in the patch. */
function errorsByPointer(
  { code, errors }: Problem,
  change: JsonObject,
  fields: readonly Field[],
  { problems }: Words,
): Record<string, string> {
  if (errors.length > 0) {
    const inBody = errors.filter(({ pointer }) => pointer.startsWith('/'));
    return Object.fromEntries(
      inBody.map(({ pointer, detail }) => {
        const { pattern, examples } = schemaAt(fields, pointer) ?? {};
        // A regular expression helps programmers; people are better served by an example.
        const unreadable = pattern !== undefined && detail.includes(pattern) && examples?.[0] !== undefined;
        return [pointer, unreadable ? problems.likeThis(String(examples[0])) : detail];
      }),
    );
  }
  const identifiers = ['username', 'primaryEmail', 'primaryPhone'].filter((name) => typeof change[name] === 'string');
  return code === 'identifier_taken' && identifiers.length === 1 ? { [`/${identifiers[0]}`]: problems.taken } : {};
}

/** What may wait in the browser while the person signs in again: sensitive values may not. */
function storable(draft: Draft, change: JsonObject, fields: readonly { name: string; sensitive: boolean }[]) {
  const secret = fields.filter(
    ({ name, sensitive }) => sensitive && change[name] !== undefined && change[name] !== null,
  );
  const names = Object.keys(change).filter((name) => !secret.some((field) => field.name === name));
  const pick = (from: Readonly<Record<string, Json>>) =>
    Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
  return {
    etag: draft.etag,
    base: pick(draft.base),
    values: pick(draft.values),
    secret: secret.map(({ name }) => name),
  };
}
