import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { ChangeWriter } from '../../domain/changes/change-writer.js';
import { UserLeaseService } from '../../domain/changes/user-lease.service.js';
import { valueOf } from '../../domain/fields/catalogue/catalogue-field.js';
import { FieldCatalogue } from '../../domain/fields/catalogue/field-catalogue.js';
import { EncryptedValue } from '../../domain/fields/encryption/encrypted-value.js';
import { FieldCipherService } from '../../domain/fields/encryption/field-cipher.service.js';
import { ProofService } from '../../domain/proofs/proof.service.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { Json } from '../../platform/json/json.js';

export interface RevealedValue {
  /** Of the type that the field defines; null if it is unset. */
  readonly value: Json;
}

/** Reveals a sensitive value to the user. */
@Injectable()
export class RevealService {
  constructor(
    private readonly catalogue: FieldCatalogue,
    private readonly userLeases: UserLeaseService,
    private readonly proofs: ProofService,
    private readonly writer: ChangeWriter,
    private readonly cipher: FieldCipherService,
  ) {}

  /**
   * Consumes a proof of identity, and therefore runs under the user's lease, like a change. Throws `not_found` for a
   * name that is not a sensitive field, and `step_up_required`.
   */
  reveal(caller: Caller, name: string, verificationIds: readonly string[]): Promise<RevealedValue> {
    const { userId, clientId } = caller;
    return this.userLeases.withLease(caller, async (lease, state) => {
      const field = this.catalogue.readable().find((each) => each.sensitive && each.name === name);
      if (!field) throw new ProblemError('not_found');
      const proof = await this.proofs.select(caller, verificationIds, { identity: true }, state.user);
      const stored = valueOf(field, state);
      const value =
        stored instanceof EncryptedValue ? await this.cipher.decrypt(stored.jwe, { userId, field: name }) : stored;
      await this.writer.writeRow(lease, { activity: { action: 'field_revealed', clientId, fields: [name] } }, [proof]);
      return { value };
    });
  }
}
