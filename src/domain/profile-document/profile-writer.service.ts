import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { ChangeChecks, type ProfilePatch } from './change-checks.service.js';
import { stateAfter } from './change-plan.js';
import { ChangePlanner } from './change-planner.service.js';
import { ChangeWriter } from '../changes/change-writer.js';
import { UserStateReader } from '../changes/user-state-reader.service.js';
import type { UserState } from '../fields/user-state.js';

/**
 * Changes the profile, whatever stores its fields are in. The checks come in the order of the contract: what may not be changed,
 * what is not valid, a request carried out before, the precondition, the proofs; then Logto's own.
 */
@Injectable()
export class ProfileWriter {
  constructor(
    private readonly states: UserStateReader,
    private readonly planner: ChangePlanner,
    private readonly checks: ChangeChecks,
    private readonly commit: ChangeWriter,
  ) {}

  /** Makes the change, and gives the state it leads to. */
  apply(caller: Caller, request: ProfilePatch): Promise<UserState> {
    return this.states.inTurn(caller, async (turn, state) => {
      const plan = await this.planner.plan(state, request.patch, request.knows);
      if (await this.checks.isReplay(caller, request)) return state;
      this.checks.checkPrecondition(state, request);
      const proofs = await this.checks.chooseProofs(caller, plan, request, state);

      const set = await this.planner.stored(caller.userId, plan.set);
      const row = { set, remove: plan.remove, ...this.checks.record(caller, request, plan) };
      const { user, fieldsVersion } = await this.commit.commit(turn, { ...plan, row, user: state.user, proofs });
      return { user, fields: stateAfter(state, plan, set).fields, fieldsVersion };
    });
  }

  /** Checks all that can be checked without trying, uses nothing up, and gives the state that the change would lead to. */
  async rehearse(caller: Caller, request: ProfilePatch): Promise<UserState> {
    const state = await this.states.read(caller, { fresh: true });
    const plan = await this.planner.plan(state, request.patch, request.knows);
    this.checks.checkPrecondition(state, request);
    await this.checks.chooseProofs(caller, plan, request, state);
    return stateAfter(state, plan, plan.set);
  }
}
