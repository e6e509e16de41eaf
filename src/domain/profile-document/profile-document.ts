import { createHash } from 'node:crypto';
import { inOrder, type Json, type JsonObject } from '../../platform/json/json.js';
import { valueOf, type CatalogueField } from '../fields/catalogue/catalogue-field.js';
import type { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { EncryptedValue } from '../fields/encryption/encrypted-value.js';
import { isCustomData } from '../fields/stores/custom-data.store.js';
import type { UserState } from '../fields/user-state.js';

/** The document as sent to clients. */
export interface RenderedProfile {
  /** JSON. The ETag is a hash of this text. */
  readonly body: string;
  /** A strong entity tag (RFC 9110 section 8.8.3). */
  readonly etag: string;
}

/** The documents that can be read and patched: the profile, and its fields whose store is Logto's custom data. */
export type DocumentName = 'profile' | 'customData';

/** Whether a document has a field. */
export const isInDocument = (document: DocumentName, field: CatalogueField): boolean =>
  document === 'profile' || isCustomData(field);

/** A flat document: every readable field in the catalogue's order; the profile begins with `id`. */
export function documentOf(
  catalogue: FieldCatalogue,
  state: UserState,
  document: DocumentName = 'profile',
): JsonObject {
  const fields = catalogue.readable().filter((field) => isInDocument(document, field));
  return { ...(document === 'profile' && { id: state.user.id }), ...shown(catalogue, fields, state) };
}

/** The tag is a hash of the served text. Of a sensitive value it contains only the mask, and the version of the fields. */
export function renderProfile(catalogue: FieldCatalogue, state: UserState): RenderedProfile {
  const body = JSON.stringify(documentOf(catalogue, state));
  return { body, etag: `"${state.fieldsVersion}-${createHash('sha256').update(body).digest('hex')}"` };
}

const shown = (catalogue: FieldCatalogue, fields: CatalogueField[], state: UserState): JsonObject =>
  Object.fromEntries(fields.map((field) => [field.name, shownValue(catalogue, field, state)]));

function shownValue(catalogue: FieldCatalogue, field: CatalogueField, state: UserState): Json {
  const value = valueOf(field, state);
  if (value instanceof EncryptedValue) return { masked: value.mask };
  // It was stored before the field became sensitive.
  if (field.sensitive && value !== null) return { masked: catalogue.mask(field.name, value) };
  return inOrder(value);
}
