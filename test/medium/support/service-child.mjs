// Runs the service in a process that can stop changes at chosen crash points until it is killed.
// build-service-child.mjs bundles it. service-process.ts starts it and sends it commands over IPC.
import { Test } from '@nestjs/testing';
import pg from 'pg';
import { APP_OPTIONS, appParts, finishApp } from '../../../src/create-app.js';
import { Database } from '../../../src/platform/database/database.js';
import { RecoveryService } from '../../../src/domain/changes/recovery.service.js';
import { CrashPoints } from '../../../src/domain/changes/crash-points.js';

let app;
/** By user id: the crash point at which to stop, how many more hits of it to ignore first, and whether to pause the process instead. */
const stops = new Map();

const crashPoints = {
  hit(step, userId) {
    const stop = stops.get(userId);
    if (stop?.step !== step || stop.ignoredHits-- > 0) return undefined;
    process.send({ stopped: userId });
    if (stop.pauseMs) {
      stops.delete(userId);
      // Like a machine that is suspended: nothing in this process runs in the meantime.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stop.pauseMs);
      return undefined;
    }
    return new Promise(() => {}); // Never resolves: the process will be killed.
  },
};

/** The number of statements after which the next transaction waits. */
let holdAfter;
/** Releases the waiting transaction. */
let release;

async function waitIfHeld(client, statements) {
  if (statements !== holdAfter) return;
  holdAfter = undefined;
  const released = new Promise((resolve) => (release = resolve));
  process.send({ held: client.processID });
  await released;
  // The response to a statement is lost with the connection.
  if (!client._queryable) throw new Error('The connection was lost.');
}

// The pool itself passes a callback. Queries without one belong to a transaction.
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (config, values, callback) {
  if (callback) return query.call(this, config, values, callback);
  const run = async () => {
    if (config.text === 'begin') {
      this.statements = 0;
      await waitIfHeld(this, 0);
    }
    const result = await query.call(this, config, values);
    this.statements += 1;
    await waitIfHeld(this, this.statements);
    return result;
  };
  return run();
};

const commands = {
  async start(environment) {
    const { module, adapter, config } = await appParts(environment);
    const testingModule = await Test.createTestingModule({ imports: [module] })
      .overrideProvider(CrashPoints)
      .useValue(crashPoints)
      .compile();
    app = testingModule.createNestApplication(adapter, { ...APP_OPTIONS, logger: false });
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
  recoverAbandoned: () => app.get(RecoveryService, { strict: false }).recoverAbandoned(),
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
