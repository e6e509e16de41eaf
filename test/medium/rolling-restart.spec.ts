import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { startService, type Server } from '../long/servers.mjs';
import { createPostgresDatabase } from './support/postgres.js';

const MAIN_FILE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const CLIENTS = 8;
const PROBE_INTERVAL_MS = 100;
/** Far more than the balancer needs to notice, even on a busy machine. */
const SHUTDOWN_DELAY_MS = '4000';

const postgres = await createPostgresDatabase();

/** A replica as a load balancer sees it. Connections are kept open, and closed after a response with `Connection: close`. */
interface Replica {
  readonly service: Server;
  readonly agent: Agent;
  isReady: boolean;
}

/** Sends a request. @returns its status, or the code of the error */
async function send({ service, agent }: Replica, path: string, token?: string, name?: string) {
  const sent = request(`${service.url}${path}`, {
    agent,
    method: name === undefined ? 'GET' : 'PATCH',
    headers: { ...(token && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
  });
  sent.end(name && JSON.stringify({ name, shippingAddress: { locality: name } }));
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await text(response);
    return { outcome: response.statusCode, closes: response.headers.connection === 'close' };
  } catch (error) {
    return { outcome: (error as NodeJS.ErrnoException).code, closes: true };
  }
}

// A short run of test/long/rolling-restart.mjs, with a load balancer of its own.
(postgres && existsSync(MAIN_FILE) ? describe : describe.skip)('a rolling restart', () => {
  let logto: DevLogto;
  let replicas: Replica[] = [];
  beforeAll(async () => {
    logto = await startDevLogto({ port: 0 });
    replicas = await Promise.all([startReplica(), startReplica()]);
  }, 60_000);
  afterAll(async () => {
    for (const { agent } of replicas) agent.destroy();
    await Promise.all(replicas.map(({ service }) => service.stop()));
    await logto.stop();
    await postgres!.drop();
  });

  const startReplica = async () => {
    const service = await startService({
      DATABASE_URL: postgres!.url,
      DEV_LOGTO_PORT: new URL(logto.endpoint).port,
      LOG_LEVEL: 'error',
      LIMIT_REQUEST_BURST: '1000000',
      SHUTDOWN_DELAY_MS,
    });
    return { service, agent: new Agent({ keepAlive: true }), isReady: true };
  };

  it('fails no request of clients behind a load balancer that probes readiness', async () => {
    let isStopped = false;
    const outcomes: Record<string, number> = {};
    let closedConnections = 0;

    const probe = async () => {
      while (!isStopped) {
        for (const replica of replicas) replica.isReady = (await send(replica, '/health/ready')).outcome === 200;
        await delay(PROBE_INTERVAL_MS);
      }
    };
    const runClient = async (username: string) => {
      const token = await logto.issueToken(username);
      for (let n = 0; !isStopped; n += 1) {
        const ready = replicas.filter(({ isReady }) => isReady);
        const replica = ready[n % ready.length];
        if (!replica) {
          await delay(PROBE_INTERVAL_MS);
          continue;
        }
        const isWrite = n % 2 === 1;
        const { outcome, closes } = await send(replica, '/v1/profile', token, isWrite ? `Name ${n}` : undefined);
        outcomes[`${outcome}`] = (outcomes[`${outcome}`] ?? 0) + 1;
        if (closes) closedConnections += 1;
      }
    };
    const usernames = Array.from({ length: CLIENTS }, (_, index) => `rolling${index}`);
    for (const username of usernames) logto.tenant.addUser({ username });
    const running = Promise.all([probe(), ...usernames.map(runClient)]);

    for (const index of [0, 1]) {
      const { service, agent } = replicas[index]!;
      const { child } = service;
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
      agent.destroy();
      replicas[index] = await startReplica();
    }
    isStopped = true;
    await running;
    expect(outcomes).toEqual({ 200: expect.any(Number) });
    expect(closedConnections).toBeGreaterThan(0);
  }, 120_000);
});
