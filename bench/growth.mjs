import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createClient, load, measureEach, median } from './load.mjs';
import { readers } from './scenarios.mjs';
import { atEnd } from './servers.mjs';
import { createDatabase, startService } from './stack.mjs';

const SECONDS = 3;

/** Creates a client for the profile of one user, with one connection. */
const createProfileClient = (url, { token }) => {
  const { request, close } = createClient(url);
  const headers = { authorization: `Bearer ${token}` };
  return {
    get: () => request('GET', '/v1/profile', headers),
    patch: (body) => request('PATCH', '/v1/profile', headers, body),
    close,
  };
};

/** Inserts rows as the service writes them for other users. */
const insertRows = async (client, from, to) =>
  client.query(
    `insert into logto_profile.profile_user (user_id, fields, fields_version)
     select 'grown-' || n, jsonb_build_object('emergencyContact', jsonb_build_object('name', 'Contact ' || n)), 1
     from generate_series($1::int, $2::int) n on conflict do nothing`,
    [from, to],
  );

const measureByRows = async (stack, log) => {
  const { warm } = readers(stack);
  const profile = createProfileClient(stack.service.url, stack.users[0]);
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const figures = [];
  let filled = 0;
  for (const count of [10, 1_000, 100_000, 1_000_000]) {
    await insertRows(client, filled + 1, count);
    await client.query('analyze logto_profile.profile_user');
    filled = count;
    const { perSecond } = await load({ ...warm, connections: 32, seconds: SECONDS });
    const writeMs = median(await measureEach(200, (turn) => profile.patch({ nickname: `Grown ${count} ${turn}` })));
    figures.push({ count, perSecond, writeMs });
    log(`${count} rows`);
  }
  await client.end();
  await profile.close();
  return figures;
};

const measureByCustomData = async (stack, log) => {
  const profile = createProfileClient(stack.service.url, stack.users[0]);
  const figures = [];
  for (const bytes of [100, 1_000, 10_000, 100_000]) {
    await profile.patch({ preferences: { blob: 'x'.repeat(bytes) } });
    const readMs = median(await measureEach(200, profile.get));
    const writeMs = median(await measureEach(50, (turn) => profile.patch({ preferences: { turn } })));
    figures.push({ bytes, readMs, writeMs });
    log(`${bytes} bytes of custom data`);
  }
  await profile.patch({ preferences: null });
  await profile.close();
  return figures;
};

/** Starts a service with its own database for each catalogue, because catalogues have different fields. */
const measureByFields = async (stack, log) => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-fields-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const users = stack.users.slice(0, 32);
  const figures = [];
  for (const count of [10, 100, 1_000]) {
    const names = Array.from({ length: count }, (_, n) => `field${n + 1}`);
    const entry = { store: 'database', schema: { type: 'string', maxLength: 100 } };
    const catalogue = join(folder, `${count}-fields.yaml`);
    // JSON is YAML.
    await writeFile(catalogue, JSON.stringify({ fields: Object.fromEntries(names.map((name) => [name, entry])) }));
    const database = await createDatabase();
    const startWithFields = () => startService(stack.upstream, database, { PROFILE_FIELDS: catalogue });

    await (await startWithFields()).stop(); // creates the tables
    const starts = [];
    let service;
    for (let n = 0; n < 3; n += 1) {
      await service?.stop();
      service = await startWithFields();
      starts.push(service.readyMs);
    }
    for (const user of users) {
      const profile = createProfileClient(service.url, user);
      await profile.patch(Object.fromEntries(names.map((name) => [name, `The value of ${name}`])));
      await profile.close();
    }
    const { warm } = readers({ ...stack, service, users });
    await load({ ...warm, connections: users.length, seconds: 2 }); // warms up the new process
    const { perSecond } = await load({ ...warm, connections: users.length, seconds: SECONDS });
    const profile = createProfileClient(service.url, users[0]);
    const readMs = median(await measureEach(200, profile.get));
    const writeMs = median(await measureEach(100, (turn) => profile.patch({ field1: `Changed ${turn}` })));
    await profile.close();
    await service.stop();
    figures.push({ count, readyMs: median(starts), perSecond, readMs, writeMs });
    log(`${count} fields`);
  }
  return figures;
};

/**
 * Measures how start, reads and writes change as the data grows: the number of fields, all of them set; the size of the
 * user's custom data; the number of rows of other users.
 * @returns {Promise<{ fields: object[], customData: object[], rows: object[] }>}
 */
export const measureGrowth = async (stack, log) => ({
  fields: await measureByFields(stack, log),
  customData: await measureByCustomData(stack, log),
  rows: await measureByRows(stack, log),
});
