import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonBody } from './json-body.js';

const parse = (text: string) => parseJsonBody(Buffer.from(text));
const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
const errorOf = (text: string | Uint8Array): unknown => {
  try {
    return { parsed: parseJsonBody(Buffer.from(text as string)) };
  } catch (error) {
    return error;
  }
};
const rejected = { code: 'malformed_request' };
const rejectedAt = (pointer: string) => ({ ...rejected, options: { errors: [{ pointer }] } });

describe('parseJsonBody', () => {
  it('returns the result of JSON.parse for any value that can be stored', () => {
    const storable = fc.jsonValue({ depthSize: 'small', maxDepth: 5, noUnicodeString: false }).filter((value) => {
      const text = JSON.stringify(value);
      return !/\\u0000|\\ud[89a-f]|__proto__|"constructor"/i.test(text);
    });
    fc.assert(
      fc.property(storable, (value) => expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))),
    );
  });

  it.each(['', ' ', '{', '{"a":}', "{'a':1}", 'undefined', 'NaN', '{"a":1}}', '{"a":01}', '"\n"', '"\0"'])(
    'rejects %j, which is not JSON',
    (text) => expect(errorOf(text)).toMatchObject(rejected),
  );

  it('rejects bytes that are not UTF-8', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc3, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0xff, 0xfe],
    ]) {
      expect(errorOf(Uint8Array.from(bytes))).toMatchObject(rejected);
    }
  });

  it('ignores a byte order mark, as RFC 8259 allows', () => {
    expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  it('accepts 16 levels and rejects 17', () => {
    expect(parse(nested(16))).toBeDefined();
    expect(errorOf(nested(17))).toMatchObject(rejected);
    expect(errorOf('['.repeat(17) + ']'.repeat(17))).toMatchObject(rejectedAt('/0'.repeat(16)));
  });

  it('rejects hundreds of thousands of levels without a stack overflow', () => {
    const deep = '['.repeat(400_000) + ']'.repeat(400_000);
    expect(errorOf(deep)).toMatchObject(rejected);
  });

  it.each([
    ['{"name":"a\\u0000b"}', '/name'],
    ['{"name":"\\ud83d"}', '/name'],
    ['{"name":"\\ude00\\ud83d"}', '/name'],
    ['{"list":["ok","\\udfff"]}', '/list/1'],
    ['{"a\\u0000":1}', ''],
    ['{"address":{"\\ud800":1}}', '/address'],
    ['{"__proto__":{"admin":true}}', '/__proto__'],
    ['{"__proto__":null}', '/__proto__'],
    ['{"a":[{"\\u005f_proto__":1}]}', '/a/0/__proto__'],
    ['{"constructor":{"prototype":{}}}', '/constructor'],
    ['{"n":1e400}', '/n'],
    ['{"a/b~c":-1e400}', '/a~1b~0c'],
    ['{"a":"9007199254740993","b":[1,{"c":9007199254740993}]}', '/b/1/c'],
    ['-9007199254740993', ''],
    ['{"a":1,"a":18446744073709551615}', '/a'],
  ])('rejects %s with the pointer %j', (text, pointer) => {
    expect(errorOf(text)).toMatchObject(rejectedAt(pointer));
  });

  const outcome = (literal: string) =>
    (errorOf(`[${literal}]`) as { parsed?: number[] }).parsed === undefined ? 'rejected' : 'accepted';

  it('rejects integers that a double cannot represent, in any notation', () => {
    const notations = (value: bigint): string[] => {
      const digits = String(value);
      return [digits, `${digits}.0`, `${digits}e0`, `${digits}0E-1`, `${digits}00000e-5`];
    };
    // Not those that end in 0: the shortest form of a double is accepted, although its exact value is another integer.
    const changed = fc
      .bigInt({ min: -(2n ** 80n), max: 2n ** 80n })
      .filter((value) => BigInt(Number(value)) !== value && value % 10n !== 0n);
    fc.assert(
      fc.property(changed, (value) => {
        expect(notations(value).map(outcome)).toEqual(notations(value).map(() => 'rejected'));
      }),
      { numRuns: 1_000 },
    );
  });

  it('accepts the exact and the shortest form of every double, so that a stored number can be sent back', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    const large = fc.double({ min: 2 ** 53, max: 2 ** 80, noNaN: true }).map(Math.round);
    fc.assert(
      fc.property(fc.oneof(finite, large), (value) => {
        expect(outcome(JSON.stringify(value))).toBe('accepted');
        if (Number.isInteger(value)) expect(outcome(String(BigInt(value)))).toBe('accepted');
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['0', '-0', '0.0', '0e400', '-0E-400', '1.10', '100', '1e2', '9007199254740991', '9007199254740992', '2.5e-3'],
    ['6.02214076e23', '1e23', '1.7976931348623157e308', '5e-324', '0.30000000000000004', '123456789.12345678'],
    // Decimals are rounded to the next double, as in every program.
    ['3.141592653589793238462643383279', '0.1000000000000000055511151231257827', '52.520006599999997'],
  ])('accepts the numbers %s', (...literals) => {
    expect(literals.filter((literal) => outcome(literal) === 'rejected')).toEqual([]);
  });

  it.each([
    ['1e400', '-1e400', '1e99999999999999999999', `${'9'.repeat(400)}`, '1e-400', '-0.1e-400', '17976931348623159e292'],
    ['9007199254740993', '9007199254740993.0', '9.007199254740993e15', '900719925474099300e-2', '9007199254740991.9'],
    [
      '12345678901234567890',
      '12345678901234567.5',
      '9223372036854775807',
      '18446744073709551615',
      '1.00000000000000001e300',
    ],
  ])('rejects the numbers %s', (...literals) => {
    expect(literals.filter((literal) => outcome(literal) === 'accepted')).toEqual([]);
  });

  it('does not take digits in strings and keys for numbers', () => {
    for (const value of [{ '9007199254740993': '9007199254740993' }, ['\\', '1e400"', '\\"1e400', { '1e5': 1 }]]) {
      expect(parse(JSON.stringify(value))).toEqual(value);
    }
  });

  it('accepts values that only resemble them', () => {
    for (const value of [
      { constructor: 'a builder' },
      { constructor: { name: 'x' } },
      { prototype: 1 },
      { emoji: '😀', name: '__proto__' },
    ]) {
      expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }
  });

  it('pollutes no prototype', () => {
    expect(() => parse('{"__proto__":{"polluted":true}}')).toThrow();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
