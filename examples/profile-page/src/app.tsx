import { useLogto } from '@logto/react';
import { memo, useEffect, useState } from 'react';
import { Callback } from './callback';
import { DraftProvider } from './edit/draft-provider';
import { usePath } from './router';
import { Shell } from './shell';
import { StepUpProvider } from './step-up/step-up';
import { Welcome } from './welcome';

/** Shows the sign-in callback, the profile, or the welcome page. */
export function App() {
  const { isAuthenticated, isLoading } = useLogto();
  const [isSessionKnown, setSessionKnown] = useState(false);
  const path = usePath();
  useEffect(() => {
    // `isLoading` also changes with later SDK calls. Only its first `false` means that the session is known.
    if (!isLoading) setSessionKnown(true);
  }, [isLoading]);
  if (path === '/callback') return <Callback />;
  if (!isSessionKnown) return null;
  return isAuthenticated ? <SignedIn /> : <Welcome />;
}

const SignedIn = memo(function SignedIn() {
  return (
    <StepUpProvider>
      <DraftProvider>
        <Shell />
      </DraftProvider>
    </StepUpProvider>
  );
});
