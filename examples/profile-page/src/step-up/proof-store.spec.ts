import { describe, expect, it } from '@jest/globals';
import { ProofStore } from './proof-store';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const expiresAt = '2026-01-01T00:10:00Z';
const emailChange = {
  required: ['identity', 'address'] as const,
  body: { primaryEmail: 'a@b.c', name: 'x', primaryPhone: null },
};

describe('ProofStore', () => {
  it('reports the proofs that a change still needs', () => {
    const proofStore = new ProofStore(() => NOW);
    const address = { kind: 'email', address: 'a@b.c' } as const;
    expect(proofStore.findMissing(emailChange)).toEqual({ identity: true, addresses: [address] });
    proofStore.add({ verificationId: 'identity', expiresAt });
    expect(proofStore.findMissing(emailChange)).toEqual({ identity: false, addresses: [address] });
    proofStore.add({ verificationId: 'other', expiresAt, for: { kind: 'email', address: 'z@b.c' } });
    expect(proofStore.findMissing(emailChange).addresses).toEqual([address]);
    proofStore.add({ verificationId: 'address', expiresAt, for: address });
    expect(proofStore.findMissing(emailChange)).toEqual({ identity: false, addresses: [] });
    expect(proofStore.getIds()).toEqual(['identity', 'other', 'address']);
  });

  it('does not accept a proof of a new address as a proof of identity', () => {
    const proofStore = new ProofStore(() => NOW);
    proofStore.add({ verificationId: 'address', expiresAt, for: { kind: 'email', address: 'a@b.c' } });
    expect(proofStore.findMissing(emailChange).identity).toBe(true);
  });

  it('removes expired and rejected proofs', () => {
    let now = NOW;
    const proofStore = new ProofStore(() => now);
    proofStore.add({ verificationId: 'identity', expiresAt });
    proofStore.add({ verificationId: 'address', expiresAt, for: { kind: 'phone', address: '1' } });
    proofStore.remove(['identity']);
    expect(proofStore.getIds()).toEqual(['address']);
    now = Date.parse(expiresAt);
    expect(proofStore.getIds()).toEqual([]);
  });
});
