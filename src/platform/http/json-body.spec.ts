import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonBody } from './json-body.js';

const parse = (text: string) => parseJsonBody(Buffer.from(text));
const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
const refusal = (text: string | Uint8Array): unknown => {
  try {
    return { parsed: parseJsonBody(Buffer.from(text as string)) };
  } catch (error) {
    return error;
  }
};
const refused = { code: 'malformed_request' };
const refusedAt = (pointer: string) => ({ ...refused, options: { errors: [{ pointer }] } });

describe('parseJsonBody', () => {
  it('gives what JSON.parse gives for anything that can be stored', () => {
    const storable = fc.jsonValue({ depthSize: 'small', maxDepth: 5, noUnicodeString: false }).filter((value) => {
      const text = JSON.stringify(value);
      return !/\\u0000|\\ud[89a-f]|__proto__|"constructor"/i.test(text);
    });
    fc.assert(
      fc.property(storable, (value) => expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))),
    );
  });

  it.each(['', ' ', '{', '{"a":}', "{'a':1}", 'undefined', 'NaN', '{"a":1}}', '{"a":01}', '"\n"', '"\0"'])(
    'refuses %j, which is not JSON',
    (text) => expect(refusal(text)).toMatchObject(refused),
  );

  it('refuses bytes that are not UTF-8', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc3, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0xff, 0xfe],
    ]) {
      expect(refusal(Uint8Array.from(bytes))).toMatchObject(refused);
    }
  });

  it('takes a byte order mark, which RFC 8259 lets it ignore', () => {
    expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  it('takes 16 levels and refuses 17', () => {
    expect(parse(nested(16))).toBeDefined();
    expect(refusal(nested(17))).toMatchObject(refused);
    expect(refusal('['.repeat(17) + ']'.repeat(17))).toMatchObject(refusedAt('/0'.repeat(16)));
  });

  it('refuses hundreds of thousands of levels without running out of stack', () => {
    const deep = '['.repeat(400_000) + ']'.repeat(400_000);
    expect(refusal(deep)).toMatchObject(refused);
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
  ])('refuses %s with the pointer %j', (text, pointer) => {
    expect(refusal(text)).toMatchObject(refusedAt(pointer));
  });

  it('takes what only looks like those', () => {
    for (const value of [
      { constructor: 'a builder' },
      { constructor: { name: 'x' } },
      { prototype: 1 },
      { emoji: '😀', name: '__proto__' },
    ]) {
      expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }
  });

  it('poisons nothing', () => {
    expect(() => parse('{"__proto__":{"polluted":true}}')).toThrow();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
