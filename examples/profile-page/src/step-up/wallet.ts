import type { ProofRequirement, StepUpRequest } from 'logto-profile-client';

export interface Address {
  readonly kind: 'email' | 'phone';
  readonly address: string;
}

export interface Proof {
  readonly verificationId: string;
  readonly expiresAt: string;
  /** The new address it proves; without one it proves who the user is. */
  readonly for?: Address;
}

export interface Missing {
  readonly identity: boolean;
  readonly addresses: readonly Address[];
}

/** Proofs given and not used yet, in memory only. One that a refused change left over serves the next try. */
export class Wallet {
  private proofs: Proof[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  add(proof: Proof): void {
    this.proofs.push(proof);
  }

  clear(): void {
    this.proofs = [];
  }

  /** Forgets what the service did not take. */
  drop(needs: readonly ProofRequirement[]): void {
    this.proofs = this.proofs.filter((proof) => !needs.includes(proof.for ? 'address' : 'identity'));
  }

  get identified(): boolean {
    return this.valid().some((proof) => !proof.for);
  }

  missing({ required, body }: Pick<StepUpRequest, 'required' | 'body'>): Missing {
    const proven = (wanted: Address) =>
      this.valid().some(({ for: it }) => it?.kind === wanted.kind && it.address === wanted.address);
    return {
      identity: required.includes('identity') && !this.identified,
      addresses: required.includes('address') ? newAddresses(body).filter((address) => !proven(address)) : [],
    };
  }

  ids(): string[] {
    return this.valid().map(({ verificationId }) => verificationId);
  }

  private valid(): Proof[] {
    return this.proofs.filter(({ expiresAt }) => Date.parse(expiresAt) > this.now());
  }
}

/** The page's own: beyond React, since it has to outlive the way through the callback page. */
export const wallet = new Wallet();

/** The addresses that a patch of the profile sets. */
function newAddresses(body: unknown): Address[] {
  const { primaryEmail, primaryPhone } = (body ?? {}) as Record<string, unknown>;
  return [
    ...(typeof primaryEmail === 'string' ? [{ kind: 'email', address: primaryEmail } as const] : []),
    ...(typeof primaryPhone === 'string' ? [{ kind: 'phone', address: primaryPhone } as const] : []),
  ];
}
