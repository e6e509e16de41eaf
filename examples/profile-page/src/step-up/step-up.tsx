import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { StepUpRequest } from 'logto-profile-client';
import { useSession } from '../session';
import type { ResumableAction } from './resume';
import { StepUpDialog } from './step-up-dialog';
import { proofStore, type ProofStore } from './proof-store';

export interface StepUp {
  readonly proofStore: ProofStore;
  /** Runs a call that may require a proof. The page continues `action` after a fresh sign-in. */
  runResumable<T>(action: ResumableAction, call: () => Promise<T>): Promise<T>;
}

interface OpenRequest {
  readonly request: StepUpRequest;
  readonly action: ResumableAction | undefined;
  resolve(ids: readonly string[] | undefined): void;
}

const StepUpContext = createContext<StepUp | null>(null);

/** Asks for proofs in a dialog when the service requires them. */
export function StepUpProvider({ children }: { children: ReactNode }) {
  const { setProofHandler } = useSession();
  const [openRequest, setOpenRequest] = useState<OpenRequest>();
  const action = useRef<ResumableAction>(undefined);

  useEffect(() => {
    setProofHandler((request) => {
      // The service rejected the proofs of the previous attempt, because they were consumed, expired, or revoked.
      if (request.attempt > 1) proofStore.remove(request.required);
      const { identity, addresses } = proofStore.findMissing(request);
      if (!identity && addresses.length === 0) return Promise.resolve(proofStore.getIds());
      return new Promise((resolve) => setOpenRequest({ request, action: action.current, resolve }));
    });
  }, [setProofHandler]);

  const runResumable = useCallback(async <T,>(resumableAction: ResumableAction, call: () => Promise<T>): Promise<T> => {
    action.current = resumableAction;
    try {
      return await call();
    } finally {
      action.current = undefined;
    }
  }, []);

  const finish = (ids: readonly string[] | undefined) => {
    setOpenRequest(undefined);
    openRequest?.resolve(ids);
  };
  const stepUp = useMemo(() => ({ proofStore, runResumable }), [runResumable]);
  return (
    <StepUpContext value={stepUp}>
      {children}
      {openRequest && <StepUpDialog request={openRequest.request} action={openRequest.action} onDone={finish} />}
    </StepUpContext>
  );
}

export function useStepUp(): StepUp {
  const stepUp = use(StepUpContext);
  if (!stepUp) throw new Error('useStepUp needs a StepUpProvider.');
  return stepUp;
}
