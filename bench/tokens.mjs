const AT_ONCE = 32;

/**
 * Access tokens that the service does not know, user by user in turn. They go round: the service remembers the latest
 * 20,000, so that with some more than these each has been forgotten when its turn comes again.
 * @returns {Promise<{ next(): string } | undefined>} nothing where tokens take a sign-in each, as at a real Logto
 */
export const unknownTokens = async ({ upstream, users }, count) => {
  if (!upstream.givesTokensFreely) return undefined;
  const tokens = [];
  while (tokens.length < count) {
    const some = Array.from({ length: AT_ONCE }, (_, n) => users[(tokens.length + n) % users.length].name);
    tokens.push(...(await Promise.all(some.map(upstream.token))));
  }
  let turn = 0;
  return { next: () => tokens[turn++ % tokens.length] };
};
