import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { matchesEntityTag } from '../../platform/http/preconditions.js';
import type { PatchConditions } from '../../platform/http/patch-conditions.decorator.js';
import type { JsonObject } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { Caller } from '../access/caller.js';
import { ChangeWriter } from '../changes/change-writer.js';
import type { RowChange } from '../changes/user-lease.repository.js';
import type { UserLease } from '../changes/user-lease.js';
import { UserLeaseService } from '../changes/user-lease.service.js';
import { UserStateReaderService } from '../changes/user-state-reader.service.js';
import { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { FieldStores } from '../fields/stores/field-stores.js';
import type { UserState } from '../fields/user-state.js';
import { IdentifierLimitsService } from '../limits/identifier-limits.service.js';
import { ProofService, type ProofSelection } from '../proofs/proof.service.js';
import { planChange, proofNeeds, type ChangePlan, type FieldChange } from './change-plan.js';
import { IdempotencyKeyService, type KeyUse } from './idempotency-key.service.js';
import { changesIdentifier, IdentifierRulesService } from './identifier-rules.service.js';
import { documentOf, renderProfile, type DocumentName, type RenderedProfile } from './profile-document.js';
import { SensitiveChangesService } from './sensitive-changes.service.js';
import { valuesByStore } from './values-by-store.js';

/** A JSON Merge Patch (RFC 7396) of a document, and the conditions under which it is applied. */
export interface PatchRequest extends PatchConditions {
  readonly document: DocumentName;
  readonly patch: JsonObject;
}

/** A document as sent to clients. */
export interface ServedDocument {
  /** JSON. */
  readonly body: string;
  /** The version of the whole profile, for every document. The result of a dry run has none. */
  readonly etag?: string;
  /** Set if Logto is unavailable and its part is older than it may be otherwise: its age in milliseconds. */
  readonly staleMs?: number;
}

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
  async read(caller: Caller, document: DocumentName, options: { fresh: boolean }): Promise<ServedDocument> {
    const state = await this.states.read(caller, options);
    return { ...this.serve(document, state), staleMs: state.staleMs };
  }

  /**
   * Applies a patch, or only checks it: a dry run checks everything that can be checked without writing, and consumes nothing.
   * @returns the document after the change
   * @throws ProblemError `field_not_writable`, `validation_failed`, `last_identifier`, `idempotency_conflict`,
   *   `precondition_failed`, `precondition_required`, `step_up_required`, `too_many_attempts`, or what a store rejected
   */
  async update(caller: Caller, request: PatchRequest): Promise<ServedDocument> {
    if (!request.dryRun) return this.serve(request.document, await this.apply(caller, request));
    const state = await this.preview(caller, request);
    return { body: JSON.stringify(documentOf(this.catalogue, state, request.document)) };
  }

  private async preview(caller: Caller, request: PatchRequest): Promise<UserState> {
    const state = await this.states.read(caller, { fresh: true });
    const plan = await this.plan(state, request);
    this.checkPreconditions(state, request);
    await this.chooseProofs(caller, plan, request, state);
    const changes = await this.sensitiveChanges.merge(plan, state);
    return this.stores.withValues(state, valuesByStore(changes, state).target);
  }

  /** In the order of the contract: the patch itself, a replay, the preconditions, the proofs; then Logto's own rejections. */
  private apply(caller: Caller, request: PatchRequest): Promise<UserState> {
    const work = async (lease: UserLease, state: UserState): Promise<UserState> => {
      const plan = await this.plan(state, request);
      const keyUse = await this.findKeyUse(caller, request);
      // Whether the key was used for the same values would confirm a guess, so the proof comes first.
      if (proofNeeds(plan).length === 0 && isReplay(keyUse)) return state;
      if (keyUse === 'unused') this.checkPreconditions(state, request);
      const proofs = await this.chooseProofs(caller, plan, request, state);
      if (isReplay(keyUse)) return state;

      const changes = await this.sensitiveChanges.merge(plan, state);
      const values = valuesByStore(await this.sensitiveChanges.encrypt(changes, caller.userId), state);
      const record = this.recordOf(caller, request, changes);
      const write = () => this.writer.write(lease, { state, ...values, record, proofs });
      return changesIdentifier(plan) ? this.identifierLimits.attempt(caller.userId, write) : write();
    };
    return this.userLeases.withLease(caller, work, { acceptCached: this.concernsOnlyRow(request) });
  }

  /** Whether the patch changes nothing but plain values in the user's row, so that of Logto it needs only the status of the account. */
  private concernsOnlyRow({ patch }: PatchRequest): boolean {
    return Object.keys(patch).every((name) => {
      const field = this.catalogue.fields.get(name);
      return field?.store.toRow !== undefined && field.proof === 'none' && !field.previously;
    });
  }

  private async plan(state: UserState, { patch, document }: PatchRequest): Promise<ChangePlan> {
    const plan = planChange(this.catalogue, state, patch, document);
    await this.identifierRules.check(plan, state.user);
    return plan;
  }

  private async findKeyUse({ userId }: Caller, { idempotencyKey, patch }: PatchRequest): Promise<KeyUse> {
    if (idempotencyKey === undefined) return 'unused';
    this.idempotencyKeys.check(idempotencyKey);
    return this.idempotencyKeys.findUse(userId, idempotencyKey, patch);
  }

  /** RFC 9110 sections 13.1.1 and 13.1.2. The profile always exists, so `If-None-Match: *` always fails. */
  private checkPreconditions(state: UserState, { ifMatch, ifNoneMatch }: PatchRequest): void {
    if (ifMatch === undefined && this.config.requireIfMatch) throw new ProblemError('precondition_required');
    const matches = (header: string) => matchesEntityTag(header, this.render(state).etag);
    if (ifMatch !== undefined && !matches(ifMatch)) {
      throw new ProblemError('precondition_failed', { detail: { code: 'profile_changed' } });
    }
    if (ifNoneMatch !== undefined && matches(ifNoneMatch)) {
      throw new ProblemError('precondition_failed', { detail: { code: 'profile_matches' } });
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

  private serve(document: DocumentName, state: UserState): ServedDocument {
    const profile = this.render(state);
    if (document === 'profile') return profile;
    return { body: JSON.stringify(documentOf(this.catalogue, state, document)), etag: profile.etag };
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
