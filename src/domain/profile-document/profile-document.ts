import { createHash } from 'node:crypto';
import { inOrder, type Json, type JsonObject } from '../../platform/json/json.js';
import type { CatalogueField } from '../fields/catalogue/catalogue-field.js';
import type { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { isSealed, valueOf, type UserState } from '../fields/user-state.js';

/** An answer that shows the document. */
export interface ProfileAnswer {
  /** The document as JSON, as its ETag was made of. */
  readonly body: string;
  /** A strong entity tag (RFC 9110 section 8.8.3). */
  readonly etag: string;
}

/** The flat document: `id`, then every readable field in the catalogue's order. */
export function documentOf(catalogue: FieldCatalogue, state: UserState): JsonObject {
  return { id: state.user.id, ...shown(catalogue, catalogue.readable(), state) };
}

/** The part of the document that lives in Logto's custom data. */
export function customDataOf(catalogue: FieldCatalogue, state: UserState): JsonObject {
  return shown(catalogue, catalogue.readable().filter(isCustomData), state);
}

export const isCustomData = ({ store }: CatalogueField): boolean => store === 'customData';

/** The tag names what is served, masks included, so it tells nothing of what is hidden but that it was written. */
export function answerOf(document: JsonObject, fieldsVersion: number): ProfileAnswer {
  const body = JSON.stringify(document);
  return { body, etag: `"${fieldsVersion}-${createHash('sha256').update(body).digest('hex')}"` };
}

const shown = (catalogue: FieldCatalogue, fields: CatalogueField[], state: UserState): JsonObject =>
  Object.fromEntries(fields.map((field) => [field.name, shownValue(catalogue, field, state)]));

function shownValue(catalogue: FieldCatalogue, field: CatalogueField, state: UserState): Json {
  const value = valueOf(field, state);
  if (isSealed(value)) return { masked: value.$mask };
  // It was stored plain before the catalogue called it sensitive.
  if (field.sensitive && value !== null) return { masked: catalogue.mask(field.name, value) };
  return inOrder(value);
}
