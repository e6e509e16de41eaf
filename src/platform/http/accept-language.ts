import Negotiator from 'negotiator';

/** Of a header; more is not parsed. */
const MAX_LENGTH = 512;

/**
 * The language to respond in, of those `available`, by `Accept-Language` (RFC 9110 section 12.5.4, matched as RFC 4647's
 * lookup does: `de-AT` gets `de`). The first available one when nothing fits.
 */
export function negotiateLanguage<T extends string>(header: string | undefined, available: readonly [T, ...T[]]): T {
  const headers = { 'accept-language': header?.slice(0, MAX_LENGTH) };
  // Not `language(available)`: for `de-AT, en;q=0.9, de;q=0.8` that gives `en`, by the weight of the exact match.
  for (const wanted of new Negotiator({ headers }).languages()) {
    const tag = wanted.toLowerCase();
    const found = available.find((each) => tag === each.toLowerCase() || tag.startsWith(`${each.toLowerCase()}-`));
    if (found) return found;
    if (tag === '*') break;
  }
  return available[0];
}
