import { useQueryClient } from '@tanstack/react-query';
import { useState, type ChangeEvent } from 'react';
import { optional } from '../api/optional';
import { PROFILE, useOperations } from '../api/queries';
import { useWords } from '../i18n/language';
import { useSession } from '../session';
import { ProblemNotice } from '../ui/problem';
import { useToast } from '../ui/toast';

/** Uploads a picture, where the service stores pictures; the link beside it always works. */
export function AvatarEditor({ onDone }: { onDone(): void }) {
  const { api } = useSession();
  const words = useWords();
  const say = useToast();
  const queries = useQueryClient();
  const offered = useOperations()?.has('PUT /v1/profile/avatar');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (!offered) return null;

  async function upload({ target }: ChangeEvent<HTMLInputElement>) {
    const file = target.files?.[0];
    if (!file) return;
    const body = new FormData();
    body.append('file', file);
    setBusy(true);
    setError(undefined);
    try {
      await optional(api).PUT('/v1/profile/avatar', { body });
      await queries.invalidateQueries({ queryKey: PROFILE });
      say(words.uploaded);
      onDone();
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  }

  return (
    <>
      <label className="button upload">
        <input
          type="file"
          className="sr-only"
          accept="image/*"
          disabled={busy}
          onChange={(event) => void upload(event)}
        />
        {words.upload}
      </label>
      <ProblemNotice error={error} />
      <p className="hint">{words.pictureLink}</p>
    </>
  );
}
