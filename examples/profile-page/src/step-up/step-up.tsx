import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { StepUpRequest } from 'logto-profile-client';
import { useSession } from '../session';
import type { Resumable } from './resume';
import { StepUpDialog } from './step-up-dialog';
import { wallet, type Wallet } from './wallet';

export interface StepUp {
  readonly wallet: Wallet;
  /** Runs a call that may ask for a proof; `action` is what to go on with, should the person leave to sign in again. */
  resumable<T>(action: Resumable, call: () => Promise<T>): Promise<T>;
}

interface Asked {
  readonly request: StepUpRequest;
  readonly action: Resumable | undefined;
  answer(ids: readonly string[] | undefined): void;
}

const StepUpContext = createContext<StepUp | null>(null);

/** Asks for proofs of identity in a dialog whenever the service wants some. */
export function StepUpProvider({ children }: { children: ReactNode }) {
  const { onProve } = useSession();
  const [asked, setAsked] = useState<Asked>();
  const action = useRef<Resumable>(undefined);

  useEffect(() => {
    onProve((request) => {
      // Sent with the try before, and not taken: used, expired, or made by a password that is gone.
      if (request.attempt > 1) wallet.drop(request.required);
      const { identity, addresses } = wallet.missing(request);
      if (!identity && addresses.length === 0) return Promise.resolve(wallet.ids());
      return new Promise((answer) => setAsked({ request, action: action.current, answer }));
    });
  }, [onProve]);

  const resumable = useCallback(async <T,>(next: Resumable, call: () => Promise<T>): Promise<T> => {
    action.current = next;
    try {
      return await call();
    } finally {
      action.current = undefined;
    }
  }, []);

  const finish = (ids: readonly string[] | undefined) => {
    setAsked(undefined);
    asked?.answer(ids);
  };
  const stepUp = useMemo(() => ({ wallet, resumable }), [resumable]);
  return (
    <StepUpContext value={stepUp}>
      {children}
      {asked && <StepUpDialog request={asked.request} action={asked.action} onDone={finish} />}
    </StepUpContext>
  );
}

export function useStepUp(): StepUp {
  const stepUp = use(StepUpContext);
  if (!stepUp) throw new Error('useStepUp needs a StepUpProvider.');
  return stepUp;
}
