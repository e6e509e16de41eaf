import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { matchesEntityTag } from '../../platform/http/preconditions.js';
import type { JsonObject } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { Caller } from '../access/caller.js';
import { ChangeWriter } from '../changes/change-writer.js';
import type { RowChange } from '../changes/user-lease.repository.js';
import { UserLeaseService } from '../changes/user-lease.service.js';
import { UserStateReaderService } from '../changes/user-state-reader.service.js';
import type { CatalogueField } from '../fields/catalogue/catalogue-field.js';
import { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { isCustomData } from '../fields/stores/custom-data.store.js';
import { FieldStores } from '../fields/stores/field-stores.js';
import type { UserState } from '../fields/user-state.js';
import { IdentifierLimitsService } from '../limits/identifier-limits.service.js';
import { ProofService, type ProofSelection } from '../proofs/proof.service.js';
import { planChange, proofNeeds, type ChangePlan, type FieldChange } from './change-plan.js';
import { IdempotencyKeyService, type KeyUse } from './idempotency-key.service.js';
import { changesIdentifier, IdentifierRulesService } from './identifier-rules.service.js';
import { customDataOf, renderProfile, type RenderedProfile } from './profile-document.js';
import { SensitiveChangesService } from './sensitive-changes.service.js';
import { valuesByStore } from './values-by-store.js';

/** A JSON Merge Patch, and the conditions under which it is applied. */
export interface PatchRequest {
  readonly patch: JsonObject;
  /** The `If-Match` header as received. */
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
  /** IDs of verification records. */
  readonly verificationIds: readonly string[];
}

/** Whether the patched document has a field. */
type FieldFilter = (field: CatalogueField) => boolean;
const everyField: FieldFilter = () => true;

/** Reads and changes the profile document across all stores. Methods also throw the errors of UserStateReaderService. */
@Injectable()
export class ProfileDocumentService {
  /** The rendered documents of cached users, each with the version of the fields that it shows. */
  private readonly rendered = new WeakMap<LogtoUser, { fieldsVersion: number; profile: RenderedProfile }>();

  constructor(
    private readonly states: UserStateReaderService,
    private readonly userLeases: UserLeaseService,
    private readonly identifierRules: IdentifierRulesService,
    private readonly identifierLimits: IdentifierLimitsService,
    private readonly idempotencyKeys: IdempotencyKeyService,
    private readonly proofs: ProofService,
    private readonly sensitiveChanges: SensitiveChangesService,
    private readonly writer: ChangeWriter,
    private readonly catalogue: FieldCatalogue,
    private readonly stores: FieldStores,
    private readonly config: AppConfig,
  ) {}

  /** @param options `fresh` reads Logto even if the user is cached */
  async read(caller: Caller, options: { fresh: boolean }): Promise<RenderedProfile> {
    return this.render(await this.states.read(caller, options));
  }

  /** The fields whose store is Logto's custom data. */
  async readCustomData(caller: Caller, options: { fresh: boolean }): Promise<JsonObject> {
    return customDataOf(this.catalogue, await this.states.read(caller, options));
  }

  /**
   * Applies a patch.
   * @returns the new document
   * @throws ProblemError `field_not_writable`, `validation_failed`, `last_identifier`, `idempotency_conflict`,
   *   `precondition_failed`, `precondition_required`, `step_up_required`, `too_many_attempts`, or what a store rejected
   */
  async update(caller: Caller, request: PatchRequest): Promise<RenderedProfile> {
    return this.render(await this.apply(caller, request, everyField));
  }

  /** As `update`, for the fields whose store is Logto's custom data. */
  async updateCustomData(caller: Caller, request: PatchRequest): Promise<JsonObject> {
    return customDataOf(this.catalogue, await this.apply(caller, request, isCustomData));
  }

  /** Checks everything that can be checked without writing, and consumes nothing. Returns the document after the change. */
  async dryRun(caller: Caller, request: PatchRequest): Promise<RenderedProfile> {
    const state = await this.states.read(caller, { fresh: true });
    const plan = await this.plan(state, request.patch, everyField);
    this.checkPrecondition(state, request);
    await this.chooseProofs(caller, plan, request, state);
    const changes = await this.sensitiveChanges.merge(plan, state);
    return renderProfile(this.catalogue, this.stores.withValues(state, valuesByStore(changes, state).target));
  }

  /** In the order of the contract: the patch itself, a replay, the precondition, the proofs; then Logto's own rejections. */
  private apply(caller: Caller, request: PatchRequest, isInDocument: FieldFilter): Promise<UserState> {
    return this.userLeases.withLease(caller, async (lease, state) => {
      const plan = await this.plan(state, request.patch, isInDocument);
      const keyUse = await this.findKeyUse(caller, request);
      // Whether the key was used for the same values would confirm a guess, so the proof comes first.
      if (proofNeeds(plan).length === 0 && isReplay(keyUse)) return state;
      if (keyUse === 'unused') this.checkPrecondition(state, request);
      const proofs = await this.chooseProofs(caller, plan, request, state);
      if (isReplay(keyUse)) return state;

      const changes = await this.sensitiveChanges.merge(plan, state);
      const values = valuesByStore(await this.sensitiveChanges.encrypt(changes, caller.userId), state);
      const record = this.recordOf(caller, request, changes);
      const write = () => this.writer.write(lease, { state, ...values, record, proofs });
      return changesIdentifier(plan) ? this.identifierLimits.attempt(caller.userId, write) : write();
    });
  }

  private async plan(state: UserState, patch: JsonObject, isInDocument: FieldFilter): Promise<ChangePlan> {
    const plan = planChange(this.catalogue, state, patch, isInDocument);
    await this.identifierRules.check(plan, state.user);
    return plan;
  }

  private async findKeyUse({ userId }: Caller, { idempotencyKey, patch }: PatchRequest): Promise<KeyUse> {
    if (idempotencyKey === undefined) return 'unused';
    this.idempotencyKeys.check(idempotencyKey);
    return this.idempotencyKeys.findUse(userId, idempotencyKey, patch);
  }

  private checkPrecondition(state: UserState, request: PatchRequest): void {
    if (request.ifMatch === undefined) {
      if (this.config.requireIfMatch) throw new ProblemError('precondition_required');
    } else if (!matchesEntityTag(request.ifMatch, this.render(state).etag)) {
      throw new ProblemError('precondition_failed');
    }
  }

  private async chooseProofs(
    caller: Caller,
    plan: ChangePlan,
    { verificationIds }: PatchRequest,
    { user }: UserState,
  ): Promise<ProofSelection[]> {
    const selections: ProofSelection[] = [];
    for (const need of proofNeeds(plan)) {
      selections.push(await this.proofs.select(caller, verificationIds, need, user));
    }
    return selections;
  }

  /** What the row keeps beside the values: a line of activity, the idempotency key, and what the change revokes. */
  private recordOf(
    { clientId }: Caller,
    { idempotencyKey, patch }: PatchRequest,
    changes: readonly FieldChange[],
  ): Pick<RowChange, 'activity' | 'idempotency' | 'revocation'> {
    const fields = changes.map(({ field }) => field.name);
    // Another email or phone voids what was proved by the previous one.
    const changesAddress = changes.some(({ field }) => field.proof === 'identity-and-address');
    return {
      ...(fields.length > 0 && { activity: { action: 'profile_changed', clientId, fields } }),
      ...(idempotencyKey !== undefined && { idempotency: this.idempotencyKeys.entry(idempotencyKey, patch) }),
      ...(changesAddress && { revocation: { proofs: true } }),
    };
  }

  private render(state: UserState): RenderedProfile {
    if (this.stores.needLoading) return renderProfile(this.catalogue, state);
    const known = this.rendered.get(state.user);
    if (known?.fieldsVersion === state.fieldsVersion) return known.profile;
    const profile = renderProfile(this.catalogue, state);
    this.rendered.set(state.user, { fieldsVersion: state.fieldsVersion, profile });
    return profile;
  }
}

/** Whether the change was already made with this key. Throws `idempotency_conflict` if another change was. */
function isReplay(use: KeyUse): boolean {
  if (use === 'other') throw new ProblemError('idempotency_conflict');
  return use === 'same';
}
