export type FieldStoreName = 'logto' | 'customData' | 'database';

/** `hidden`: neither shown nor changed here. `write-once`: may be set while it is unset. */
type FieldAccess = 'write' | 'read' | 'hidden' | 'write-once';

/** What a change of the field needs first. `identity-and-address`: also a proof of exactly the new address. */
export type FieldProof = 'none' | 'identity' | 'identity-and-address';

/** How a sensitive value is shown. `all` shows nothing of it. */
export type FieldMask = 'all' | 'last4' | 'email' | 'phone';

/** JSON Schema 2020-12. */
export type JsonSchema = Record<string, unknown>;

/** What a person reads, by language tag. */
export type Labels = Readonly<Record<string, string>>;

/** A field of the document, as the catalogue defines it, defaults filled in. */
export interface CatalogueField {
  readonly name: string;
  readonly store: FieldStoreName;
  /** Where Logto keeps it: on the user itself, or as a claim under `profile`. Only with `store` (or `previously.store`) `logto`. */
  readonly logtoPlace?: 'user' | 'profile';
  /** Of a set value; null (unset) is always allowed besides. */
  readonly schema: JsonSchema;
  readonly access: FieldAccess;
  /** Kept encrypted, and shown masked. Only with `store: database`. */
  readonly sensitive: boolean;
  readonly mask: FieldMask;
  readonly proof: FieldProof;
  /** Empty: the name has to do. */
  readonly labels: Labels;
  /** The same for the members of an object, by name. */
  readonly memberLabels: Readonly<Record<string, Labels>>;
  readonly order: number;
  /** A hint for forms. */
  readonly input?: string;
  /** Largest size of the value as JSON, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** Keys of objects and items of lists in the value at most, at all depths together. */
  readonly maxKeys: number;
  /** The store that values not moved yet are still in. */
  readonly previously?: { readonly store: FieldStoreName };
}

/** An entry as it is written; what is left out has the defaults of CatalogueField. */
export interface CatalogueEntry {
  readonly store: FieldStoreName;
  /** Needed but for Logto's own fields, whose rules are known; there it can only narrow them. */
  readonly schema?: JsonSchema;
  readonly access?: FieldAccess;
  readonly sensitive?: boolean;
  readonly mask?: FieldMask;
  readonly proof?: FieldProof;
  readonly labels?: Labels;
  readonly memberLabels?: Readonly<Record<string, Labels>>;
  readonly order?: number;
  readonly input?: string;
  readonly maxBytes?: number;
  readonly maxKeys?: number;
  readonly previously?: { readonly store: FieldStoreName };
}

/** The whole catalogue as it is written, in `profile-fields.yaml` or in code. */
export interface CatalogueDefinition {
  readonly fields: Readonly<Record<string, CatalogueEntry>>;
}
