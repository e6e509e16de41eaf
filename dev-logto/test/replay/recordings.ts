import { readFileSync } from 'node:fs';

/** One exchange with a real Logto, as recorded. Secrets and tokens are `<labels>`, the host `logto.test`. */
export interface Recording {
  name: string;
  note?: string;
  request: { method: string; path: string; headers?: Record<string, string>; body?: unknown };
  response: { status: number; headers?: Record<string, string>; body?: unknown };
}

/** In the order in which they were made. */
export const recordings = JSON.parse(
  readFileSync(new URL('../recordings/management-api.json', import.meta.url), 'utf8'),
) as Recording[];
