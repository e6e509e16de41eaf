import { useHandleSignInCallback, useLogto } from '@logto/react';
import { useEffect, useRef, useState } from 'react';
import { useMessages } from './i18n/language';
import { navigate } from './router';
import { useSession } from './session';
import { resumeLater, takePendingSignIn } from './step-up/resume';
import { proofStore } from './step-up/proof-store';
import { FullPageMessage } from './ui/full-page-message';
import { useToast } from './ui/toast';

/** Handles the redirect from Logto, after a sign-in and after a fresh sign-in that serves as a proof. */
export function Callback() {
  const [done, setDone] = useState(false);
  const { error } = useHandleSignInCallback(() => setDone(true));
  const { isAuthenticated, isLoading } = useLogto();
  const { api, claims, idToken, signIn } = useSession();
  const messages = useMessages();
  const showToast = useToast();
  const handled = useRef(false);
  const cancelled = new URLSearchParams(location.search).has('error');

  useEffect(() => {
    if (!done || handled.current) return;
    handled.current = true;
    const pending = takePendingSignIn();
    void (async () => {
      if (!pending) return navigate('/', { replace: true });
      try {
        if ((await claims())?.sub !== pending.userId) {
          showToast(messages.stepUp.otherUser);
          return navigate('/', { replace: true });
        }
        const { data } = await api.POST('/v1/sign-in/verify', { body: { idToken: (await idToken()) ?? '' } });
        proofStore.add(data);
        resumeLater(pending.action);
        showToast(messages.stepUp.returned);
      } catch {
        showToast(messages.problems.unexpected);
      }
      navigate(pending.path, { replace: true });
    })();
  }, [done, api, claims, idToken, showToast, messages]);

  // The user opened or reloaded this URL.
  const openedDirectly = !done && !isLoading && !cancelled && !location.search.includes('code=');
  useEffect(() => {
    if (openedDirectly || (isAuthenticated && !done && !isLoading && !cancelled)) navigate('/', { replace: true });
  }, [openedDirectly, isAuthenticated, done, isLoading, cancelled]);

  if (error || cancelled) {
    return <FullPageMessage text={messages.signInFailed} action={messages.tryAgain} onAction={() => void signIn()} />;
  }
  return (
    <p className="splash" role="status">
      {messages.signingIn}
    </p>
  );
}
