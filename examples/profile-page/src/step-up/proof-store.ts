import type { ProofRequirement, StepUpRequest } from 'logto-profile-client';

export interface Address {
  readonly kind: 'email' | 'phone';
  readonly address: string;
}

export interface Proof {
  readonly verificationId: string;
  readonly expiresAt: string;
  /** The new address that it proves. If undefined, it proves the user's identity. */
  readonly for?: Address;
}

export interface MissingProofs {
  readonly identity: boolean;
  readonly addresses: readonly Address[];
}

/** Stores unused proofs in memory. If the service rejects a change for another reason, the next attempt uses them again. */
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
  remove(requirements: readonly ProofRequirement[]): void {
    this.proofs = this.proofs.filter((proof) => !requirements.includes(proof.for ? 'address' : 'identity'));
  }

  get hasIdentityProof(): boolean {
    return this.getValid().some((proof) => !proof.for);
  }

  findMissing({ required, body }: Pick<StepUpRequest, 'required' | 'body'>): MissingProofs {
    const isProven = ({ kind, address }: Address) =>
      this.getValid().some((proof) => proof.for?.kind === kind && proof.for.address === address);
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

/** It is not in React state, because it must outlive the callback page. */
export const proofStore = new ProofStore();

/** Finds the addresses that a profile patch sets. */
function findNewAddresses(body: unknown): Address[] {
  const { primaryEmail, primaryPhone } = (body ?? {}) as Record<string, unknown>;
  return [
    ...(typeof primaryEmail === 'string' ? [{ kind: 'email', address: primaryEmail } as const] : []),
    ...(typeof primaryPhone === 'string' ? [{ kind: 'phone', address: primaryPhone } as const] : []),
  ];
}
