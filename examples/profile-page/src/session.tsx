import { Prompt, useLogto, type IdTokenClaims } from '@logto/react';
import { createContext, use, useEffect, useMemo, useRef, type ReactNode } from 'react';
import { createProfileClient, type ProfileClient, type StepUpRequest } from 'logto-profile-client';
import type { PageConfig } from './config';
import { useLanguage } from './i18n/language';
import { toHref } from './router';

/** After this time, the page assumes that the redirect to Logto has failed. */
const LEAVE_TIMEOUT_MS = 10_000;

type ProofHandler = (request: StepUpRequest) => Promise<readonly string[] | undefined>;

export interface Session {
  readonly api: ProfileClient;
  readonly config: PageConfig;
  /** Sets the function that asks the user for proofs. */
  setProofHandler(handler: ProofHandler): void;
  claims(): Promise<IdTokenClaims | undefined>;
  /** Loads from Logto all claims that the scopes allow. */
  userInfo(): Promise<object | undefined>;
  idToken(): Promise<string | null | undefined>;
  signIn(): Promise<void>;
  /** Forces a fresh sign-in at Logto for a challenge from `POST /v1/sign-in/challenge`. */
  signInAgain(challenge: { nonce: string; maxAge: number }): Promise<void>;
  signOut(): Promise<void>;
}

const SessionContext = createContext<Session | null>(null);

/** Provides the user's tokens and the API client that sends them. */
export function SessionProvider({ config, children }: { config: PageConfig; children: ReactNode }) {
  const { getAccessToken, clearAccessToken, getIdToken, getIdTokenClaims, fetchUserInfo, signIn, signOut } = useLogto();
  const { language } = useLanguage();
  const languageRef = useRef<string>(language);
  useEffect(() => {
    languageRef.current = language;
  }, [language]);

  const session = useMemo<Session>(() => {
    let proofHandler: ProofHandler | undefined;
    const redirectUri = location.origin + toHref('/callback');
    let isLeaving = false;
    /** Before the browser leaves, the SDK clears the tokens. Later requests never resolve, because the page unloads. */
    const getToken = () => (isLeaving ? new Promise<undefined>(() => undefined) : getAccessToken(config.resource));
    const leavePage = async (redirect: Promise<void> | Promise<undefined>) => {
      isLeaving = true;
      await redirect;
      setTimeout(() => (isLeaving = false), LEAVE_TIMEOUT_MS);
    };
    return {
      config,
      api: createProfileClient({
        baseUrl: config.apiUrl,
        async getAccessToken({ rejected }) {
          if (rejected) await clearAccessToken();
          return getToken();
        },
        getIdToken,
        prove: async (request) => proofHandler?.(request),
        language: () => languageRef.current,
      }),
      setProofHandler(handler) {
        proofHandler = handler;
      },
      claims: getIdTokenClaims,
      async userInfo() {
        // Waits for a token first, because two concurrent refreshes would use the same refresh token twice.
        await getToken();
        return fetchUserInfo();
      },
      idToken: getIdToken,
      signIn: () => leavePage(signIn({ redirectUri })),
      signInAgain: ({ nonce, maxAge }) =>
        leavePage(
          signIn({
            redirectUri,
            // Logto issues a refresh token only with consent.
            prompt: [Prompt.Login, Prompt.Consent],
            extraParams: { nonce, max_age: String(maxAge) },
          }),
        ),
      signOut: () => leavePage(signOut(location.origin + toHref('/'))),
    };
  }, [config, getAccessToken, clearAccessToken, getIdToken, getIdTokenClaims, fetchUserInfo, signIn, signOut]);

  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession needs a SessionProvider.');
  return session;
}
