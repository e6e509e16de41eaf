import { readFileSync } from 'node:fs';

/** Recorded responses of Logto 1.42 by call. Tokens, codes and hosts are replaced. */
export const logtoResponses = JSON.parse(
  readFileSync(new URL('../data/logto-responses.json', import.meta.url), 'utf8'),
) as Record<string, { status: number; body: unknown }>;
