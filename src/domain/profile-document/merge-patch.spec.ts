import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isObject, type Json, type JsonObject } from '../../platform/json/json.js';
import { mergePatch } from './merge-patch.js';
import { json } from '../../../test/data/json-arbitraries.js';
import { RFC_7396_EXAMPLES } from '../../../test/data/rfc-7396-examples.js';

/** Whether a value has a null member anywhere outside arrays. */
const holdsNullMember = (value: Json): boolean =>
  isObject(value) && Object.values(value).some((member) => member === null || holdsNullMember(member));

describe('mergePatch', () => {
  it.each(RFC_7396_EXAMPLES)(
    'turns $target with $patch into $result (RFC 7396, Appendix A)',
    ({ target, patch, result }) => {
      expect(mergePatch(target, patch)).toEqual(result);
    },
  );

  it('is idempotent', () => {
    fc.assert(
      fc.property(json.value, json.value, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  it('keeps members that the patch does not name', () => {
    fc.assert(
      fc.property(json.object, json.object, (target, patch) => {
        const result = mergePatch(target, patch) as JsonObject;
        const untouched = Object.keys(target).filter((name) => !Object.hasOwn(patch, name));
        for (const name of untouched) expect(result[name]).toEqual(target[name]);
        for (const name of Object.keys(result)) {
          expect(Object.hasOwn(target, name) || Object.hasOwn(patch, name)).toBe(true);
        }
      }),
    );
  });

  it('creates no null member when it is applied to nothing', () => {
    fc.assert(fc.property(json.object, (patch) => !holdsNullMember(mergePatch(undefined, patch))));
  });

  it('changes neither argument', () => {
    fc.assert(
      fc.property(json.value, json.value, (target, patch) => {
        const before = [structuredClone(target), structuredClone(patch)];
        mergePatch(target, patch);
        expect([target, patch]).toEqual(before);
      }),
    );
  });

  it('never reaches a prototype through __proto__', () => {
    const patch = JSON.parse('{"__proto__": {"polluted": true}, "a": {"__proto__": {"polluted": true}}}') as Json;
    const result = mergePatch({ a: { b: 1 } }, patch) as { a: JsonObject };
    expect(({} as JsonObject)['polluted']).toBeUndefined();
    expect(result['polluted' as 'a']).toBeUndefined();
    expect(result.a['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });
});
