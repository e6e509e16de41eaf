import type { DetailMessage, FieldMessage } from '../errors/messages/messages.js';
import { ProblemError } from '../errors/problem-error.js';
import type { Json } from '../json/json.js';
import { jsonPointer } from '../json/json-pointer.js';

/** Containers inside each other: `{}` is one level, `{"a":[]}` two. */
const MAX_DEPTH = 16;

/** NUL, which PostgreSQL's text cannot hold, and, with the `u` flag, a surrogate without its other half. */
const UNSTORABLE = /[\0\p{Cs}]/u;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a request body (RFC 8259), rejecting what JSON allows but no store keeps and no code expects: NUL and lone
 * surrogates (PostgreSQL and Logto fail with a 500), `__proto__` keys (Logto rejects them, other code is
 * poisoned by them), numbers that overflow to Infinity, nesting over 16 levels.
 * @throws ProblemError `malformed_request`, with a pointer to what is at fault.
 */
export function parseJsonBody(bytes: Uint8Array): Json {
  const value = parse(decode(bytes));
  check(value, '', 1);
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
    // The parser's own words quote the body.
    throw new ProblemError('malformed_request', { detail: { code: 'body_not_json' } });
  }
}

function check(value: Json, pointer: string, depth: number): void {
  if (typeof value === 'string') {
    if (UNSTORABLE.test(value)) reject(pointer, { code: 'unstorable_text' });
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) reject(pointer, { code: 'number_too_large' });
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
  const poisons =
    key === '__proto__' ||
    (key === 'constructor' && typeof member === 'object' && member !== null && Object.hasOwn(member, 'prototype'));
  if (poisons) reject(at, { code: 'forbidden_key' });
  check(member, at, depth + 1);
}

function reject(pointer: string, fault: DetailMessage & FieldMessage): never {
  throw new ProblemError('malformed_request', { detail: fault, errors: [{ pointer, ...fault }] });
}
