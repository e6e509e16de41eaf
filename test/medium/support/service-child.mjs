// Runs the service in a process that can stop changes at chosen crash points until it is killed.
// Bundled by build-service-child.mjs and started by service-process.ts, which talks to it over IPC.
import { Test } from '@nestjs/testing';
import pg from 'pg';
import { APP_OPTIONS, appParts, finishApp } from '../../../src/create-app.js';
import { Database } from '../../../src/platform/database/database.js';
import { RecoveryService } from '../../../src/domain/changes/recovery.service.js';
import { CrashPoints } from '../../../src/domain/changes/crash-points.js';

let app;
/** By user id: the crash point to stop at, and how many hits to ignore before. */
const stops = new Map();

const crashPoints = {
  hit(step, userId) {
    const stop = stops.get(userId);
    if (stop?.step !== step || stop.after-- > 0) return undefined;
    process.send({ stopped: userId });
    return new Promise(() => {}); // Never resolves: the process will be killed.
  },
};

/** After how many statements the next transaction waits, and the function that releases it. */
let holdAfter;
let release;

async function waitAfter(client, statements) {
  if (statements !== holdAfter) return;
  holdAfter = undefined;
  const released = new Promise((resolve) => (release = resolve));
  process.send({ held: client.processID });
  await released;
  // The response to a statement is lost with the connection.
  if (!client._queryable) throw new Error('The connection was lost.');
}

// A query with a callback comes from the pool itself, all others belong to a transaction.
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (config, values, callback) {
  if (callback) return query.call(this, config, values, callback);
  const run = async () => {
    if (config.text === 'begin') {
      this.statements = 0;
      await waitAfter(this, 0);
    }
    const result = await query.call(this, config, values);
    this.statements += 1;
    await waitAfter(this, this.statements);
    return result;
  };
  return run();
};

const commands = {
  async start(environment) {
    const { module, adapter, config } = await appParts(environment);
    const testing = await Test.createTestingModule({ imports: [module] })
      .overrideProvider(CrashPoints)
      .useValue(crashPoints)
      .compile();
    app = testing.createNestApplication(adapter, { ...APP_OPTIONS, logger: false });
    await finishApp(app, config);
    await app.listen({ host: '127.0.0.1', port: 0 });
    return app.getUrl();
  },
  stopAt({ userId, ...stop }) {
    stops.set(userId, stop);
  },
  holdTransaction(after) {
    holdAfter = after;
  },
  releaseTransaction: () => release(),
  async query(text) {
    return (await app.get(Database, { strict: false }).query({ text })).rows;
  },
  sweep: () => app.get(RecoveryService, { strict: false }).recoverAbandoned(),
};

process.on('message', async ({ id, command, argument }) => {
  try {
    process.send({ id, result: await commands[command](argument) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
