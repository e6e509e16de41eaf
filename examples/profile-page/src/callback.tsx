import { useHandleSignInCallback, useLogto } from '@logto/react';
import { useEffect, useRef, useState } from 'react';
import { useMessages } from './i18n/language';
import { navigate } from './router';
import { useSession } from './session';
import { setResumedAction, takePendingSignIn } from './step-up/resume';
import { proofStore } from './step-up/proof-store';
import { FullPageMessage } from './ui/full-page-message';
import { useToast } from './ui/toast';

/** Handles the redirect from Logto after a first sign-in, and after a fresh sign-in that serves as a proof. */
export function Callback() {
  const [isCallbackDone, setCallbackDone] = useState(false);
  const { error } = useHandleSignInCallback(() => setCallbackDone(true));
  const { isAuthenticated, isLoading } = useLogto();
  const { api, claims, idToken, signIn } = useSession();
  const messages = useMessages();
  const showToast = useToast();
  const isHandled = useRef(false);
  const isCancelled = new URLSearchParams(location.search).has('error');

  useEffect(() => {
    if (!isCallbackDone || isHandled.current) return;
    isHandled.current = true;
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
        setResumedAction(pending.action);
        showToast(messages.stepUp.returned);
      } catch {
        showToast(messages.problems.unexpected);
      }
      navigate(pending.path, { replace: true });
    })();
  }, [isCallbackDone, api, claims, idToken, showToast, messages]);

  // True if the user opened or reloaded this URL.
  const isOpenedDirectly = !isCallbackDone && !isLoading && !isCancelled && !location.search.includes('code=');
  useEffect(() => {
    if (isOpenedDirectly || (isAuthenticated && !isCallbackDone && !isLoading && !isCancelled))
      navigate('/', { replace: true });
  }, [isOpenedDirectly, isAuthenticated, isCallbackDone, isLoading, isCancelled]);

  if (error || isCancelled) {
    return <FullPageMessage text={messages.signInFailed} action={messages.tryAgain} onAction={() => void signIn()} />;
  }
  return (
    <p className="splash" role="status">
      {messages.signingIn}
    </p>
  );
}
