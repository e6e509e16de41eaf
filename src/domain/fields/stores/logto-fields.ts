import { PHONE } from '../catalogue/formats.js';
import type { JsonSchema } from '../catalogue/json-schema.js';
import type { KnownField } from './known-field.js';

/** A field of Logto. */
interface LogtoField extends KnownField {
  /** Where Logto keeps it: as a member of the user, or as a claim in the user's `profile`. */
  readonly place: 'user' | 'profile';
}

/**
 * Logto counts UTF-16 units, JSON Schema's `maxLength` counts code points. Logto responds 500 to a name that exceeds only its own limit, but
 * stores it. From then on it cannot return that user, or any list that includes the user.
 */
const atMost = (length: number) => ({ maxLength: length, 'x-maxUtf16Length': length });

const line = (length: number, ...examples: string[]): JsonSchema => ({
  type: 'string',
  format: 'line',
  ...atMost(length),
  examples,
});

const url = (...examples: string[]): JsonSchema => ({
  type: 'string',
  format: 'http-url',
  ...atMost(2048),
  examples,
});

const user = (schema: JsonSchema, more: Partial<LogtoField> = {}): LogtoField => ({ place: 'user', schema, ...more });
const claim = (schema: JsonSchema): LogtoField => ({ place: 'profile', schema });

const instant = (example: number): JsonSchema => ({
  type: 'integer',
  description: 'Milliseconds since the epoch.',
  examples: [example],
});

/**
 * The fields of Logto's user, and the OpenID Connect claims it keeps under `profile` (OpenID Connect Core 1.0 section
 * 5.1), with the rules that Logto itself enforces and those it leaves to its callers.
 */
export const LOGTO_FIELDS: ReadonlyMap<string, LogtoField> = new Map(
  Object.entries({
    username: user(
      { type: 'string', pattern: String.raw`^[A-Z_a-z]\w*$`, ...atMost(128), examples: ['alice'] },
      { proof: 'identity', serverRules: ['tenant-policy', 'last-identifier'] },
    ),
    primaryEmail: user(
      // Clients check the value as typed: spaces are trimmed, and a domain can contain other dots than `.`.
      { type: 'string', pattern: String.raw`^\s*\S+@\S+\s*$`, ...atMost(128), examples: ['alice@example.com'] },
      { proof: 'identity-and-address', serverRules: ['email-address', 'tenant-policy', 'last-identifier'] },
    ),
    primaryPhone: user(
      {
        type: 'string',
        description: 'A phone number with its country code. Separators are removed.',
        pattern: PHONE,
        ...atMost(128),
        examples: ['15550100001'],
      },
      { proof: 'identity-and-address', serverRules: ['phone-number', 'last-identifier'] },
    ),
    name: user(line(128, 'Alice Example')),
    avatar: user(url('https://example.com/alice.png')),
    createdAt: user(instant(1_700_000_000_000), { readOnly: true }),
    lastSignInAt: user(instant(1_700_000_000_000), { readOnly: true }),
    givenName: claim(line(128, 'Alice')),
    familyName: claim(line(128, 'Example')),
    middleName: claim(line(128, 'Beth')),
    nickname: claim(line(128, 'Al')),
    preferredUsername: claim(line(128, 'alice')),
    profile: claim(url('https://example.com/alice')),
    website: claim(url('https://alice.example.com')),
    gender: claim(line(128, 'female')),
    birthdate: claim({ type: 'string', format: 'birthdate', examples: ['1990-02-28'] }),
    zoneinfo: claim({ type: 'string', format: 'time-zone', ...atMost(64), examples: ['Europe/Berlin'] }),
    locale: claim({ type: 'string', format: 'language-tag', ...atMost(64), examples: ['en-GB'] }),
    address: claim({
      type: 'object',
      additionalProperties: false,
      properties: {
        formatted: {
          type: 'string',
          format: 'lines',
          minLength: 1,
          ...atMost(1024),
          examples: ['1 Main Street\nSpringfield'],
        },
        streetAddress: { type: 'string', format: 'lines', minLength: 1, ...atMost(512), examples: ['1 Main Street'] },
        locality: line(256, 'Springfield'),
        region: line(256, 'Saxony'),
        postalCode: line(64, '01067'),
        country: line(128, 'Germany'),
      },
    }),
  } satisfies Record<string, LogtoField>),
);
