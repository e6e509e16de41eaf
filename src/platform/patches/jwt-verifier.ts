import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';

type Done<T> = (error: unknown, result?: T) => void;

/**
 * Replaces passport-jwt's verifier in this process: its own blocks the event loop for the better part of a millisecond
 * per token.
 *
 * Relies on passport-jwt reading the static `Strategy.JwtVerifier` at each authentication, calling it with the token,
 * what `secretOrKeyProvider` found, its options and a callback, and passing its result on to the strategy's `validate`
 * as it is. The types do not declare the static.
 */
export function replaceJwtVerifier<Key, Verified>(verify: (token: string, key: Key) => Promise<Verified>): void {
  Object.assign(Strategy, {
    JwtVerifier: (token: string, key: Key, _options: unknown, done: Done<Verified>) => {
      verify(token, key).then((verified) => done(null, verified), done);
    },
  });
}

/**
 * Creates a `secretOrKeyProvider` that finds a key of any type for a replaced verifier.
 *
 * Relies on passport-jwt never looking at the key: its types allow the strings and buffers of its own verifier only.
 */
export function keyProvider<Key>(find: (token: string) => Promise<Key>): SecretOrKeyProvider {
  const provide = (_request: unknown, token: string, done: Done<Key>) => {
    find(token).then((key) => done(null, key), done);
  };
  return provide as unknown as SecretOrKeyProvider;
}
