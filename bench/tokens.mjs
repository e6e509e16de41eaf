const BATCH_SIZE = 32;

/**
 * Issues access tokens that the service has not cached, for one user after the other. `next` repeats them: the service caches
 * the latest 20,000, so with a few more than that, each one has left the cache before it is sent again.
 * @returns {Promise<{ next(): string } | undefined>} undefined for a real Logto, where each token needs a sign-in
 */
export const createTokens = async ({ upstream, users }, count) => {
  if (!upstream.issuesAnyToken) return undefined;
  const tokens = [];
  while (tokens.length < count) {
    const some = Array.from({ length: BATCH_SIZE }, (_, n) => users[(tokens.length + n) % users.length].name);
    tokens.push(...(await Promise.all(some.map(upstream.token))));
  }
  let turn = 0;
  return { next: () => tokens[turn++ % tokens.length] };
};
