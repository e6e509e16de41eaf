import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { hasRedis, findPostgresPrograms } from '../long/servers.mjs';

const toPath = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const PARAMETERS = {
  seconds: 3,
  'postgres-restarts': 2,
  'redis-restarts': 2,
  connections: 8,
  users: 48,
  services: 1,
  seed: 7,
};

/** The test starts its own servers, so it needs their programs. It also needs the built output; `npm test` creates it. */
const missing = [
  !findPostgresPrograms() && "PostgreSQL's programs",
  !hasRedis() && 'redis-server',
  !['dist/main.js', 'dev-logto/dist/main.js'].map(toPath).every(existsSync) && 'the built output',
].filter(Boolean);
if (missing.length > 0) {
  const message = `no ${missing.join(', no ')} for the short run of verify:long`;
  if (process.env.REQUIRE_SERVICES) throw new Error(message);
  process.stderr.write(`\n*** SKIPPED: ${message} ***\n\n`);
}

(missing.length === 0 ? describe : describe.skip)('a service under load', () => {
  let child: ChildProcess | undefined;
  afterAll(() => void child?.kill()); // After a timeout, the signal makes the process stop its servers.

  // A short run of `npm run verify:long`.
  it('survives the loss of its connections and keeps every acknowledged write', async () => {
    const parameters = Object.entries(PARAMETERS).map(([name, value]) => `--${name}=${value}`);
    child = spawn(process.execPath, [toPath('test/long/lost-connections.mjs'), ...parameters], { stdio: 'pipe' });
    const [output, errors] = [text(child.stdout!), text(child.stderr!)];
    const [code] = (await once(child, 'exit')) as [number | null];
    const report = `${await output}${await errors}`;
    expect({ code, report }).toEqual({
      code: 0,
      report: expect.stringMatching(/process exits +0\ninconsistencies +0\n/),
    });
  }, 180_000);
});
