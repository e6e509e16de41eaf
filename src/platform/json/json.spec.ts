import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { json } from '../../../test/data/json-arbitraries.js';
import type { Json } from './json.js';
import { inOrder, isObject, sameJson } from './json.js';

/** Copies a value with the members of every object in reverse order. */
const shuffled = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (!isObject(value)) return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([name, member]) => [name, shuffled(member)]));
};

describe('sameJson', () => {
  it('accepts a copy with members in any order', () => {
    fc.assert(fc.property(json.value, (value) => sameJson(value, shuffled(value))));
  });

  it.each<[Json, Json]>([
    [{}, []],
    [null, {}],
    [{ a: null }, {}],
    [{ a: 1 }, { a: 1, b: 2 }],
    [
      [1, 2],
      [2, 1],
    ],
    [1, '1'],
    [{ toString: 1 }, {}],
  ])('distinguishes %j from %j', (a, b) => {
    expect(sameJson(a, b)).toBe(false);
    expect(sameJson(b, a)).toBe(false);
  });
});

describe('sameJson, unlike util.isDeepStrictEqual,', () => {
  it('takes -0 for 0, as which it is stored', () => {
    expect(sameJson(JSON.parse('{"a":[-0]}') as Json, { a: [0] })).toBe(true);
  });

  it('ignores the prototypes of objects', () => {
    expect(sameJson(Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 })).toBe(true);
  });
});

describe('inOrder', () => {
  it('results in the same text for members in any order', () => {
    fc.assert(
      fc.property(json.value, (value) => {
        expect(JSON.stringify(inOrder(shuffled(value)))).toBe(JSON.stringify(inOrder(value)));
        expect(inOrder(value)).toEqual(value);
      }),
    );
  });
});
