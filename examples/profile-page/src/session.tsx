import { Prompt, useLogto, type IdTokenClaims } from '@logto/react';
import { createContext, use, useEffect, useMemo, useRef, type ReactNode } from 'react';
import { createProfileClient, type ProfileClient, type StepUpRequest } from 'logto-profile-client';
import type { PageConfig } from './config';
import { useLanguage } from './i18n/language';
import { href } from './router';

/** Still here after this long: Logto was not reached. */
const STAYED_MS = 10_000;

type Prove = (request: StepUpRequest) => Promise<readonly string[] | undefined>;

export interface Session {
  readonly api: ProfileClient;
  readonly config: PageConfig;
  /** Who answers the service's wish for a proof. */
  onProve(prove: Prove): void;
  claims(): Promise<IdTokenClaims | undefined>;
  /** Everything the scopes allow, asked from Logto. */
  userInfo(): Promise<object | undefined>;
  idToken(): Promise<string | null | undefined>;
  signIn(): Promise<void>;
  /** A sign-in that happens now, whatever session there is, for the challenge of `POST /v1/sign-in/challenge`. */
  signInAfresh(challenge: { nonce: string; maxAge: number }): Promise<void>;
  signOut(): Promise<void>;
}

const SessionContext = createContext<Session | null>(null);

/** The signed-in user's tokens, and the client that sends them. */
export function SessionProvider({ config, children }: { config: PageConfig; children: ReactNode }) {
  const { getAccessToken, clearAccessToken, getIdToken, getIdTokenClaims, fetchUserInfo, signIn, signOut } = useLogto();
  const { language } = useLanguage();
  const languageRef = useRef<string>(language);
  useEffect(() => {
    languageRef.current = language;
  }, [language]);

  const session = useMemo<Session>(() => {
    let prove: Prove | undefined;
    const redirectUri = location.origin + href('/callback');
    let leaving = false;
    /** Tokens are dropped before the browser has left: what is asked for in between waits, and ends with the page. */
    const token = () => (leaving ? new Promise<undefined>(() => undefined) : getAccessToken(config.resource));
    const leave = async (go: Promise<void> | Promise<undefined>) => {
      leaving = true;
      await go;
      setTimeout(() => (leaving = false), STAYED_MS);
    };
    return {
      config,
      api: createProfileClient({
        baseUrl: config.apiUrl,
        async getAccessToken({ rejected }) {
          if (rejected) await clearAccessToken();
          return token();
        },
        getIdToken,
        prove: async (request) => prove?.(request),
        language: () => languageRef.current,
      }),
      onProve(next) {
        prove = next;
      },
      claims: getIdTokenClaims,
      async userInfo() {
        // Logto rotates refresh tokens: two refreshes at once would use the same one twice.
        await token();
        return fetchUserInfo();
      },
      idToken: getIdToken,
      signIn: () => leave(signIn({ redirectUri })),
      signInAfresh: ({ nonce, maxAge }) =>
        leave(
          signIn({
            redirectUri,
            // Without consent, no refresh token comes back.
            prompt: [Prompt.Login, Prompt.Consent],
            extraParams: { nonce, max_age: String(maxAge) },
          }),
        ),
      signOut: () => leave(signOut(location.origin + href('/'))),
    };
  }, [config, getAccessToken, clearAccessToken, getIdToken, getIdTokenClaims, fetchUserInfo, signIn, signOut]);

  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession needs a SessionProvider.');
  return session;
}
