import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { LocalLogto, type Reply } from '../../../test/support/local-logto.js';
import { logtoResponses } from '../../../test/support/logto-responses.js';
import { createManagementApi } from '../../../test/support/management-api.js';
import { ManagementApiService } from './management-api.service.js';

const USER = logtoResponses['user get: only a name']!;
const { id } = USER.body as { id: string };

let logto: LocalLogto;
let module: TestingModule;
let api: ManagementApiService;

beforeEach(async () => {
  logto = await LocalLogto.start();
  const upstream = { timeoutMs: 2_000, deadlineMs: 2_000, connections: 1 };
  module = await createManagementApi({ endpoint: logto.endpoint, upstream });
  api = module.get(ManagementApiService);
});
afterEach(async () => {
  await module.close();
  await logto.stop();
});

/** Counts what a guard is called for. */
const createGuard = (maySend = () => true) => {
  const guard = {
    sent: 0,
    responses: 0,
    maySend: () => maySend() && (guard.sent += 1) > 0,
    onResponse: () => void (guard.responses += 1),
  };
  return guard;
};

describe('a call with a send guard', () => {
  it('is not sent if the guard forbids it when a connection is free at last', async () => {
    let release!: (reply: Reply) => void;
    logto.reply = ({ method }) => (method === 'GET' ? new Promise((resolve) => (release = resolve)) : USER);
    let isAllowed = true;
    const occupying = api.hasPassword(id);
    while (logto.calls.length === 0) await new Promise(setImmediate);
    const guarded = api.updateUser(
      id,
      { name: 'x' },
      createGuard(() => isAllowed),
    );
    guarded.catch(() => undefined);
    await new Promise(setImmediate);
    isAllowed = false;
    release({ status: 200, body: { hasPassword: true } });
    await occupying;
    await expect(guarded).rejects.toMatchObject({ code: 'overloaded', outcome: 'not_sent' });
    expect(logto.calls.map(({ method }) => method)).toEqual(['GET']);
    // The connection stays usable.
    logto.reply = () => USER;
    expect(await api.updateUser(id, { name: 'x' }, createGuard())).toMatchObject({ id });
  });

  it.each<[string, Reply, number]>([
    ['success', USER, 1],
    ['a rejection', { status: 422, body: { code: 'user.invalid_phone' } }, 1],
    ['500', { status: 500 }, 1],
    ['502 of a gateway', { status: 502 }, 0],
    ['504 of a gateway', { status: 504 }, 0],
    ['a broken connection', 'drop', 0],
    ['no response in time', 'hang', 0],
  ])('reports that Logto has responded, and not only a gateway: %s', async (_what, reply, responses) => {
    logto.reply = () => reply;
    const guard = createGuard();
    await api.updateUser(id, { name: 'x' }, guard).catch(() => undefined);
    expect(guard).toMatchObject({ sent: 1, responses });
  });
});
