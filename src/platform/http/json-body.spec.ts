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
  ])('rejects %s with the pointer %j', (text, pointer) => {
    expect(errorOf(text)).toMatchObject(rejectedAt(pointer));
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
