import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import type { Caller } from '../auth/caller.js';
import { Database } from '../database/database.js';
import { FieldCipher } from '../database/field-cipher.js';
import { activity } from '../database/schema.js';
import { ProblemError } from '../errors/problem-error.js';
import { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { UserStateReader } from '../fields/user-state-reader.service.js';
import { isSealed, valueOf } from '../fields/user-state.js';
import { ProofService } from '../proofs/proof.service.js';
import type { Json } from '../json/json.js';

export interface RevealedValue {
  /** As the field is defined; null when it is unset. */
  readonly value: Json;
}

/** Shows a sensitive value to its owner. */
@Injectable()
export class RevealService {
  constructor(
    private readonly catalogue: FieldCatalogue,
    private readonly states: UserStateReader,
    private readonly proofs: ProofService,
    private readonly database: Database,
    private readonly cipher: FieldCipher,
  ) {}

  /** Uses a proof of identity up. Throws `not_found` for what is no sensitive field, `step_up_required`. */
  async reveal(caller: Caller, name: string, proofIds: readonly string[]): Promise<RevealedValue> {
    const { userId, clientId } = caller;
    const state = await this.states.read(userId, { fresh: true });
    const field = this.catalogue.readable().find((each) => each.sensitive && each.name === name);
    if (!field) throw new ProblemError('not_found');
    const proof = await this.proofs.select(caller, proofIds, { identity: true }, state.user);
    const stored = valueOf(field, state);
    const value = isSealed(stored) ? await this.cipher.open(stored.$sealed, { userId, field: name }) : stored;
    await this.database.db.transaction(async (tx) => {
      await this.proofs.take(tx, proof);
      await tx
        .insert(activity)
        .values({ userId, clientId, at: sql`clock_timestamp()`, action: 'field_revealed', fields: [name] });
    });
    return { value: value as Json };
  }
}
