import { Injectable } from '@nestjs/common';
import { FieldCipherService } from '../fields/encryption/field-cipher.service.js';
import type { SealedValue, StoredValue } from '../../platform/database/schema.js';
import { ProblemError, type FieldError } from '../../platform/errors/problem-error.js';
import { jsonPointer } from '../../platform/json/json-pointer.js';
import { isObject, sameJson, type Json, type JsonObject } from '../../platform/json/json.js';
import { canonicalAddress, sameAddress, type AddressKind } from '../proofs/address.js';
import type { CatalogueField } from '../fields/catalogue/catalogue-field.js';
import { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { allowsType } from '../fields/catalogue/schema-types.js';
import { planChanges, type ChangePlan, type FieldChange } from './change-plan.js';
import { IdentifierRulesService } from './identifier-rules.service.js';
import { mergePatch } from './merge-patch.js';
import { isSealed, valueOf, type UserState } from '../fields/user-state.js';

/** Logto responds 404 to bodies over 1 MB, so all custom data together stays well below, in bytes of UTF-8. */
const MAX_CUSTOM_DATA_BYTES = 900_000;

const ADDRESSES: Readonly<Record<string, AddressKind>> = { primaryEmail: 'email', primaryPhone: 'phone' };

/** Turns a patch into a change of each store, once everything is checked that can be without trying it. */
@Injectable()
export class ChangePlanner {
  constructor(
    private readonly catalogue: FieldCatalogue,
    private readonly cipher: FieldCipherService,
    private readonly identifiers: IdentifierRulesService,
  ) {}

  /**
   * @param knows whether the document that is patched has the field
   * @throws ProblemError `field_not_writable`, else `validation_failed` with each fault, else `last_identifier`
   */
  async plan(state: UserState, patch: JsonObject, knows: (field: CatalogueField) => boolean): Promise<ChangePlan> {
    const errors: FieldError[] = [];
    const refused: string[] = [];
    const changes: FieldChange[] = [];
    for (const [name, patched] of Object.entries(patch)) {
      const field = this.catalogue.fields.get(name);
      if (name === 'id') {
        if (patched !== state.user.id) refused.push(name);
      } else if (!field || field.access === 'hidden' || !knows(field)) errors.push(unknownField(name));
      else {
        const { fault, value = null } = await this.result(field, patched, state);
        const changed = fault !== undefined || differs(field, value, state);
        if (changed && field.access === 'read') refused.push(name);
        else if (fault) errors.push(fault);
        else if (changed) changes.push({ field, value });
      }
    }
    const alreadySet = changes.filter(({ field }) => field.access === 'write-once' && valueOf(field, state) !== null);
    refused.push(...alreadySet.map(({ field }) => field.name));
    if (refused.length > 0) throw notWritable(refused);

    const plan = planChanges(changes, state);
    errors.push(...this.catalogue.validate(Object.fromEntries(changes.map(({ field, value }) => [field.name, value]))));
    errors.push(...tooMuchCustomData(state, plan), ...(await this.identifiers.faults(plan, errors)));
    if (errors.length > 0) throw new ProblemError('validation_failed', { errors });
    await this.identifiers.keepOne(state.user, plan);
    return plan;
  }

  /** The database's values as they are kept: sensitive ones encrypted, for this user and field only, with their mask. */
  async toStored(userId: string, set: Readonly<Record<string, Json>>): Promise<Record<string, StoredValue>> {
    const entries = Object.entries(set).map(async ([name, value]) => {
      if (value === null || !this.catalogue.fields.get(name)?.sensitive) return [name, value] as const;
      const $sealed = await this.cipher.seal(value, { userId, field: name });
      return [name, { $sealed, $mask: this.catalogue.mask(name, value) } satisfies SealedValue] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The value that the patch makes of the field's present one. */
  private async result(
    field: CatalogueField,
    patched: Json,
    state: UserState,
  ): Promise<{ value: Json; fault?: undefined } | { value?: undefined; fault: FieldError }> {
    const kind = ADDRESSES[field.name];
    if (kind && typeof patched === 'string') {
      const address = canonicalAddress(kind, patched, jsonPointer(field.name));
      return typeof address === 'string' ? { value: address } : { fault: address };
    }
    const stored = valueOf(field, state);
    // Only an object is merged; anything else replaces what is there, which then need not be opened.
    const present =
      isSealed(stored) && isObject(patched)
        ? await this.cipher.open(stored.$sealed, { userId: state.user.id, field: field.name })
        : (stored as Json);
    const value = mergePatch(present, patched);
    return { value: field.store === 'logto' && isEmptyClaim(field, value) ? null : value };
  }
}

/**
 * Whether it is an object claim without members, which says nothing and is left out (OpenID Connect Core section 5.3.2).
 * For a text field an empty object is a value of the wrong type: it must not clear the text.
 */
const isEmptyClaim = ({ schema }: CatalogueField, value: Json): boolean =>
  allowsType(schema, 'object') && isObject(value) && Object.keys(value).length === 0;

/**
 * Whether the value is another than the present one. A sensitive value counts as another whatever it is: if it could be
 * had without a proof, "no change" would confirm a guess to a thief of the token.
 */
function differs(field: CatalogueField, value: Json, state: UserState): boolean {
  const present = valueOf(field, state);
  if (field.sensitive && value !== null) return true;
  const kind = ADDRESSES[field.name];
  if (kind && typeof present === 'string' && typeof value === 'string') return !sameAddress(kind, present, value);
  return !sameJson(present as Json, value);
}

function tooMuchCustomData({ user }: UserState, { logto: { customData } }: ChangePlan): FieldError[] {
  const names = Object.keys(customData).filter((name) => customData[name] !== null);
  if (names.length === 0) return [];
  if (Buffer.byteLength(JSON.stringify({ ...user.customData, ...customData })) <= MAX_CUSTOM_DATA_BYTES) return [];
  const params = { max: MAX_CUSTOM_DATA_BYTES, of: 'customData' } as const;
  return names.map((name) => ({ pointer: jsonPointer(name), code: 'too_large', params }));
}

function notWritable(names: readonly string[]): ProblemError {
  return new ProblemError('field_not_writable', {
    errors: names.map((name) => ({ pointer: jsonPointer(name), code: 'field_not_writable' })),
  });
}

const unknownField = (name: string): FieldError => ({
  pointer: jsonPointer(name),
  code: 'unknown_field',
});
