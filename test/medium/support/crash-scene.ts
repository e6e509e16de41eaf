import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDevLogto, type DevLogto } from '../../../dev-logto/src/index.js';
import { sameJson, type Json, type JsonObject } from '../../../src/platform/json/json.js';
import { extentOf, needsProof, storedDocument } from './changes.js';
import { createPostgresDatabase } from './postgres.js';
import { ServiceProcess, type HttpAnswer } from './service-process.js';

/** Of every user of an attempt. */
export const OLD_PASSWORD = 'Str0ng-Passw0rd!x';

/** One attempt of a client, and what it knows of it. */
export interface Attempt {
  readonly id: string;
  readonly token: string;
  readonly patch: JsonObject;
  readonly headers: Record<string, string>;
  readonly before: Record<string, Json>;
}

export interface LateCall {
  /** Waits for its effect, but not for ever: Logto may have given it up together with its caller. */
  landed(atMostMs: number): Promise<void>;
}

/** A Logto, a database that outlives the service, and the service, which may be killed and started again. */
export class CrashScene {
  service!: ServiceProcess;
  private users = 0;

  private constructor(
    readonly logto: DevLogto,
    private readonly environment: Record<string, string>,
    private readonly clean: () => Promise<void>,
  ) {}

  /** @param more variables of the service */
  static async open(
    on: 'PGlite' | 'PostgreSQL',
    timeoutMs: number,
    more: Record<string, string> = {},
  ): Promise<CrashScene | undefined> {
    const postgres = on === 'PostgreSQL' ? await createPostgresDatabase() : undefined;
    if (on === 'PostgreSQL' && !postgres) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'crash-'));
    const logto = await startDevLogto({ port: 0 });
    ServiceProcess.build();
    const scene = new CrashScene(
      logto,
      {
        ...(postgres ? { DATABASE_URL: postgres.url } : { DATABASE_FOLDER: folder }),
        DEV_LOGTO_PORT: new URL(logto.endpoint).port,
        ALLOWED_CLIENT_IDS: 'profile-page',
        UPSTREAM_TIMEOUT_MS: String(timeoutMs),
        UPSTREAM_CONNECTIONS: '200',
        FIELD_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64url')}`,
        ...more,
      },
      async () => {
        await logto.stop();
        await postgres?.drop();
        rmSync(folder, { recursive: true, force: true });
      },
    );
    await scene.start();
    return scene;
  }

  async start(): Promise<void> {
    this.service = await ServiceProcess.start(this.environment);
  }

  async close(): Promise<void> {
    await this.service.kill();
    await this.clean();
  }

  /** A user with values in every store, about to change some of them. */
  async attempt(change: (n: number) => JsonObject): Promise<Attempt> {
    const n = ++this.users;
    const { tenant, passwords } = this.logto;
    const { id } = await tenant.addSeedUser({ username: `old${n}`, password: OLD_PASSWORD }, passwords.hash);
    const token = await this.logto.issueToken(id);
    const first = { nickname: 'Old', preferences: { old: true }, shippingAddress: { locality: 'Old' } };
    await this.service.request('PATCH', '/v1/profile', token, { body: first });
    const patch = change(n);
    const headers: Record<string, string> = { 'idempotency-key': `key-${n}` };
    if (needsProof(patch)) {
      const proof = await this.service.request('POST', '/v1/password/verify', token, {
        body: { password: OLD_PASSWORD },
      });
      headers['verification-id'] = proof!.body.verificationId as string;
    }
    return { id, token, patch, headers, before: await this.read(token) };
  }

  send({ token, patch, headers }: Attempt): Promise<HttpAnswer | undefined> {
    return this.service.request('PATCH', '/v1/profile', token, { body: patch, headers });
  }

  /** A call to Logto that comes and has its effect late: resolves once it has come, or the change was answered without. */
  async lateCall(operation: string, { id }: Attempt, answer: Promise<unknown>): Promise<LateCall> {
    let answered = false;
    void answer.then(() => (answered = true));
    while (!answered && this.logto.calls.count(operation) === 0) await delay(5);
    const present = () => JSON.stringify(this.logto.tenant.users.get(id));
    const [came, before] = [this.logto.calls.count(operation) > 0, present()];
    return {
      async landed(atMostMs) {
        for (let waited = 0; came && present() === before && waited < atMostMs; waited += 10) await delay(10);
      },
    };
  }

  async anythingPending(): Promise<boolean> {
    return (await this.service.query('select 1 from profile_user where pending is not null')).length > 0;
  }

  /** What is wrong now that everything had its time, if anything. The client then sends its change again. */
  async faultOf(attempt: Attempt, answer: HttpAnswer | undefined): Promise<string | undefined> {
    const { id, token, patch, headers, before } = attempt;
    const after = await this.read(token);
    const extent = extentOf(patch, before, after);
    if (extent === 'a part') return `half of it is shown: ${JSON.stringify(after)}`;
    if (answer?.status === 200 && extent !== 'all') return 'an answered change is gone';
    const refused =
      answer !== undefined && answer.status >= 400 && (answer.body as { outcome?: string }).outcome !== 'unknown';
    if (refused && extent !== 'nothing') return `a change refused with ${answer.status} was made`;

    const [row] = await this.service.query<{ fields: Record<string, Json>; pending: unknown; leased: boolean | null }>(
      `select fields, pending, lease_until > clock_timestamp() as leased from profile_user where user_id = '${id}'`,
    );
    if (row?.pending || row?.leased) return 'something is still pending';
    const stored = storedDocument(this.logto.tenant.users.get(id)! as never, row!.fields);
    for (const [name, value] of Object.entries(stored)) {
      if (!sameJson(value, after[name])) return `the stores differ in ${name}`;
    }
    const keys = await this.service.query(`select 1 from idempotency_key where user_id = '${id}'`);
    if (keys.length !== (extent === 'all' ? 1 : 0)) return 'the idempotency key and the change are not of one piece';
    const proofs = await this.service.query<{ used: boolean }>(
      `select used_at is not null as used from verification_record where user_id = '${id}'`,
    );
    if (proofs.some(({ used }) => used !== (extent === 'all'))) return 'the proof and the change are not of one piece';

    const again = await this.service.request('PATCH', '/v1/profile', token, { body: patch, headers });
    if (again?.status !== 200) return `sent again it was answered ${again?.status} ${JSON.stringify(again?.body)}`;
    if (extentOf(patch, before, await this.read(token)) !== 'all') return 'sent again it was not made';
    return undefined;
  }

  private async read(token: string): Promise<Record<string, Json>> {
    const answer = await this.service.request('GET', '/v1/profile', token, {
      headers: { 'cache-control': 'no-cache' },
    });
    if (answer?.status !== 200) throw new Error(`The profile cannot be read: ${JSON.stringify(answer)}`);
    return answer.body as Record<string, Json>;
  }
}
