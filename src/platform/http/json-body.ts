import type { DetailMessage, FieldMessage } from '../errors/messages/messages.js';
import { ProblemError } from '../errors/problem-error.js';
import { markInexactNumbers } from '../json/inexact-numbers.js';
import { jsonPointer } from '../json/json-pointer.js';
import type { Json } from '../json/json.js';

/** Levels of nesting: `{}` has one level, `{"a":[]}` two. */
const MAX_DEPTH = 16;

/** NUL, which PostgreSQL cannot store in text, and, because of the `u` flag, only lone surrogates. */
const UNSTORABLE = /[\0\p{Cs}]/u;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a request body (RFC 8259). Rejects JSON that is valid but harmful: NUL and lone surrogates (PostgreSQL and
 * Logto fail with a 500), `__proto__` keys (Logto rejects them, and they can pollute prototypes), numbers that a
 * double cannot represent (RFC 7493), which would be changed, and more than 16 levels of nesting.
 * @throws ProblemError `malformed_request`, with a pointer to the value
 */
export function parseJsonBody(bytes: Uint8Array): Json {
  const text = decode(bytes);
  const value = parse(text);
  const marked = markInexactNumbers(text);
  check(marked === text ? value : parse(marked), '', 1);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ProblemError('malformed_request', { detail: { code: 'body_not_utf8' } });
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // The parser's message quotes the body.
    throw new ProblemError('malformed_request', { detail: { code: 'body_not_json' } });
  }
}

function check(value: Json, pointer: string, depth: number): void {
  if (typeof value === 'string') {
    if (UNSTORABLE.test(value)) reject(pointer, { code: 'unstorable_text' });
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) reject(pointer, { code: 'number_not_exact' });
  } else if (typeof value === 'object' && value !== null) {
    if (depth > MAX_DEPTH) reject(pointer, { code: 'too_deep', params: { max: MAX_DEPTH } });
    if (Array.isArray(value)) value.forEach((item, index) => check(item, `${pointer}/${index}`, depth + 1));
    else for (const key of Object.keys(value)) checkMember(value, key, pointer, depth);
  }
}

function checkMember(owner: Record<string, Json>, key: string, pointer: string, depth: number): void {
  if (UNSTORABLE.test(key)) reject(pointer, { code: 'unstorable_text' });
  const member = owner[key] as Json;
  const at = pointer + jsonPointer(key);
  const isForbidden =
    key === '__proto__' ||
    (key === 'constructor' && typeof member === 'object' && member !== null && Object.hasOwn(member, 'prototype'));
  if (isForbidden) reject(at, { code: 'forbidden_key' });
  check(member, at, depth + 1);
}

function reject(pointer: string, message: DetailMessage & FieldMessage): never {
  throw new ProblemError('malformed_request', { detail: message, errors: [{ pointer, ...message }] });
}
