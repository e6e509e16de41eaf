import Negotiator from 'negotiator';

/** In characters; the rest of the header is ignored. */
const MAX_LENGTH = 512;

/**
 * Chooses one of the `available` languages by `Accept-Language` (RFC 9110 section 12.5.4), matched like the lookup of
 * RFC 4647: `de-AT` gets `de`. Returns the first available language if none matches.
 */
export function negotiateLanguage<T extends string>(header: string | undefined, available: readonly [T, ...T[]]): T {
  const headers = { 'accept-language': header?.slice(0, MAX_LENGTH) };
  // Not `language(available)`: for `de-AT, en;q=0.9, de;q=0.8` it returns `en`, by the weight of the exact match.
  for (const wanted of new Negotiator({ headers }).languages()) {
    const tag = wanted.toLowerCase();
    const found = available.find((each) => tag === each.toLowerCase() || tag.startsWith(`${each.toLowerCase()}-`));
    if (found) return found;
    if (tag === '*') break;
  }
  return available[0];
}
