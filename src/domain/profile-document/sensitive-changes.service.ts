import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { Json } from '../../platform/json/json.js';
import { valueOf } from '../fields/catalogue/catalogue-field.js';
import { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { EncryptedValue } from '../fields/encryption/encrypted-value.js';
import { FieldCipherService } from '../fields/encryption/field-cipher.service.js';
import type { StoredValue, UserState } from '../fields/user-state.js';
import type { ChangePlan, SensitiveMerge, FieldChange } from './change-plan.js';
import { mergePatch } from './merge-patch.js';

/** The steps of a change that decrypt and encrypt values. They come after the proof, so that nothing is learned without one. */
@Injectable()
export class SensitiveChangesService {
  constructor(
    private readonly catalogue: FieldCatalogue,
    private readonly cipher: FieldCipherService,
  ) {}

  /**
   * All changes of a plan, with the merges applied to the stored values.
   * @throws ProblemError `validation_failed` if a merged value breaks the field's rules
   */
  async merge({ changes, merges }: ChangePlan, state: UserState): Promise<FieldChange[]> {
    const merged = await Promise.all(merges.map((merge) => this.mergeOne(merge, state)));
    const errors = merged.flatMap(({ field: { name }, value, present }) =>
      this.catalogue.validate({ [name]: value }, { [name]: present }),
    );
    if (errors.length > 0) throw new ProblemError('validation_failed', { errors });
    return [...changes, ...merged.map(({ field, value }) => ({ field, value }))];
  }

  /** The changes with sensitive values encrypted, for this user and field only. */
  encrypt(changes: readonly FieldChange[], userId: string): Promise<FieldChange<StoredValue>[]> {
    return Promise.all(
      changes.map(async ({ field, value }) => {
        if (!field.sensitive || value === null) return { field, value };
        const jwe = await this.cipher.encrypt(value, { userId, field: field.name });
        return { field, value: new EncryptedValue(jwe, this.catalogue.mask(field.name, value)) };
      }),
    );
  }

  private async mergeOne(
    { field, patch }: SensitiveMerge,
    state: UserState,
  ): Promise<FieldChange & { readonly present: Json }> {
    const stored = valueOf(field, state);
    const owner = { userId: state.user.id, field: field.name };
    const present = stored instanceof EncryptedValue ? await this.cipher.decrypt(stored.jwe, owner) : stored;
    return { field, value: mergePatch(present, patch), present };
  }
}
