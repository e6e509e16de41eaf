import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isEqual, type Json } from './json';
import { applyMergePatch, createMergePatch } from './merge-patch';

const key = fc.string({ maxLength: 3 }).filter((name) => name !== '__proto__');
/** Generates values that a merge patch can produce: without nested null, empty objects, or `__proto__` keys. */
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

describe('createMergePatch', () => {
  it('creates a patch that converts the old value to the new one', () => {
    fc.assert(
      fc.property(fc.option(value), value, (before, after) => {
        const patch = createMergePatch(before, after);
        expect(isEqual(patch === undefined ? before : applyMergePatch(before, patch), after)).toBe(true);
      }),
    );
  });

  it('omits unchanged members', () => {
    fc.assert(fc.property(value, (same) => expect(createMergePatch(same, structuredClone(same))).toBeUndefined()));
    expect(createMergePatch({ a: 1, b: { c: 2, d: 3 } }, { a: 1, b: { c: 2, d: 4 } })).toEqual({ b: { d: 4 } });
  });

  it('removes members, objects that have become empty, and entire values with null', () => {
    expect(createMergePatch({ a: 1, b: 2 }, { a: 1 })).toEqual({ b: null });
    expect(createMergePatch({ a: { b: 1 } }, { a: {} })).toEqual({ a: null });
    expect(createMergePatch('x', null)).toBeNull();
    expect(createMergePatch({ a: 1 }, {})).toBeNull();
  });

  it('does not remove members that do not exist', () => {
    expect(createMergePatch(null, {})).toBeUndefined();
    expect(createMergePatch({ a: 1 }, { a: 1, b: {} })).toBeUndefined();
    expect(createMergePatch({ a: 1 }, { a: 2, b: null })).toEqual({ a: 2 });
  });

  it('replaces lists as a whole', () => {
    expect(createMergePatch(['a', 'b'], ['b'])).toEqual(['b']);
  });
});
