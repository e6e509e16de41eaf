import { describe, expect, it } from '@jest/globals';
import * as Type from '@sinclair/typebox';
import { mapOf, nullable, ResponseSchema } from './response-schema.js';

describe('a response schema', () => {
  const schema = ResponseSchema.of(
    Type.Object({
      id: Type.String(),
      name: Type.Optional(nullable(Type.String())),
      identities: mapOf(Type.Object({ userId: Type.String() })),
    }),
  );

  it.each([
    [{ id: 'a', identities: {} }],
    [{ id: 'a', name: null, identities: { github: { userId: '1' } } }],
    [{ id: 'a', name: 'b', identities: { github: { userId: '1', details: [] } }, createdAt: 0 }],
  ])('matches %j', (body) => {
    expect(schema.matches(body)).toBe(true);
  });

  it.each([
    [{ identities: {} }],
    [{ id: 'a', name: 5, identities: {} }],
    [{ id: 'a', identities: [] }],
    [{ id: 'a', identities: { github: {} } }],
    [{ id: 'a', identities: { 'line\nbreak': {} } }],
    ['<html>'],
    [null],
  ])('does not match %j', (body) => {
    expect(schema.matches(body)).toBe(false);
  });

  it('does not change the response', () => {
    const body = Object.freeze({ id: 'a', identities: Object.freeze({}), createdAt: 0 });
    expect(schema.matches(body)).toBe(true);
    expect(body).toEqual({ id: 'a', identities: {}, createdAt: 0 });
  });
});
