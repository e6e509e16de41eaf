import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';

type Done<T> = (error: unknown, result?: T) => void;

/**
 * Replaces the verifier of passport-jwt in this process: the original blocks the event loop for most of a millisecond
 * per token.
 *
 * Relies on passport-jwt reading the static member `Strategy.JwtVerifier` at each authentication, calling it with the
 * token, the key from `secretOrKeyProvider`, its options and a callback, and passing the unchanged result to the
 * strategy's `validate`. The types do not declare the member.
 */
export function replaceJwtVerifier<Key, Verified>(verify: (token: string, key: Key) => Promise<Verified>): void {
  Object.assign(Strategy, {
    JwtVerifier: (token: string, key: Key, _options: unknown, done: Done<Verified>) => {
      verify(token, key).then((verified) => done(null, verified), done);
    },
  });
}

/**
 * Creates a `secretOrKeyProvider` that returns a key of any type for the replaced verifier.
 *
 * Relies on passport-jwt not inspecting the key. Its types only allow the strings and buffers of its own verifier.
 */
export function keyProvider<Key>(find: (token: string) => Promise<Key>): SecretOrKeyProvider {
  const provide = (_request: unknown, token: string, done: Done<Key>) => {
    find(token).then((key) => done(null, key), done);
  };
  return provide as unknown as SecretOrKeyProvider;
}
