import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { caller, load, median, timeEach } from './load.mjs';
import { readers } from './scenarios.mjs';
import { atEnd } from './servers.mjs';
import { createDatabase, startService } from './stack.mjs';

const SECONDS = 3;

/** The profile of one user, over one connection. */
const profileOf = (url, { token }) => {
  const { request, close } = caller(url);
  const headers = { authorization: `Bearer ${token}` };
  return {
    get: () => request('GET', '/v1/profile', headers),
    patch: (body) => request('PATCH', '/v1/profile', headers, body),
    close,
  };
};

/** Rows that the service would have written for other users, in bulk. */
const fillRows = async (client, from, to) =>
  client.query(
    `insert into profile_user (user_id, fields, fields_version)
     select 'grown-' || n, jsonb_build_object('emergencyContact', jsonb_build_object('name', 'Contact ' || n)), 1
     from generate_series($1::int, $2::int) n on conflict do nothing`,
    [from, to],
  );

const byRows = async (stack, say) => {
  const { warm } = readers(stack);
  const profile = profileOf(stack.service.url, stack.users[0]);
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const figures = [];
  let filled = 0;
  for (const count of [10, 1_000, 100_000, 1_000_000]) {
    await fillRows(client, filled + 1, count);
    await client.query('analyze profile_user');
    filled = count;
    const { perSecond } = await load({ ...warm, connections: 32, seconds: SECONDS });
    const writeMs = median(await timeEach(200, (turn) => profile.patch({ nickname: `Grown ${count} ${turn}` })));
    figures.push({ count, perSecond, writeMs });
    say(`${count} rows`);
  }
  await client.end();
  await profile.close();
  return figures;
};

const byCustomData = async (stack, say) => {
  const profile = profileOf(stack.service.url, stack.users[0]);
  const figures = [];
  for (const bytes of [100, 1_000, 10_000, 100_000]) {
    await profile.patch({ preferences: { blob: 'x'.repeat(bytes) } });
    const readMs = median(await timeEach(200, profile.get));
    const writeMs = median(await timeEach(50, (turn) => profile.patch({ preferences: { turn } })));
    figures.push({ bytes, readMs, writeMs });
    say(`${bytes} bytes of custom data`);
  }
  await profile.patch({ preferences: null });
  await profile.close();
  return figures;
};

/** A service of its own for each catalogue, on a database of its own: the fields of one are none of the others'. */
const byFields = async (stack, say) => {
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
    const begin = () => startService(stack.upstream, database, { PROFILE_FIELDS: catalogue });

    await (await begin()).stop(); // makes the tables
    const starts = [];
    let service;
    for (let n = 0; n < 3; n += 1) {
      await service?.stop();
      service = await begin();
      starts.push(service.readyMs);
    }
    for (const user of users) {
      const profile = profileOf(service.url, user);
      await profile.patch(Object.fromEntries(names.map((name) => [name, `The value of ${name}`])));
      await profile.close();
    }
    const { warm } = readers({ ...stack, service, users });
    await load({ ...warm, connections: users.length, seconds: 2 }); // warm up: this process is new
    const { perSecond } = await load({ ...warm, connections: users.length, seconds: SECONDS });
    const profile = profileOf(service.url, users[0]);
    const readMs = median(await timeEach(200, profile.get));
    const writeMs = median(await timeEach(100, (turn) => profile.patch({ field1: `Changed ${turn}` })));
    await profile.close();
    await service.stop();
    figures.push({ count, readyMs: median(starts), perSecond, readMs, writeMs });
    say(`${count} fields`);
  }
  return figures;
};

/**
 * How starting, reading and writing change as the data grows: fields of the catalogue, all of them set; the size of a
 * user's own custom data; rows of other users.
 * @returns {Promise<{ fields: object[], customData: object[], rows: object[] }>}
 */
export const growth = async (stack, say) => ({
  fields: await byFields(stack, say),
  customData: await byCustomData(stack, say),
  rows: await byRows(stack, say),
});
