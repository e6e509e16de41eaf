import { useQueryClient } from '@tanstack/react-query';
import { useState, type ChangeEvent } from 'react';
import { toOptionalApi } from '../api/optional-api';
import { PROFILE_QUERY_KEY, useOperations } from '../api/queries';
import { useMessages } from '../i18n/language';
import { useSession } from '../session';
import { ProblemNotice } from '../ui/problem';
import { useToast } from '../ui/toast';

/** Uploads a picture, if the deployment supports it. The user can always enter a link instead. */
export function AvatarEditor({ onDone }: { onDone(): void }) {
  const { api } = useSession();
  const messages = useMessages();
  const showToast = useToast();
  const queries = useQueryClient();
  const canUpload = useOperations()?.has('PUT /v1/profile/avatar');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (!canUpload) return null;

  async function upload({ target }: ChangeEvent<HTMLInputElement>) {
    const file = target.files?.[0];
    if (!file) return;
    const body = new FormData();
    body.append('file', file);
    setBusy(true);
    setError(undefined);
    try {
      await toOptionalApi(api).PUT('/v1/profile/avatar', { body });
      await queries.invalidateQueries({ queryKey: PROFILE_QUERY_KEY });
      showToast(messages.uploaded);
      onDone();
    } catch (reason) {
      setError(reason);
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
        {messages.upload}
      </label>
      <ProblemNotice error={error} />
      <p className="hint">{messages.pictureLink}</p>
    </>
  );
}
