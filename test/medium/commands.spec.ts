import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import type { AppConfig } from '../../src/platform/config/app-config.js';
import type { Database } from '../../src/platform/database/database.js';
import { EmbeddedDatabase } from '../../src/platform/database/embedded.js';
import { FieldCipherService } from '../../src/domain/fields/encryption/field-cipher.service.js';
import { PostgresDatabase } from '../../src/platform/database/postgres.js';
import { profileUser } from '../../src/platform/database/schema.js';
import { createPostgresDatabase } from './support/postgres.js';

// Runs the built output, as an operator does. `npm test` builds it.
const COMMANDS = fileURLToPath(new URL('../../dist/commands', import.meta.url));
const VALUE_COUNT = 1_200;

const createKey = (kid: string) => ({ kid, key: randomBytes(32) });
const [oldKey, currentKey] = [createKey('old'), createKey('new')];
const createCipher = (...fieldEncryptionKeys: ReturnType<typeof createKey>[]) =>
  new FieldCipherService({ fieldEncryptionKeys } as unknown as AppConfig);
const FIELD_ENCRYPTION_KEYS = [currentKey, oldKey].map(({ kid, key }) => `${kid}:${key.toString('base64url')}`).join();

const postgres = await createPostgresDatabase();
const folder = mkdtempSync(join(tmpdir(), 'commands-'));
const targets: [string, Record<string, string>, () => Promise<Database>][] = [
  ['PGlite', { DATABASE_FOLDER: folder }, () => EmbeddedDatabase.open(folder)],
];
if (postgres)
  targets.push([
    'PostgreSQL',
    { DATABASE_URL: postgres.url },
    () => PostgresDatabase.open(postgres.url, { poolSize: 2, timeoutMs: 5_000 }),
  ]);

(existsSync(COMMANDS) ? describe : describe.skip).each(targets)('the commands on %s', (_name, target, open) => {
  let logto: DevLogto;

  beforeAll(async () => {
    logto = await startDevLogto({ port: 0 });
  });
  afterAll(async () => {
    await logto.stop();
    rmSync(folder, { recursive: true, force: true });
    if ('DATABASE_URL' in target) await postgres?.drop();
  });

  const start = (command: string, parameters: string[] = [], environment: Record<string, string> = {}) => {
    const DEV_LOGTO_PORT = new URL(logto.endpoint).port;
    const env = { PATH: process.env.PATH, DEV_LOGTO_PORT, FIELD_ENCRYPTION_KEYS, ...target, ...environment };
    return spawn(process.execPath, [join(COMMANDS, `${command}.js`), ...parameters], { env, stdio: 'pipe' });
  };
  const run = async (...parameters: Parameters<typeof start>) => {
    const child = start(...parameters);
    const [output, errors] = [text(child.stdout), text(child.stderr)];
    const [code] = (await once(child, 'exit')) as [number];
    return { code, output: await output, errors: await errors };
  };
  const withDatabase = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    const database = await open();
    return work(database).finally(() => database.close());
  };

  it('fields:rekey completes when it is run again after it was killed', async () => {
    await withDatabase(async (database) => {
      const rows = Array.from({ length: VALUE_COUNT }, async (_, n) => {
        const jwe = await createCipher(oldKey).encrypt(`DE${n}`, { userId: `user${n}`, field: 'taxId' });
        return { userId: `user${n}`, encryptedFields: { taxId: { jwe, mask: '••••' } } };
      });
      await database.db.insert(profileUser).values(await Promise.all(rows));
    });

    const killed = start('fields-rekey');
    await once(killed.stderr, 'data'); // The first output shows that it has started.
    killed.kill('SIGKILL');
    await once(killed, 'exit');

    const { code, output, errors } = await run('fields-rekey');
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/^(\d+) of \1 values were encrypted or decrypted\. The current key is new\.\n$/),
    ]);
    expect(errors).toContain('100 %');

    const rows = await withDatabase((database) => database.db.select().from(profileUser));
    const decrypted = rows.map(({ userId, encryptedFields }) =>
      createCipher(currentKey).decrypt(encryptedFields['taxId']!.jwe, { userId, field: 'taxId' }),
    );
    expect(new Set(await Promise.all(decrypted))).toEqual(
      new Set(Array.from({ length: VALUE_COUNT }, (_, n) => `DE${n}`)),
    );
  }, 120_000);

  it('fields:move only counts values without --apply and moves them with it', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'catalogue-')), 'fields.yaml');
    const sample = readFileSync(new URL('../../profile-fields.yaml', import.meta.url), 'utf8');
    writeFileSync(
      file,
      sample.replace(
        '  newsletter:\n    store: customData',
        '  newsletter:\n    store: database\n    previously: { store: customData }',
      ),
    );
    const environment = { PROFILE_FIELDS: file };
    logto.tenant.users.get('alice0000001')!.customData = { newsletter: true };

    const counting = await run('fields-move', ['newsletter'], environment);
    expect([counting.code, counting.output]).toEqual([
      0,
      expect.stringContaining('1 values of newsletter are to be moved.'),
    ]);
    expect(counting.output).toContain('Nothing was changed.');
    const moving = await run('fields-move', ['newsletter', '--apply'], environment);
    expect([moving.code, moving.output]).toEqual([0, expect.stringContaining('1 values were moved.')]);
  }, 120_000);

  if ('DATABASE_URL' in target) return;

  it('print one line for each error', async () => {
    const unknown = await run('fields-move', ['shoeSize']);
    expect([unknown.code, unknown.errors]).toEqual([1, 'The catalogue has no field shoeSize.\n']);
    expect(await run('fields-move')).toMatchObject({ code: 2, errors: expect.stringMatching(/^usage: /) });
    await withDatabase(async () => {
      const { code, errors } = await run('fields-rekey');
      const line = `Another process uses the database in ${folder}: stop it, or set DATABASE_URL.\n`;
      expect([code, errors]).toEqual([1, line]);
    });
  }, 120_000);
});
