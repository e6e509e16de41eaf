import { readFileSync } from 'node:fs';

/** A request to a real Logto and its response. Secrets and tokens are replaced by `<labels>`, the host by `logto.test`. */
export interface Recording {
  name: string;
  note?: string;
  request: { method: string; path: string; headers?: Record<string, string>; body?: unknown };
  response: { status: number; headers?: Record<string, string>; body?: unknown };
}

/** All recordings in their original order. */
export const recordings = JSON.parse(
  readFileSync(new URL('../recordings/management-api.json', import.meta.url), 'utf8'),
) as Recording[];
