import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { createPostgresDatabase } from './support/postgres.js';
import { ServiceProcess } from './support/service-process.js';

const postgres = await createPostgresDatabase();

/** A lease lasts 3 s, and during a call for twice this timeout longer. */
const TIMEOUT_MS = 1_000;
/** Longer than that. */
const PAUSE_MS = 6_500;

/** Nothing here makes a lease expire, and each request is sent once: a change waits for an abandoned lease. */
(postgres ? describe : describe.skip)('the lease of a replica that', () => {
  let logto: DevLogto;
  let other: ServiceProcess;
  const environment = () => ({
    DATABASE_URL: postgres!.url,
    DEV_LOGTO_PORT: new URL(logto.endpoint).port,
    ALLOWED_CLIENT_IDS: 'profile-page',
    UPSTREAM_TIMEOUT_MS: String(TIMEOUT_MS),
    FIELD_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 'test key').toString('base64url')}`,
  });

  beforeAll(async () => {
    logto = await startDevLogto({ port: 0 });
    ServiceProcess.build();
    other = await ServiceProcess.start(environment());
  }, 120_000);
  afterAll(async () => {
    await other.kill();
    await logto.stop();
    await postgres!.drop();
  });

  let count = 0;
  async function createUser() {
    const { id } = await logto.tenant.addSeedUser({ username: `user${++count}` }, () => Promise.resolve(''));
    return { id, token: await logto.issueToken(id) };
  }
  const patch = (service: ServiceProcess, token: string, body: object) =>
    service.request('PATCH', '/v1/profile', token, { body });
  const profileOf = async (token: string) => (await other.request('GET', '/v1/profile', token))?.body;

  it('was killed is free soon: the next change waits for it and succeeds', async () => {
    const steps = ['leaseAcquired', 'userRead', 'pendingWritten', 'beforeCall', 'afterCall', 'beforeFinish'] as const;
    const replica = await ServiceProcess.start(environment());
    const changes = await Promise.all(
      steps.map(async (step) => {
        const user = await createUser();
        const { stopped } = await replica.stopAt(user.id, step, 1);
        const response = patch(replica, user.token, { name: 'Lost', shippingAddress: { country: 'DE' } });
        await stopped;
        return { step, user, response };
      }),
    );
    await replica.kill();
    const results = await Promise.all(
      changes.map(async ({ step, user, response }) => {
        expect(await response).toBeUndefined();
        const next = await patch(other, user.token, { name: 'Next' });
        return [step, next?.status, next?.body.name] as const;
      }),
    );
    expect(results).toEqual(steps.map((step) => [step, 200, 'Next']));
  }, 60_000);

  it('was paused writes nothing afterwards, if the user was changed in the meantime', async () => {
    const name = 'Stale';
    const shippingAddress = { country: 'DE' };
    const cases = [
      ['a single call', 'beforeCall', { name }],
      ['a call of a pending change', 'beforeCall', { name, shippingAddress }],
      ['recording a pending change', 'userRead', { name, shippingAddress }],
      ['writing to the row', 'beforeFinish', { shippingAddress }],
    ] as const;
    const newer = { name: 'Newer', shippingAddress: { country: 'AT' } };
    const results = await Promise.all(
      cases.map(async ([pausedBefore, step, body]) => {
        const { id, token } = await createUser();
        const replica = await ServiceProcess.start(environment());
        const { stopped } = await replica.pauseAt(id, step, PAUSE_MS);
        const stale = patch(replica, token, body);
        await stopped;
        const newerResponse = await patch(other, token, newer);
        const staleResponse = await stale;
        const after = await profileOf(token);
        await replica.kill();
        const { status, body: problem } = staleResponse!;
        return [
          pausedBefore,
          newerResponse?.status,
          status,
          problem.code,
          after?.name,
          after?.shippingAddress?.country,
        ];
      }),
    );
    expect(results).toEqual(cases.map(([pausedBefore]) => [pausedBefore, 200, 503, 'overloaded', 'Newer', 'AT']));
  }, 60_000);

  it('was paused is renewed if nobody changed the user in the meantime, and the change is completed', async () => {
    const { id, token } = await createUser();
    const replica = await ServiceProcess.start(environment());
    const { stopped } = await replica.pauseAt(id, 'userRead', PAUSE_MS);
    const late = patch(replica, token, { shippingAddress: { country: 'DE' } });
    await stopped;
    expect(await late).toMatchObject({ status: 200, body: { shippingAddress: { country: 'DE' } } });
    expect(await profileOf(token)).toMatchObject({ shippingAddress: { country: 'DE' } });
    await replica.kill();
  }, 60_000);
});
