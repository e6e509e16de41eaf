import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDevLogto, type DevLogto } from '../../../dev-logto/src/index.js';
import { sameJson, type Json, type JsonObject } from '../../../src/platform/json/json.js';
import { buildStoredDocument, compareWithPatch, needsProof, type StoredRow } from './changes.js';
import { createPostgresDatabase } from './postgres.js';
import { ServiceProcess, type HttpResponse } from './service-process.js';

/** The initial password of every user. */
export const OLD_PASSWORD = 'Str0ng-Passw0rd!x';

/** The longest that a change may take to be completed after a crash, on a busy machine. */
const COMPLETION_MS = 30_000;

/** A prepared change, and the profile document before it. */
export interface Attempt {
  readonly id: string;
  readonly token: string;
  readonly patch: JsonObject;
  readonly headers: Record<string, string>;
  readonly before: Record<string, Json>;
}

export interface DelayedCall {
  /** Waits until Logto has applied the call, for at most `timeoutMs`: Logto may have dropped it when the caller was killed. */
  waitUntilApplied(timeoutMs: number): Promise<void>;
}

/** A service that can be killed and restarted, with a Logto and a database that continue to run. */
export class CrashHarness {
  service!: ServiceProcess;
  private userCount = 0;

  private constructor(
    readonly logto: DevLogto,
    private readonly environment: Record<string, string>,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  /**
   * @param extraEnvironment further environment variables of the service
   * @returns undefined without a PostgreSQL server
   */
  static async open(
    database: 'PGlite' | 'PostgreSQL',
    timeoutMs: number,
    extraEnvironment: Record<string, string> = {},
  ): Promise<CrashHarness | undefined> {
    const postgres = database === 'PostgreSQL' ? await createPostgresDatabase() : undefined;
    if (database === 'PostgreSQL' && !postgres) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'crash-'));
    const logto = await startDevLogto({ port: 0 });
    ServiceProcess.build();
    const harness = new CrashHarness(
      logto,
      {
        ...(postgres ? { DATABASE_URL: postgres.url } : { DATABASE_FOLDER: folder }),
        DEV_LOGTO_PORT: new URL(logto.endpoint).port,
        ALLOWED_CLIENT_IDS: 'profile-page',
        UPSTREAM_TIMEOUT_MS: String(timeoutMs),
        UPSTREAM_CONNECTIONS: '200',
        FIELD_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 'test key').toString('base64url')}`,
        ...extraEnvironment,
      },
      async () => {
        await logto.stop();
        await postgres?.drop();
        rmSync(folder, { recursive: true, force: true });
      },
    );
    await harness.start();
    return harness;
  }

  async start(): Promise<void> {
    this.service = await ServiceProcess.start(this.environment);
  }

  async close(): Promise<void> {
    await this.service.kill();
    await this.cleanUp();
  }

  /** Creates a user with values in every store, and prepares a change of some of them. */
  async prepareChange(change: (n: number) => JsonObject): Promise<Attempt> {
    const n = ++this.userCount;
    const { tenant, passwords } = this.logto;
    const { id } = await tenant.addSeedUser({ username: `old${n}`, password: OLD_PASSWORD }, passwords.hash);
    const token = await this.logto.issueToken(id);
    const initialValues = { nickname: 'Old', preferences: { old: true }, shippingAddress: { locality: 'Old' } };
    await this.service.request('PATCH', '/v1/profile', token, { body: initialValues });
    const patch = change(n);
    const headers: Record<string, string> = { 'idempotency-key': `key-${n}` };
    if (needsProof(patch)) Object.assign(headers, await this.createProof(token));
    return { id, token, patch, headers, before: await this.read(token) };
  }

  send({ token, patch, headers }: Attempt): Promise<HttpResponse | undefined> {
    return this.service.request('PATCH', '/v1/profile', token, { body: patch, headers });
  }

  /** Waits until Logto has received a call whose effect is delayed, or until the change is finished without that call. */
  async awaitCall(operation: string, { id }: Attempt, response: Promise<unknown>): Promise<DelayedCall> {
    let isFinished = false;
    void response.then(() => (isFinished = true));
    while (!isFinished && this.logto.calls.count(operation) === 0) await delay(5);
    const readUser = () => JSON.stringify(this.logto.tenant.users.get(id));
    const isReceived = this.logto.calls.count(operation) > 0;
    const before = readUser();
    return {
      async waitUntilApplied(timeoutMs) {
        for (let waited = 0; isReceived && readUser() === before && waited < timeoutMs; waited += 10) await delay(10);
      },
    };
  }

  async hasPendingChange(): Promise<boolean> {
    return (await this.service.query('select 1 from logto_profile.profile_user where pending is not null')).length > 0;
  }

  /** Checks the result of a change, then sends it again. @returns a description of the first inconsistency, if there is one */
  async findInconsistency(attempt: Attempt, response: HttpResponse | undefined): Promise<string | undefined> {
    const { id, token, patch, headers, before } = attempt;
    const row = await this.awaitCompletion(attempt);
    if (!row) return 'a change is still pending';
    const after = await this.read(token);
    const extent = compareWithPatch(patch, before, after);
    if (extent === 'part') return `the document contains a part of the change: ${JSON.stringify(after)}`;
    if (response?.status === 200 && extent !== 'all') return 'an acknowledged change is lost';

    const isRejected =
      response !== undefined && response.status >= 400 && (response.body as { outcome?: string }).outcome !== 'unknown';
    if (isRejected && extent !== 'none') return `a change rejected with ${response.status} was applied`;

    const stored = buildStoredDocument(this.logto.tenant.users.get(id)! as never, row);
    for (const [name, value] of Object.entries(stored)) {
      if (!sameJson(value, after[name])) return `the stores differ in ${name}`;
    }
    const keys = await this.service.query(`select 1 from logto_profile.idempotency_key where user_id = '${id}'`);
    if (keys.length !== (extent === 'all' ? 1 : 0))
      return 'the idempotency key and the change were not stored together';
    const proofs = await this.service.query<{ used: boolean }>(
      `select used_at is not null as used from logto_profile.verification_record where user_id = '${id}'`,
    );
    if (proofs.some(({ used }) => used !== (extent === 'all')))
      return 'the proof and the change were not stored together';

    // The proof of an applied change is consumed, and a replay needs a new one.
    const proof = extent === 'all' && needsProof(patch) ? await this.createProof(token) : {};
    const repeated = await this.service.request('PATCH', '/v1/profile', token, {
      body: patch,
      headers: { ...headers, ...proof },
    });
    if (repeated?.status !== 200)
      return `sent again, the change returned ${repeated?.status} ${JSON.stringify(repeated?.body)}`;
    if (compareWithPatch(patch, before, await this.read(token)) !== 'all')
      return 'sent again, the change was not applied';
    return undefined;
  }

  private async createProof(token: string): Promise<{ 'verification-id': string }> {
    const body = { password: OLD_PASSWORD };
    const response = await this.service.request('POST', '/v1/password/verify', token, { body });
    return { 'verification-id': response!.body.verificationId as string };
  }

  /** Reads the profile, which resumes an abandoned change, until none is pending: the background job may be resuming it already. */
  private async awaitCompletion({ id, token }: Attempt): Promise<StoredRow | undefined> {
    for (let waited = 0; waited < COMPLETION_MS; waited += 100) {
      await this.requestProfile(token);
      const [row] = await this.service.query<StoredRow & { pending: unknown; leased: boolean | null }>(
        `select fields, encrypted_fields as "encryptedFields", pending, lease_until > clock_timestamp() as leased
         from logto_profile.profile_user where user_id = '${id}'`,
      );
      if (row && !row.pending && !row.leased) return row;
      await delay(100);
    }
    return undefined;
  }

  private async read(token: string): Promise<Record<string, Json>> {
    const response = await this.requestProfile(token);
    if (response?.status !== 200) throw new Error(`The profile cannot be read: ${JSON.stringify(response)}`);
    return response.body as Record<string, Json>;
  }

  private requestProfile(token: string): Promise<HttpResponse | undefined> {
    return this.service.request('GET', '/v1/profile', token, { headers: { 'cache-control': 'no-cache' } });
  }
}
