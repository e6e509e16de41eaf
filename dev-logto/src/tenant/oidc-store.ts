import type { Clock } from './clock.js';
import type { JsonObject } from './types.js';

export interface OidcRecord {
  payload: JsonObject;
  /** Milliseconds since the epoch. A record without it never expires. */
  expiresAt?: number;
}

/**
 * oidc-provider's records, keyed by model (`Session`, `Grant`, `AccessToken`, …) and id. The Management API
 * reads and deletes the same records.
 */
export class OidcStore {
  #models = new Map<string, Map<string, OidcRecord>>();

  constructor(private readonly clock: Clock) {}

  upsert(model: string, id: string, payload: JsonObject, expiresIn?: number): void {
    const records = this.#recordsOf(model);
    if (records.size % 1000 === 999) this.#dropExpired(records);
    const expiresAt = expiresIn === undefined ? undefined : this.clock.now() + expiresIn * 1000;
    records.set(id, { payload, expiresAt });
  }

  /** Returns the record, or undefined if it is missing or has expired. */
  find(model: string, id: string): OidcRecord | undefined {
    const record = this.#recordsOf(model).get(id);
    return record && this.#isLive(record) ? record : undefined;
  }

  /** Returns all unexpired records of a model, oldest first. */
  all(model: string): [id: string, record: OidcRecord][] {
    return [...this.#recordsOf(model)].filter(([, record]) => this.#isLive(record));
  }

  /** Returns the first unexpired record whose payload has these values. */
  findBy(model: string, match: JsonObject): [id: string, record: OidcRecord] | undefined {
    return this.all(model).find(([, { payload }]) =>
      Object.entries(match).every(([key, value]) => payload[key] === value),
    );
  }

  consume(model: string, id: string): void {
    const record = this.find(model, id);
    if (record) record.payload['consumed'] = this.clock.seconds();
  }

  destroy(model: string, id: string): void {
    this.#recordsOf(model).delete(id);
  }

  /** Deletes all tokens, codes and requests of a grant, but not the grant itself. */
  revokeByGrantId(grantId: string, except: readonly string[] = ['Session', 'Grant']): void {
    this.destroyWhere((model, payload) => !except.includes(model) && payload['grantId'] === grantId);
  }

  destroyWhere(matches: (model: string, payload: JsonObject) => boolean): void {
    for (const [model, records] of this.#models) {
      for (const [id, { payload }] of records) if (matches(model, payload)) records.delete(id);
    }
  }

  clear(): void {
    this.#models.clear();
  }

  toJSON(): JsonObject {
    return Object.fromEntries([...this.#models].map(([model, records]) => [model, Object.fromEntries(records)]));
  }

  restore(state: Record<string, Record<string, OidcRecord>>): void {
    this.#models = new Map(Object.entries(state).map(([model, records]) => [model, new Map(Object.entries(records))]));
  }

  #recordsOf(model: string): Map<string, OidcRecord> {
    let records = this.#models.get(model);
    if (!records) this.#models.set(model, (records = new Map()));
    return records;
  }

  #dropExpired(records: Map<string, OidcRecord>): void {
    for (const [id, record] of records) if (!this.#isLive(record)) records.delete(id);
  }

  #isLive(record: OidcRecord): boolean {
    return record.expiresAt === undefined || record.expiresAt > this.clock.now();
  }
}
