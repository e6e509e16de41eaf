import { useHandleSignInCallback, useLogto } from '@logto/react';
import { useEffect, useRef, useState } from 'react';
import { useWords } from './i18n/language';
import { navigate } from './router';
import { useSession } from './session';
import { offer, takePending } from './step-up/resume';
import { wallet } from './step-up/wallet';
import { Problem } from './ui/full-page';
import { useToast } from './ui/toast';

/** Where Logto sends the person back to: after signing in, and after a fresh sign-in as a proof. */
export function Callback() {
  const [done, setDone] = useState(false);
  const { error } = useHandleSignInCallback(() => setDone(true));
  const { isAuthenticated, isLoading } = useLogto();
  const { api, claims, idToken, signIn } = useSession();
  const words = useWords();
  const say = useToast();
  const handled = useRef(false);
  const cancelled = new URLSearchParams(location.search).has('error');

  useEffect(() => {
    if (!done || handled.current) return;
    handled.current = true;
    const pending = takePending();
    void (async () => {
      if (!pending) return navigate('/', { replace: true });
      try {
        if ((await claims())?.sub !== pending.userId) {
          say(words.stepUp.otherUser);
          return navigate('/', { replace: true });
        }
        const { data } = await api.POST('/v1/sign-in/verify', { body: { idToken: (await idToken()) ?? '' } });
        wallet.add(data);
        offer(pending.action);
        say(words.stepUp.returned);
      } catch {
        say(words.problems.unexpected);
      }
      navigate(pending.path, { replace: true });
    })();
  }, [done, api, claims, idToken, say, words]);

  // Somebody opened the address by hand, or reloaded it.
  const stray = !done && !isLoading && !cancelled && !location.search.includes('code=');
  useEffect(() => {
    if (stray || (isAuthenticated && !done && !isLoading && !cancelled)) navigate('/', { replace: true });
  }, [stray, isAuthenticated, done, isLoading, cancelled]);

  if (error || cancelled) {
    return <Problem text={words.signInFailed} action={words.tryAgain} onAction={() => void signIn()} />;
  }
  return (
    <p className="splash" role="status">
      {words.signingIn}
    </p>
  );
}
