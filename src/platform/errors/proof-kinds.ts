/** The kinds of proof of identity. */
export const PROOF_KINDS = ['password', 'email', 'phone', 'signIn'] as const;
export type ProofKind = (typeof PROOF_KINDS)[number];

/** What a change can require a proof of: the caller's identity, or a new address. */
export const PROOF_PARTS = ['identity', 'address'] as const;
export type ProofPart = (typeof PROOF_PARTS)[number];
