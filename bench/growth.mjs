import { Agent, request } from 'undici';
import pg from 'pg';
import { load, median, timeEach } from './load.mjs';
import { readers } from './scenarios.mjs';

/** Rows that the service would have written for other users, in bulk. */
const fillRows = async (client, from, to) =>
  client.query(
    `insert into profile_user (user_id, fields, fields_version)
     select 'grown-' || n, jsonb_build_object('emergencyContact', jsonb_build_object('name', 'Contact ' || n)), 1
     from generate_series($1::int, $2::int) n on conflict do nothing`,
    [from, to],
  );

/**
 * How reading and writing change as the data grows: rows of other users, and the size of a user's own custom data.
 * @returns {Promise<{ rows: object[], customData: object[] }>}
 */
export const growth = async (stack, say) => {
  const { warm } = readers(stack);
  const dispatcher = new Agent({ connections: 1 });
  const [{ token }] = stack.users;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const call = async (method, body, more = {}) => {
    const answer = await request(`${stack.service.url}/v1/profile`, {
      dispatcher,
      method,
      headers: { ...headers, ...more },
      body: body && JSON.stringify(body),
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`${method} /v1/profile: ${answer.statusCode}`);
  };

  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const rows = [];
  let filled = 0;
  for (const count of [10, 1_000, 100_000, 1_000_000]) {
    await fillRows(client, filled + 1, count);
    await client.query('analyze profile_user');
    filled = count;
    const { perSecond } = await load({ ...warm, connections: 32, seconds: 3 });
    const writeMs = median(await timeEach(200, (turn) => call('PATCH', { nickname: `Grown ${count} ${turn}` })));
    rows.push({ count, perSecond, writeMs });
    say(`${count} rows`);
  }
  await client.end();

  const customData = [];
  for (const bytes of [100, 1_000, 10_000, 100_000]) {
    await call('PATCH', { preferences: { blob: 'x'.repeat(bytes) } });
    const readMs = median(await timeEach(200, () => call('GET')));
    const writeMs = median(await timeEach(50, (turn) => call('PATCH', { preferences: { turn } })));
    customData.push({ bytes, readMs, writeMs });
    say(`${bytes} bytes of custom data`);
  }
  await call('PATCH', { preferences: null });
  await dispatcher.close();
  return { rows, customData };
};
