import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressKey, canonicalEmail, canonicalPhone, sameAddress } from './address.js';

const code = (result: string | { code: string }) => (typeof result === 'string' ? undefined : result.code);

describe('canonicalEmail', () => {
  it('trims the address and lowers only the domain', () => {
    expect(canonicalEmail(' Alice.B@Example.COM ', '/email')).toBe('Alice.B@example.com');
  });

  it.each([
    '',
    'alice',
    'alice@',
    '@example.com',
    'a b@example.com',
    '"a b"@example.com',
    'alice@example',
    7,
    null,
    {},
  ])('rejects %j', (value) => {
    expect(canonicalEmail(value, '/email')).toMatchObject({ pointer: '/email', code: 'invalid_email' });
  });

  it('rejects more than 128 characters', () => {
    const domain = `${'d'.repeat(60)}.${'e'.repeat(60)}.com`;
    expect(canonicalEmail(`ab@${domain}`, '/email')).toBe(`ab@${domain}`);
    expect(code(canonicalEmail(`abc@${domain}`, '/email'))).toBe('invalid_email');
  });

  it('is idempotent, with an equal result for any letter case', () => {
    fc.assert(
      fc.property(fc.emailAddress({ size: 'small' }), (email) => {
        const canonical = canonicalEmail(email, '/email');
        fc.pre(typeof canonical === 'string');
        expect(canonicalEmail(canonical, '/email')).toBe(canonical);
        expect(sameAddress('email', canonical as string, email.toUpperCase())).toBe(true);
      }),
    );
  });
});

describe('canonicalPhone', () => {
  it.each(['447700900123', '+447700900123', '4407700900123', '+44 (0)7700 900-123', ' 44.7700.900123'])(
    'turns %j into the digits that Logto stores',
    (value) => {
      expect(canonicalPhone(value, '/phone')).toBe('447700900123');
    },
  );

  it.each([
    '',
    '1',
    '0',
    '+',
    'abc',
    '15550100001x5',
    '111111111111111',
    '00447700900123',
    '٤٤٧٧٠٠٩٠٠١٢٣',
    447700900123,
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

describe('addressKey', () => {
  it('is equal for another spelling of an address that Logto stores', () => {
    expect(addressKey('email', 'Alice@EXAMPLE.com')).toBe('alice@example.com');
    expect(addressKey('phone', '4407700900123')).toBe('447700900123');
  });

  it('accepts a stored address that would be rejected as a new one', () => {
    expect(addressKey('email', 'Odd@localhost')).toBe('odd@localhost');
  });
});
