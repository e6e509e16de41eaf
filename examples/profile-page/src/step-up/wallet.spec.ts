import { describe, expect, it } from '@jest/globals';
import { Wallet } from './wallet';

const AT = Date.parse('2026-01-01T00:00:00Z');
const expiresAt = '2026-01-01T00:10:00Z';
const both = {
  required: ['identity', 'address'] as const,
  body: { primaryEmail: 'a@b.c', name: 'x', primaryPhone: null },
};

describe('the wallet of proofs', () => {
  it('says what a change needs still', () => {
    const wallet = new Wallet(() => AT);
    const address = { kind: 'email', address: 'a@b.c' } as const;
    expect(wallet.missing(both)).toEqual({ identity: true, addresses: [address] });
    wallet.add({ verificationId: 'identity', expiresAt });
    expect(wallet.missing(both)).toEqual({ identity: false, addresses: [address] });
    wallet.add({ verificationId: 'other', expiresAt, for: { kind: 'email', address: 'z@b.c' } });
    expect(wallet.missing(both).addresses).toEqual([address]);
    wallet.add({ verificationId: 'address', expiresAt, for: address });
    expect(wallet.missing(both)).toEqual({ identity: false, addresses: [] });
    expect(wallet.ids()).toEqual(['identity', 'other', 'address']);
  });

  it('does not take the code to a new address for a proof of identity', () => {
    const wallet = new Wallet(() => AT);
    wallet.add({ verificationId: 'address', expiresAt, for: { kind: 'email', address: 'a@b.c' } });
    expect(wallet.missing(both).identity).toBe(true);
  });

  it('forgets what ran out, and what was not taken', () => {
    let now = AT;
    const wallet = new Wallet(() => now);
    wallet.add({ verificationId: 'identity', expiresAt });
    wallet.add({ verificationId: 'address', expiresAt, for: { kind: 'phone', address: '1' } });
    wallet.drop(['identity']);
    expect(wallet.ids()).toEqual(['address']);
    now = Date.parse(expiresAt);
    expect(wallet.ids()).toEqual([]);
  });
});
