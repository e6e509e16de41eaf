import { sameJson, type Json, type JsonObject } from '../../../src/platform/json/json.js';

type Document = Record<string, Json>;

/** Patches of the profile document that need more than one write. Each `n` gives other values. */
export const CHANGES: Record<string, (n: number) => JsonObject> = {
  'a call to Logto and the database': (n) => ({ name: `Name ${n}`, shippingAddress: { locality: `City ${n}` } }),
  'three calls and the database': (n) => ({
    name: `Name ${n}`,
    nickname: `Nick ${n}`,
    preferences: { n },
    shippingAddress: { locality: `City ${n}` },
  }),
  'three calls': (n) => ({ name: `Name ${n}`, nickname: `Nick ${n}`, preferences: { n, [`k${n % 3}`]: true } }),
  'a removed claim, custom data and the database': (n) => ({
    nickname: n % 2 ? null : `Nick ${n}`,
    middleName: n % 2 ? `Middle ${n}` : null,
    newsletter: n % 3 === 0 ? null : n % 3 === 1,
    emergencyContact: { name: `Friend ${n}` },
  }),
  'an identifier, a sensitive field and a proof': (n) => ({ username: `user${n}`, taxId: `DE${100_000_000 + n}` }),
  'a sensitive field alone, and a proof': (n) => ({ taxId: `DE${500_000_000 + n}` }),
};

export const needsProof = (patch: JsonObject): boolean => 'taxId' in patch;

/** Returns whether a document contains all of a patch, none of it, or a part of it. */
export function compareWithPatch(patch: JsonObject, before: Document, after: Document): 'all' | 'none' | 'part' {
  const names = Object.keys(patch);
  if (names.every((name) => sameJson(after[name], toShownValue(name, patch[name]!, before[name]!)))) return 'all';
  return names.every((name) => sameJson(after[name], before[name])) ? 'none' : 'part';
}

/** Returns the value that the document contains once the patch has been applied. */
function toShownValue(name: string, value: Json, before: Json): Json {
  if (name === 'taxId') return { masked: `•••• ${(value as string).slice(-4)}` };
  const isObject = typeof value === 'object' && value !== null;
  return isObject ? { ...(before as JsonObject | null), ...value } : value;
}

/** Builds a profile document from the two stores directly. It contains only the fields in CHANGES. */
export function buildStoredDocument(user: StoredUser, { fields, encryptedFields }: StoredRow): Document {
  const { shippingAddress = null, emergencyContact = null } = fields;
  const { taxId } = encryptedFields;
  return {
    username: user.username,
    name: user.name,
    nickname: user.profile.nickname ?? null,
    middleName: user.profile.middleName ?? null,
    preferences: user.customData.preferences ?? null,
    newsletter: user.customData.newsletter ?? null,
    shippingAddress,
    emergencyContact,
    taxId: taxId ? { masked: taxId.mask } : null,
  };
}

/** The part of the user's row that holds values. */
export interface StoredRow {
  readonly fields: Record<string, Json>;
  readonly encryptedFields: Record<string, { readonly mask: string }>;
}

interface StoredUser {
  readonly username: string | null;
  readonly name: string | null;
  readonly profile: Partial<Record<string, Json>>;
  readonly customData: Partial<Record<string, Json>>;
}
