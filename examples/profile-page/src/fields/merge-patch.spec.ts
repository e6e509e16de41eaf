import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { equal, type Json } from './json';
import { apply, diff } from './merge-patch';

/** JSON as a merge patch can make it: no null and no empty object inside, nor `__proto__`. */
const key = fc.string({ maxLength: 3 }).filter((name) => name !== '__proto__');
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ maxLength: 3 }),
    fc.integer(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { minKeys: 1, maxKeys: 3 }),
  ),
}));

describe('diff', () => {
  it('makes a patch that turns what was into what shall be', () => {
    fc.assert(
      fc.property(fc.option(value), value, (before, after) => {
        const patch = diff(before, after);
        expect(equal(patch === undefined ? before : apply(before, patch), after)).toBe(true);
      }),
    );
  });

  it('says nothing of what stays', () => {
    fc.assert(fc.property(value, (same) => expect(diff(same, structuredClone(same))).toBeUndefined()));
    expect(diff({ a: 1, b: { c: 2, d: 3 } }, { a: 1, b: { c: 2, d: 4 } })).toEqual({ b: { d: 4 } });
  });

  it('removes by null: members that are gone, objects that are empty, whole values', () => {
    expect(diff({ a: 1, b: 2 }, { a: 1 })).toEqual({ b: null });
    expect(diff({ a: { b: 1 } }, { a: {} })).toEqual({ a: null });
    expect(diff('x', null)).toBeNull();
    expect(diff({ a: 1 }, {})).toBeNull();
  });

  it('does not remove what is not there', () => {
    expect(diff(null, {})).toBeUndefined();
    expect(diff({ a: 1 }, { a: 1, b: {} })).toBeUndefined();
    expect(diff({ a: 1 }, { a: 2, b: null })).toEqual({ a: 2 });
  });

  it('replaces a list whole', () => {
    expect(diff(['a', 'b'], ['b'])).toEqual(['b']);
  });
});
