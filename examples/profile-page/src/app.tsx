import { useLogto } from '@logto/react';
import { memo, useEffect, useState } from 'react';
import { Callback } from './callback';
import { DraftsProvider } from './edit/drafts';
import { usePath } from './router';
import { Shell } from './shell';
import { StepUpProvider } from './step-up/step-up';
import { Welcome } from './welcome';

/** Which of the three: coming back from Logto, signed in, or not. */
export function App() {
  const { isAuthenticated, isLoading } = useLogto();
  const [started, setStarted] = useState(false);
  const path = usePath();
  useEffect(() => {
    // Later on it flips with each call to the SDK; only the first time says that the session is known.
    if (!isLoading) setStarted(true);
  }, [isLoading]);
  if (path === '/callback') return <Callback />;
  if (!started) return null;
  return isAuthenticated ? <SignedIn /> : <Welcome />;
}

const SignedIn = memo(function SignedIn() {
  return (
    <StepUpProvider>
      <DraftsProvider>
        <Shell />
      </DraftsProvider>
    </StepUpProvider>
  );
});
