import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { hasRedis, findPostgresPrograms } from '../long/servers.mjs';

const toPath = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
/** Short runs of long tests, and how their reports end. */
const RUNS = {
  'lost-connections': {
    parameters: {
      seconds: 3,
      'postgres-restarts': 2,
      'redis-restarts': 2,
      connections: 8,
      users: 48,
      services: 1,
      seed: 7,
    },
    report: /process exits +0\ninconsistencies +0\n$/,
  },
  chaos: { parameters: { seconds: 60, users: 16, seed: 7 }, report: /process exits +0\nwrong responses +0\n$/ },
};

/** The tests start their own servers, so they need their programs. They also need the built output; `npm test` creates it. */
const missing = [
  !findPostgresPrograms() && "PostgreSQL's programs",
  !hasRedis() && 'redis-server',
  !['dist/main.js', 'dev-logto/dist/main.js'].map(toPath).every(existsSync) && 'the built output',
].filter(Boolean);
if (missing.length > 0) {
  const message = `no ${missing.join(', no ')} for the short runs of verify:long and chaos`;
  if (process.env.REQUIRE_SERVICES) throw new Error(message);
  process.stderr.write(`\n*** SKIPPED: ${message} ***\n\n`);
}

(missing.length === 0 ? describe : describe.skip)('a service under load', () => {
  let child: ChildProcess | undefined;
  afterAll(() => void child?.kill()); // After a timeout, the signal makes the process stop its servers.

  it.each(Object.entries(RUNS))(
    'survives failures, loses no acknowledged write and returns nothing wrong: %s',
    async (name, { parameters, report }) => {
      const args = Object.entries(parameters).map(([option, value]) => `--${option}=${value}`);
      child = spawn(process.execPath, [toPath(`test/long/${name}.mjs`), ...args], { stdio: 'pipe' });
      const [output, errors] = [text(child.stdout!), text(child.stderr!)];
      const [code] = (await once(child, 'exit')) as [number | null];
      expect({ code, report: `${await output}${await errors}` }).toEqual({
        code: 0,
        report: expect.stringMatching(report),
      });
    },
    300_000,
  );
});
