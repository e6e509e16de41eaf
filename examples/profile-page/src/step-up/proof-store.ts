import type { ProofRequirement, StepUpRequest } from 'logto-profile-client';

export interface Address {
  readonly kind: 'email' | 'phone';
  readonly address: string;
}

export interface Proof {
  readonly verificationId: string;
  readonly expiresAt: string;
  /** The new address that it proves; without one, it proves the user's identity. */
  readonly for?: Address;
}

export interface MissingProofs {
  readonly identity: boolean;
  readonly addresses: readonly Address[];
}

/** Holds unused proofs in memory. If the service rejects a change for another reason, the next attempt reuses them. */
export class ProofStore {
  private proofs: Proof[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  add(proof: Proof): void {
    this.proofs.push(proof);
  }

  clear(): void {
    this.proofs = [];
  }

  /** Removes proofs that the service rejected. */
  remove(needs: readonly ProofRequirement[]): void {
    this.proofs = this.proofs.filter((proof) => !needs.includes(proof.for ? 'address' : 'identity'));
  }

  get hasIdentityProof(): boolean {
    return this.getValid().some((proof) => !proof.for);
  }

  findMissing({ required, body }: Pick<StepUpRequest, 'required' | 'body'>): MissingProofs {
    const isProven = (wanted: Address) =>
      this.getValid().some(({ for: proven }) => proven?.kind === wanted.kind && proven.address === wanted.address);
    return {
      identity: required.includes('identity') && !this.hasIdentityProof,
      addresses: required.includes('address') ? findNewAddresses(body).filter((address) => !isProven(address)) : [],
    };
  }

  getIds(): string[] {
    return this.getValid().map(({ verificationId }) => verificationId);
  }

  private getValid(): Proof[] {
    return this.proofs.filter(({ expiresAt }) => Date.parse(expiresAt) > this.now());
  }
}

/** Outside React, because it has to outlive the callback page. */
export const proofStore = new ProofStore();

/** Finds the addresses that a profile patch sets. */
function findNewAddresses(body: unknown): Address[] {
  const { primaryEmail, primaryPhone } = (body ?? {}) as Record<string, unknown>;
  return [
    ...(typeof primaryEmail === 'string' ? [{ kind: 'email', address: primaryEmail } as const] : []),
    ...(typeof primaryPhone === 'string' ? [{ kind: 'phone', address: primaryPhone } as const] : []),
  ];
}
