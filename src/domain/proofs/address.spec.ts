import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  charactersLike,
  email,
  everyCharacter,
  LOOK_ALIKES,
  pastedPhone,
  phoneNumber,
  text,
} from '../../../test/support/addresses.js';
import { addressKey, canonicalAddress, canonicalEmail, canonicalPhone, sameAddress } from './address.js';

const code = (result: string | { code: string }) => (typeof result === 'string' ? undefined : result.code);
const INVISIBLE = charactersLike(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u);
describe('canonicalEmail', () => {
  it('trims the address and lowers only the domain', () => {
    expect(canonicalEmail(' Alice.B@Example.COM\n', '/email')).toBe('Alice.B@example.com');
  });

  it.each(['b\u{fc}cher.example', 'B\u{dc}CHER.example', 'bu\u{308}cher\u{3002}example', 'XN--BCHER-KVA.example'])(
    'turns the domain %s into its ASCII form',
    (domain) => {
      expect(canonicalEmail(`alice@${domain}`, '/email')).toBe('alice@xn--bcher-kva.example');
    },
  );

  it.each([
    '',
    'alice',
    'alice@',
    '@example.com',
    'a b@example.com',
    '"alice"@example.com',
    '"a b"@example.com',
    'alice@example',
    'alice@xn--a.com', // Punycode of nothing
    'alice@xn--a-.com', // Punycode of ASCII
    'alice@ex%61mple.com',
    'alice@example.com/path',
    'alice@example.com:25',
    'alice@127.0.0.1',
    7,
    null,
    {},
  ])('rejects %j', (value) => {
    expect(canonicalEmail(value, '/email')).toMatchObject({ pointer: '/email', code: 'invalid_email' });
  });

  it('rejects invisible characters anywhere, except white space at the ends', () => {
    const address = 'alice@example.com';
    for (const character of INVISIBLE) {
      const isSpace = character >= '\t' && character <= '\r';
      for (const at of [0, 2, 6, 9, address.length]) {
        const result = canonicalEmail(address.slice(0, at) + character + address.slice(at), '/email');
        const isTrimmed = isSpace && (at === 0 || at === address.length);
        if (typeof result === 'string' && !isTrimmed) throw new Error(`accepts ${character.codePointAt(0)} at ${at}`);
      }
    }
  });

  it('rejects more than 128 characters, also in the ASCII form of the domain', () => {
    const domain = `${'d'.repeat(60)}.${'e'.repeat(60)}.com`;
    expect(canonicalEmail(`ab@${domain}`, '/email')).toBe(`ab@${domain}`);
    expect(code(canonicalEmail(`abc@${domain}`, '/email'))).toBe('invalid_email');
    expect(code(canonicalEmail(`abc@\u{fc}${domain.slice(4)}`, '/email'))).toBe('invalid_email');
  });

  it('is idempotent, with an equal key for any case of ASCII letters', () => {
    const upperAscii = (address: string) => address.replace(/[a-z]/g, (letter) => letter.toUpperCase());
    fc.assert(
      fc.property(email, (address) => {
        const canonical = canonicalEmail(address, '/email');
        fc.pre(typeof canonical === 'string');
        expect(canonicalEmail(canonical, '/email')).toBe(canonical);
        expect(sameAddress('email', canonical as string, upperAscii(address))).toBe(true);
      }),
    );
  });
});

describe('canonicalPhone', () => {
  it.each([
    '447700900123',
    '+447700900123',
    '00447700900123',
    '4407700900123',
    '+44 (0)7700 900-123',
    ' 44.7700.900123',
    '(+44) 7700/900\u{2011}123\n',
    '\u{202A}+44\u{A0}7700\u{A0}900123\u{202C}',
    '\u{664}\u{664}\u{667}\u{667}\u{660}\u{660}\u{669}\u{660}\u{660}\u{661}\u{662}\u{663}',
    '\u{FF0B}\u{FF14}\u{FF14}7700900123',
  ])('turns %j into the digits that Logto stores', (value) => {
    expect(canonicalPhone(value, '/phone')).toBe('447700900123');
  });

  it('ignores the other separators of libphonenumber, and joiners', () => {
    expect(canonicalPhone('+44\u{200C}7700\u{200D}[900]~123\u{30FC}', '/phone')).toBe('447700900123');
  });

  it('gives the same number for any decoration that people paste', () => {
    fc.assert(
      fc.property(pastedPhone, ({ digits, pasted }) => {
        const canonical = canonicalPhone(digits, '/phone');
        expect([typeof canonical, canonicalPhone(pasted, '/phone')]).toEqual(['string', canonical]);
      }),
    );
  });

  it('reads the decimal digits of every numbering system', () => {
    for (const system of Intl.supportedValuesOf('numberingSystem')) {
      const format = new Intl.NumberFormat('en', { numberingSystem: system });
      const shown = [...'447700900123'].map((digit) => format.format(Number(digit))).join('');
      // Some systems, such as the Chinese one, have no characters that Unicode classifies as decimal digits.
      if (/^\p{Nd}+$/u.test(shown)) expect([system, canonicalPhone(shown, '/phone')]).toEqual([system, '447700900123']);
    }
  });

  it.each(['07700900123', '(0)7700 900123', '\u{660}171 1234567', '0171/1234567'])(
    'reports that the country code of %j is missing',
    (value) => {
      expect(canonicalPhone(value, '/phone')).toEqual({ pointer: '/phone', code: 'country_code_missing' });
    },
  );

  it.each([
    '',
    ' ',
    '1',
    '0',
    '00',
    '+',
    'abc',
    '15550100001x5',
    '44+7700900123',
    '++447700900123',
    '+07700900123',
    '000447700900123',
    '111111111111111',
    '\u{2460}5550100001',
    447700900123,
    null,
  ])('rejects %j', (value) => {
    expect(canonicalPhone(value, '/phone')).toMatchObject({ pointer: '/phone', code: 'invalid_phone' });
  });

  it('is idempotent for any zeros, because Logto canonicalizes a number again when it stores it', () => {
    expect(canonicalPhone('430059488094875', '/phone')).toBe('4359488094875');
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[1-9][0-9]{1,3}0{0,4}[0-9]{4,10}$/), (phone) => {
        const canonical = canonicalPhone(phone, '/phone');
        fc.pre(typeof canonical === 'string');
        expect(canonicalPhone(canonical, '/phone')).toBe(canonical);
      }),
    );
  });
});

describe('canonicalAddress', () => {
  it('never contains an invisible character', () => {
    const base = fc.oneof(fc.constant('alice@example.com'), phoneNumber);
    fc.assert(
      fc.property(fc.constantFrom('email', 'phone'), base, text(INVISIBLE), fc.nat(20), (kind, address, dirt, at) => {
        const canonical = canonicalAddress(kind, address.slice(0, at) + dirt + address.slice(at), '');
        if (typeof canonical === 'string') expect(INVISIBLE.some((each) => canonical.includes(each))).toBe(false);
      }),
    );
  });
});

describe('addressKey', () => {
  it('is equal for another spelling of an address that Logto stores', () => {
    expect(addressKey('email', 'Alice@EXAMPLE.com')).toBe('alice@example.com');
    expect(addressKey('email', 'Alice@B\u{fc}cher.example')).toBe('alice@xn--bcher-kva.example');
    expect(addressKey('phone', '4407700900123')).toBe('447700900123');
  });

  it('folds only A to Z, so that no other letter turns into one of another mailbox', () => {
    for (const character of everyCharacter) {
      const key = addressKey('email', `x${character}x@example.com`);
      const expected = /[A-Z]/.test(character) ? character.toLowerCase() : character;
      if (key !== `x${expected}x@example.com`) throw new Error(`folds U+${character.codePointAt(0)!.toString(16)}`);
    }
  });

  it('is equal only for emails that are equal after folding A to Z and IDNA of the domain', () => {
    const parts = fc.tuple(text(LOOK_ALIKES), text(LOOK_ALIKES));
    const reduced = ([local, domain]: [string, string]) => [
      local.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
      new URL(`https://${domain}.example`).hostname,
    ];
    // The second address differs from the first in single characters, so that equal ones occur.
    const pair = parts.chain(([local, domain]) => {
      const similar = (word: string) =>
        fc
          .array(fc.option(fc.constantFrom(...LOOK_ALIKES), { freq: 4 }), { maxLength: 8 })
          .map((others) => [...word].map((character, index) => others[index] ?? character).join(''));
      return fc.tuple(fc.constant<[string, string]>([local, domain]), fc.tuple(similar(local), similar(domain)));
    });
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [keyOfA, keyOfB] = [a, b].map(([local, domain]) => addressKey('email', `${local}@${domain}.example`));
        expect(keyOfA === keyOfB).toBe(JSON.stringify(reduced(a)) === JSON.stringify(reduced(b)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('exists for a stored address that would be rejected as a new one, and is its own key', () => {
    expect(addressKey('email', ' Odd@localhost ')).toBe('odd@localhost');
    expect(addressKey('phone', '0123')).toBe('0123');
    const stored = fc.oneof(
      fc.string({ unit: 'binary' }),
      email,
      pastedPhone.map(({ pasted }) => pasted),
    );
    fc.assert(
      fc.property(fc.constantFrom('email', 'phone'), stored, (kind, address) => {
        const key = addressKey(kind, address);
        expect(addressKey(kind, key)).toBe(key);
      }),
    );
  });
});
