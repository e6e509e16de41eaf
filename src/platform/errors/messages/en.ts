import type { ErrorCode } from '../error-catalogue.js';
import { formattingFor } from './formatting.js';

const { number, count, anyOf, anyJsonOf } = formattingFor('en');

/** By JSON Schema type. */
const TYPES = {
  string: 'a string',
  boolean: 'a boolean',
  integer: 'an integer',
  number: 'a number',
  object: 'an object',
  array: 'an array',
  null: 'null',
};

const CHANNELS = { email: 'email', phone: 'SMS' };

/** By string format: first those of the field catalogue, then those of ajv-formats. */
const FORMATS = {
  line: 'Must be a single line of visible text without control characters.',
  lines: 'Must be visible text without control characters other than line breaks.',
  'http-url': 'Must be an http or https URL without spaces or credentials.',
  phone: 'Must be a phone number: 3 to 15 digits, and separators.',
  birthdate:
    'Must be a date (YYYY-MM-DD), a year (YYYY), or a date without a year (0000-MM-DD), and not in the future.',
  'time-zone': 'Must be a time zone of the IANA database in its exact spelling, such as Europe/Berlin.',
  'language-tag': 'Must be a BCP 47 language tag with registered subtags, such as en-US.',

  date: 'Must be a date (YYYY-MM-DD).',
  time: 'Must be a time with a time zone (hh:mm:ssZ).',
  'date-time': 'Must be a date and time with a time zone (YYYY-MM-DDThh:mm:ssZ).',
  'iso-time': 'Must be a time (hh:mm:ss).',
  'iso-date-time': 'Must be a date and time (YYYY-MM-DDThh:mm:ss).',
  duration: 'Must be an ISO 8601 duration, such as P1DT12H.',
  uri: 'Must be a valid URI.',
  'uri-reference': 'Must be a valid URI or relative reference.',
  'uri-template': 'Must be a valid URI template.',
  url: 'Must be a valid URL.',
  email: 'Must be a valid email address.',
  hostname: 'Must be a valid host name.',
  ipv4: 'Must be a valid IPv4 address.',
  ipv6: 'Must be a valid IPv6 address.',
  regex: 'Must be a valid regular expression.',
  uuid: 'Must be a valid UUID.',
  'json-pointer': 'Must be a valid JSON Pointer.',
  'json-pointer-uri-fragment': 'Must be a valid JSON Pointer as a URI fragment.',
  'relative-json-pointer': 'Must be a valid relative JSON Pointer.',
  byte: 'Must be valid Base64.',
  int32: 'Must be a 32-bit integer.',
  int64: 'Must be a 64-bit integer.',
  float: 'Must be a floating-point number.',
  double: 'Must be a floating-point number.',
  password: 'Must be text.',
  binary: 'Must be binary data.',
};

/** A JSON Schema type. */
export type JsonType = keyof typeof TYPES;
/** A format that a string can be required to have. */
export type FormatName = keyof typeof FORMATS;
/** The parameters of `invalid_format`. */
type ExpectedFormat = { readonly pattern: string } | { readonly format: FormatName };

/** Why a JSON body is rejected as malformed: each code is both a detail and a field error. */
const REJECTED_JSON = {
  unstorable_text: 'Text must not contain NUL characters or lone surrogates.',
  number_not_exact: 'The number cannot be represented exactly. Send it as text.',
  too_deep: ({ max }: { readonly max: number }) =>
    `Must not be nested more than ${count(max, 'level', 'levels')} deep.`,
  forbidden_key: 'This key is not allowed.',
};

/** The texts of problems in English. Every other language has the same keys and parameters. */
export const EN = {
  /** By problem code. */
  titles: {
    malformed_request: 'The request is malformed.',
    invalid_token: 'The access token is missing or invalid.',
    step_up_required: 'A fresh proof of identity is required.',
    invalid_proof: 'The proof was rejected.',
    invalid_signature: 'Invalid signature.',
    insufficient_scope: 'The access token lacks a required scope.',
    client_not_allowed: 'This application is not allowed to use this service.',
    account_suspended: 'The account is suspended.',
    field_not_writable: 'Some fields cannot be changed.',
    not_found: 'Not found.',
    account_not_found: 'The account no longer exists.',
    method_not_allowed: 'Method not allowed.',
    request_timeout: 'The request took too long to arrive.',
    identifier_taken: 'Another account already uses this identifier.',
    idempotency_conflict: 'The idempotency key was already used for a different request.',
    precondition_failed: 'The precondition of the request is not met.',
    precondition_required: 'The If-Match header is required.',
    payload_too_large: 'The request body is too large.',
    unsupported_media_type: 'Unsupported media type.',
    validation_failed: 'Some values are invalid.',
    invalid_credentials: 'Incorrect password.',
    invalid_code: 'Incorrect code.',
    code_expired: 'The code is no longer valid.',
    password_rejected: 'The password does not meet the requirements.',
    last_identifier: 'You need at least one way to sign in.',
    rate_limited: 'Too many requests.',
    too_many_attempts: 'Too many attempts.',
    headers_too_large: 'The request headers are too large.',
    internal_error: 'Internal error.',
    channel_not_configured: 'Email or SMS delivery is not configured.',
    upstream_failed: 'Logto returned an unexpected response.',
    message_not_sent: 'The message could not be sent.',
    upstream_unavailable: 'Logto is unavailable.',
    overloaded: 'Service overloaded, try again later.',
    database_unavailable: 'The database is unavailable.',
    upstream_timeout: 'Logto did not respond in time.',
  } satisfies Record<ErrorCode, string>,

  /** The `detail` of a problem, by code. */
  details: {
    token_missing: 'An access token is required.',
    token_opaque: 'The access token is opaque. Request one for the resource of this API.',
    token_contains_key: 'The access token must not contain or reference its own key.',
    token_algorithm_not_accepted: 'The signing algorithm of the access token is not accepted.',
    token_type_not_accepted: 'The token is not an access token.',
    token_without_key_id: 'The access token has no key ID.',
    token_key_unknown: 'The access token is signed with an unknown key.',
    token_from_other_issuer: 'The access token was issued by another issuer.',
    token_for_other_audience: 'The access token is for another API.',
    token_for_organization: 'The access token is for an organization. Request one for the resource of this API.',
    token_expired: 'The access token has expired.',
    token_without_user: 'The access token does not identify a user and an application.',
    token_of_machine: 'The access token belongs to a machine-to-machine application.',
    token_rejected: 'The access token was rejected.',
    token_revoked: 'The access token was revoked.',
    signing_keys_unavailable: 'The keys that verify access tokens could not be fetched.',

    ...REJECTED_JSON,
    body_missing: 'The request body is missing.',
    body_not_utf8: 'The request body is not valid UTF-8.',
    media_type_not_accepted: 'Send JSON, with the content type application/json.',
    charset_not_accepted: 'JSON is accepted only in UTF-8.',
    content_coding_not_accepted: 'Compressed bodies are not accepted. Send the body without Content-Encoding.',
    host_missing: 'The Host header is missing.',
    host_repeated: 'The request has more than one Host header.',
    body_not_json: 'The request body is not valid JSON.',

    profile_changed: 'The profile has changed since it was last read.',
    profile_matches: 'If-None-Match matches the current version of the profile.',

    id_token_rejected: 'The ID token was rejected.',
    id_token_without_nonce: 'The ID token has no nonce.',
    id_token_without_auth_time: 'The ID token does not say when the user signed in.',
    nonce_not_valid: 'The nonce is unknown, expired or already used.',
    sign_in_before_challenge: 'The sign-in happened before the challenge was created.',
    sign_in_in_future: 'The sign-in is dated in the future.',

    logout_token_rejected: 'The logout token was rejected.',
    webhook_outside_window: 'The webhook is too old, or the clocks differ.',
    password_changed_without_sign_out: 'The password was changed, but other sessions could not be ended.',
    outcome_unknown: 'It is unknown whether the change was applied. It may still take effect.',
    connector_missing: ({ channel }: { readonly channel: keyof typeof CHANNELS }) =>
      `Logto has no ${CHANNELS[channel]} connector.`,
    template_missing: ({ channel }: { readonly channel: keyof typeof CHANNELS }) =>
      `Logto's ${CHANNELS[channel]} connector has no template for the usage type Generic.`,
    unknown_response: 'Logto returned a response in an unknown format.',
  },

  /** By field error code. */
  fieldErrors: {
    ...REJECTED_JSON,
    required: 'Required.',
    empty: ({ nullClears }: { readonly nullClears: boolean }): string =>
      nullClears ? 'Must not be empty. Use null to clear the field.' : 'Must not be empty.',
    unknown_field: 'Unknown field.',
    field_not_writable: 'This field cannot be changed.',
    invalid: 'Logto rejected this value.',
    invalid_value: ({ values }: { readonly values?: readonly unknown[] }) =>
      values ? `Must be ${anyJsonOf(values)}.` : 'Invalid value.',
    invalid_type: ({ types }: { readonly types: readonly JsonType[] }) =>
      `Must be ${anyOf(types.map((type) => TYPES[type]))}.`,
    invalid_format: (expected: ExpectedFormat) =>
      'pattern' in expected ? `Must match the pattern ${expected.pattern}.` : FORMATS[expected.format],
    invalid_length: ({ min, max }: { readonly min: number; readonly max: number }) =>
      `Must be ${number(min)} to ${count(max, 'character', 'characters')} long.`,
    not_allowed: ({ values }: { readonly values: readonly unknown[] }) => `Must be ${anyJsonOf(values)}.`,
    out_of_range: ({ comparison, limit }: { readonly comparison: '>=' | '>' | '<=' | '<'; readonly limit: number }) =>
      `Must be ${{ '>=': 'at least', '>': 'greater than', '<=': 'at most', '<': 'less than' }[comparison]} ${number(limit)}.`,
    too_short: ({ min }: { readonly min?: number }) =>
      min === undefined ? 'Too short.' : `Must be at least ${count(min, 'character', 'characters')} long.`,
    too_long: ({ max }: { readonly max?: number }) =>
      max === undefined ? 'Too long.' : `Must be at most ${count(max, 'character', 'characters')} long.`,
    too_few: ({ min, of }: { readonly min: number; readonly of: 'items' | 'keys' }) =>
      `Must have at least ${of === 'items' ? count(min, 'item', 'items') : count(min, 'key', 'keys')}.`,
    too_many: ({ max, of }: { readonly max: number; readonly of: 'items' | 'keys' | 'both' }) =>
      of === 'both'
        ? `Must not have more than ${count(max, 'key or item', 'keys and items')} in total.`
        : `Must not have more than ${of === 'items' ? count(max, 'item', 'items') : count(max, 'key', 'keys')}.`,
    too_large: ({ max, of }: { readonly max: number; readonly of: 'value' | 'customData' }) =>
      of === 'value'
        ? `Must not exceed ${count(max, 'byte', 'bytes')}.`
        : `All custom data together must not exceed ${count(max, 'byte', 'bytes')}.`,
    duplicate: 'Items must be unique.',

    invalid_email: 'Must be a valid email address.',
    invalid_phone: 'Must be a valid phone number.',
    country_code_missing: 'Must start with the country code, such as +44.',
    email_not_allowed: 'This email address is not allowed.',
    email_subaddressing_not_allowed: 'Email addresses with a + before the @ are not allowed.',
    exactly_one: 'Exactly one of email, phone and target is required.',
    not_set: 'The account has no such address.',
    taken: 'Another account already uses this value.',
    last_identifier: 'You need at least one way to sign in.',
    starts_with_number: 'Must not start with a digit.',
    invalid_charset_hard: 'Only the letters A to Z, digits and underscores are allowed.',
    uppercase_not_allowed: 'Uppercase letters are not allowed.',
    lowercase_not_allowed: 'Lowercase letters are not allowed.',
    numbers_not_allowed: 'Digits are not allowed.',
    underscore_not_allowed: 'Underscores are not allowed.',

    invalid_credentials: 'Incorrect password.',
    policy: 'The password does not meet the requirements.',
    character_types: ({ min }: { readonly min?: number }) =>
      min === undefined
        ? 'Must contain more kinds of characters: lowercase letters, uppercase letters, digits, symbols.'
        : `Must contain at least ${number(min)} of: lowercase letters, uppercase letters, digits, symbols.`,
    unsupported_characters: 'The password contains unsupported characters.',
    pwned: 'The password has appeared in a data breach.',
    'restricted.repetition': 'Must not contain repeated characters.',
    'restricted.sequence': 'Must not contain sequences such as 123 or abc.',
    'restricted.user_info': 'Must not contain your personal information.',
    'restricted.words': 'The password contains words that are not allowed.',
    same_as_current: 'Must differ from the current password.',
    invalid_id_token: 'Must be a valid ID token of this user for this application.',
  },
};

/** The texts of a language, with their parameters. */
export type Messages = typeof EN;
/** The names of types in a language. */
export type TypeTexts = Record<JsonType, string>;
/** The texts for formats in a language. */
export type FormatTexts = Record<FormatName, string>;
