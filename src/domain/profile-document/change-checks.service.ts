import { Injectable } from '@nestjs/common';
import type { RowChange } from '../users/user-row.repository.js';
import type { Caller } from '../access/caller.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { JsonObject } from '../../platform/json/json.js';
import { ProofService, type ProofSelection } from '../proofs/proof.service.js';
import type { CatalogueField } from '../fields/catalogue/catalogue-field.js';
import { proofNeeds, type ChangePlan } from './change-plan.js';
import { IdempotencyKeyService } from './idempotency-key.service.js';
import { ifMatch } from '../../platform/http/preconditions.js';
import { ProfileReader } from './profile-reader.service.js';
import type { UserState } from '../fields/user-state.js';

/** A JSON Merge Patch of a document, with what decides whether it is made. */
export interface ProfilePatch {
  readonly patch: JsonObject;
  /** Whether that document has the field. */
  readonly knows: (field: CatalogueField) => boolean;
  /** The header as it came. */
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
  /** Ids of verification records. */
  readonly proofs: readonly string[];
}

/** What a valid change still has to pass before it is made, in the order of the contract. Nothing is used up. */
@Injectable()
export class ChangeChecks {
  constructor(
    private readonly keys: IdempotencyKeyService,
    private readonly profiles: ProfileReader,
    private readonly proofs: ProofService,
    private readonly config: AppConfig,
  ) {}

  /** Whether the same request was carried out before. Throws `validation_failed` for a bad key, `idempotency_conflict` when another was, under its key. */
  async isReplay({ userId }: Caller, { idempotencyKey, patch }: ProfilePatch): Promise<boolean> {
    if (idempotencyKey === undefined) return false;
    this.keys.check(idempotencyKey);
    return this.keys.wasDone(userId, idempotencyKey, patch);
  }

  /** Throws `precondition_failed`, or `precondition_required` where the operator demands one. */
  checkPrecondition(state: UserState, request: ProfilePatch): void {
    if (request.ifMatch === undefined) {
      if (this.config.requireIfMatch) throw new ProblemError('precondition_required');
    } else if (!ifMatch(request.ifMatch, this.profiles.show(state).etag)) {
      throw new ProblemError('precondition_failed');
    }
  }

  /** Chooses the proofs that the change needs. Throws `step_up_required` when they do not suffice. */
  async chooseProofs(
    caller: Caller,
    plan: ChangePlan,
    { proofs }: ProfilePatch,
    { user }: UserState,
  ): Promise<ProofSelection[]> {
    const selections: ProofSelection[] = [];
    for (const need of proofNeeds(plan)) selections.push(await this.proofs.select(caller, proofs, need, user));
    return selections;
  }

  /** What is kept beside the change: a line of the user's history, the key it was sent under, and what it revokes. */
  record(
    { clientId }: Caller,
    { idempotencyKey, patch }: ProfilePatch,
    { changes }: ChangePlan,
  ): Pick<RowChange, 'activity' | 'idempotency' | 'revocation'> {
    const fields = changes.map(({ field }) => field.name);
    return {
      ...(fields.length > 0 && { activity: { action: 'profile_changed', clientId, fields } }),
      ...(idempotencyKey !== undefined && { idempotency: this.keys.entry(idempotencyKey, patch) }),
      // Another email or phone: who proved themselves by the old one must do so again.
      ...(changes.some(({ field }) => field.proof === 'identity-and-address') && { revocation: { proofs: true } }),
    };
  }
}
