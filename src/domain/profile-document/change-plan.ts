import { ProblemError, type FieldError } from '../../platform/errors/problem-error.js';
import { jsonPointer } from '../../platform/json/json-pointer.js';
import { isObject, sameJson, type Json, type JsonObject } from '../../platform/json/json.js';
import { valueOf, type CatalogueField } from '../fields/catalogue/catalogue-field.js';
import type { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { EncryptedValue } from '../fields/encryption/encrypted-value.js';
import type { StoredValue, UserState } from '../fields/user-state.js';
import { canonicalAddress, sameAddress, type AddressKind } from '../proofs/address.js';
import type { ProofNeed } from '../proofs/proof.service.js';
import { mergePatch } from './merge-patch.js';
import { isInDocument, type DocumentName } from './profile-document.js';
import { valuesByStore } from './values-by-store.js';

/** A field with its new value; null clears it. */
export interface FieldChange<Value extends StoredValue = Json> {
  readonly field: CatalogueField;
  readonly value: Value;
}

/** A patch of a sensitive object. The result depends on the stored value, which is used only after a proof. */
export interface SensitiveMerge {
  readonly field: CatalogueField;
  readonly patch: JsonObject;
}

export interface ChangePlan {
  readonly changes: readonly FieldChange[];
  readonly merges: readonly SensitiveMerge[];
  /** What is wrong with the patch. */
  readonly errors: readonly FieldError[];
}

const ADDRESSES: Readonly<Record<string, AddressKind>> = { primaryEmail: 'email', primaryPhone: 'phone' };

/**
 * Turns a patch into changes of fields, and checks everything that depends only on the patch and on values that are not encrypted.
 * @param document the one that is patched
 * @throws ProblemError `field_not_writable`
 */
export function planChange(
  catalogue: FieldCatalogue,
  state: UserState,
  patch: JsonObject,
  document: DocumentName,
): ChangePlan {
  const errors: FieldError[] = [];
  const readOnly: string[] = [];
  const changes: FieldChange[] = [];
  const merges: SensitiveMerge[] = [];
  for (const [name, patched] of Object.entries(patch)) {
    const field = catalogue.fields.get(name);
    if (name === 'id') {
      if (patched !== state.user.id) readOnly.push(name);
    } else if (!field || field.access === 'hidden' || !isInDocument(document, field)) {
      errors.push({ pointer: jsonPointer(name), code: 'unknown_field' });
    } else if (!isStoredValue(field, patched, state)) {
      const result = resultOf(field, patched, state);
      if ('value' in result && !differs(field, result.value, state)) continue;
      const isSet = valueOf(field, state) !== null;
      if (field.access === 'read' || (field.access === 'write-once' && isSet)) readOnly.push(name);
      else if ('error' in result) errors.push(result.error);
      else if ('patch' in result) merges.push(result);
      else changes.push(result);
    }
  }
  if (readOnly.length > 0) throw notWritable(readOnly);

  const byName = (valueIn: (change: FieldChange) => StoredValue) =>
    Object.fromEntries(changes.map((change) => [change.field.name, valueIn(change)]));
  const stored = byName(({ field }) => valueOf(field, state));
  const plain = Object.entries(stored).filter(
    ([name, value]) => !(value instanceof EncryptedValue) && !catalogue.fields.get(name)!.sensitive,
  );
  errors.push(
    ...catalogue.validate(byName(({ value }) => value) as JsonObject, Object.fromEntries(plain) as JsonObject),
  );
  const { target } = valuesByStore(changes, state);
  for (const store of new Set(changes.map(({ field }) => field.store))) {
    errors.push(...(store.validate?.(target[store.name]!, state) ?? []));
  }
  return { changes, merges, errors };
}

/** The proofs that a plan needs: one for each new address, because a record proves one address. */
export function proofNeeds({ changes, merges }: ChangePlan): ProofNeed[] {
  const needsProof = ({ field }: { field: CatalogueField }) => field.proof !== 'none';
  const guarded = changes.filter(needsProof);
  if (guarded.length === 0 && !merges.some(needsProof)) return [];
  const addresses = guarded.filter(({ field, value }) => field.proof === 'identity-and-address' && value !== null);
  if (addresses.length === 0) return [{ identity: true }];
  return addresses.map(({ field, value }, index) => ({
    identity: index === 0,
    address: { kind: ADDRESSES[field.name]!, address: value as string },
  }));
}

/**
 * Whether a form sends back a text or another simple value as it is stored. That is no change, even if the value breaks a rule that is
 * younger than it is.
 */
const isStoredValue = (field: CatalogueField, patched: Json, state: UserState): boolean =>
  !field.sensitive && !isObject(patched) && patched !== null && sameJson(patched, valueOf(field, state) as Json);

/** The change of one field, if the patch is applied to it. */
function resultOf(
  field: CatalogueField,
  patched: Json,
  state: UserState,
): FieldChange | SensitiveMerge | { readonly error: FieldError } {
  const kind = ADDRESSES[field.name];
  if (kind && typeof patched === 'string') {
    const address = canonicalAddress(kind, patched, jsonPointer(field.name));
    return typeof address === 'string' ? { field, value: address } : { error: address };
  }
  const stored = valueOf(field, state);
  // A value that was stored before the field became sensitive may still be in clear.
  if (stored instanceof EncryptedValue || (field.sensitive && stored !== null)) {
    // Anything but an object replaces the value, which then need not be decrypted.
    return isObject(patched) ? { field, patch: patched } : { field, value: patched };
  }
  const value = mergePatch(stored, patched);
  return { field, value: field.store.normalize ? field.store.normalize(field, value) : value };
}

/**
 * Whether the value is a change. A sensitive value always is one: otherwise "no change" would confirm a guess to somebody who stole
 * the token, without a proof.
 */
function differs(field: CatalogueField, value: Json, state: UserState): boolean {
  if (field.sensitive && value !== null) return true;
  const present = valueOf(field, state);
  if (present instanceof EncryptedValue) return true;
  const kind = ADDRESSES[field.name];
  if (kind && typeof present === 'string' && typeof value === 'string') return !sameAddress(kind, present, value);
  return !sameJson(present, value);
}

function notWritable(names: readonly string[]): ProblemError {
  return new ProblemError('field_not_writable', {
    errors: names.map((name) => ({ pointer: jsonPointer(name), code: 'field_not_writable' })),
  });
}
