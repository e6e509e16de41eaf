import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startDevLogto } from '../../dev-logto/dist/index.js';
import { startService } from '../long/servers.mjs';
import { FuzzUser, PASSWORD } from './user.mjs';
import { WriteLog } from './write-log.mjs';

const POSTGRES = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
/** Above what one user sends in a batch, so that most requests reach the logic behind the limits. */
const UNLIMITED = '1000000';

const query = async (text) => {
  const client = new pg.Client({ connectionString: POSTGRES });
  await client.connect();
  await client.query(text).finally(() => client.end());
};

/** Starts the development Logto in this process, so that its state can be read without a request, and two replicas of the service in others. */
export async function startWorld() {
  const name = `fuzz_${randomBytes(6).toString('hex')}`;
  await query(`create database ${name}`);
  const databaseUrl = Object.assign(new URL(POSTGRES), { pathname: `/${name}` }).href;
  const logto = await startDevLogto({ port: 0, raceWindow: () => Promise.resolve() });
  const webhookKey = randomBytes(16).toString('hex');
  const environment = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'fatal',
    LOGTO_ENDPOINT: logto.endpoint,
    LOGTO_M2M_APP_ID: 'm2m-profile-service',
    LOGTO_M2M_APP_SECRET: 'dev-only-m2m-secret',
    LOGTO_WEBHOOK_SIGNING_KEY: webhookKey,
    API_RESOURCE: 'https://profile.example/api',
    ALLOWED_CLIENT_IDS: 'profile-page',
    READ_SCOPES: 'read',
    WRITE_SCOPES: 'write',
    CORS_ORIGINS: 'https://page.example',
    DATABASE_URL: databaseUrl,
    FIELD_ENCRYPTION_KEYS: `fuzz:${randomBytes(32).toString('base64url')}`,
    LIMIT_REQUESTS_PER_MINUTE: UNLIMITED,
    LIMIT_REQUEST_BURST: UNLIMITED,
    LIMIT_PASSWORD_ATTEMPTS: UNLIMITED,
    LIMIT_PASSWORD_ATTEMPTS_PER_ADDRESS: UNLIMITED,
    LIMIT_CODE_SENDS_PER_USER: UNLIMITED,
    LIMIT_CODE_SENDS_PER_RECIPIENT: UNLIMITED,
    LIMIT_WRONG_CODES_PER_USER: UNLIMITED,
    LIMIT_WRONG_CODES_PER_RECIPIENT: UNLIMITED,
    LIMIT_TAKEN_IDENTIFIERS_PER_USER: UNLIMITED,
  };
  const services = [await startService(environment), await startService(environment)];
  const writes = new WriteLog(databaseUrl);
  await writes.start();

  let users = 0;
  const world = {
    logto,
    services,
    webhookKey,
    writes,
    passwordHash: await logto.passwords.hash(PASSWORD),
    nextUserId: () => `u${(users += 1).toString(36).padStart(11, '0')}`,
    /** Rejects when the service exits. */
    failed: new Promise((_, reject) => {
      for (const service of services) {
        service.child.once('exit', (code, signal) => {
          if (!service.stopping) reject(new Error(`The service exited with ${signal ?? code}:\n${service.output}`));
        });
      }
    }),
    async stop() {
      for (const service of services) await service.stop();
      await writes.stop();
      await logto.stop();
      await query(`drop database ${name} with (force)`);
    },
  };
  world.failed.catch(() => undefined);
  await addOther(world);
  return world;
}

/** Adds the user whose addresses, proofs and tokens the others try to use. */
async function addOther(world) {
  const { logto } = world;
  const other = new FuzzUser(world, world.nextUserId(), 1);
  world.rejectedTokens = new Map();
  await other.start();
  world.other = other.user;
  const issue = (options) => logto.issueToken(other.id, options);
  for (const kind of ['opaque', 'id', 'machine', 'other-audience', 'expired', 'organization-audience']) {
    world.rejectedTokens.set(kind, await issue({ kind }));
  }
  world.rejectedTokens.set('otherIssuer', await issue({ claims: { iss: 'https://evil.example/oidc' } }));
  world.rejectedTokens.set('junk', 'a.b.c');
  const { body } = await other.connection.send(
    other.encode({
      kind: 'request',
      method: 'POST',
      path: '/v1/password/verify',
      token: 'valid',
      headers: [],
      contentType: 'application/json',
      body: '{"password":"§password§"}',
      transport: 'plain',
    }),
  );
  world.otherProof = JSON.parse(body).verificationId;
}
