import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import type { JsonObject } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { answerOf, customDataOf, documentOf, type ProfileAnswer } from './profile-document.js';
import type { UserState } from '../fields/user-state.js';
import { UserStateReader } from '../changes/user-state-reader.service.js';

/** The profile document as its owner reads it. All methods throw what UserStateReader does. */
@Injectable()
export class ProfileReader {
  /** Of copies of Logto's users, while those are kept: the answer made of one, and of which version of fields. */
  private readonly made = new WeakMap<LogtoUser, { fieldsVersion: number; answer: ProfileAnswer }>();

  constructor(
    private readonly states: UserStateReader,
    private readonly catalogue: FieldCatalogue,
  ) {}

  /** @param fresh asks Logto, whatever copy there is */
  async read(caller: Caller, { fresh }: { fresh: boolean }): Promise<ProfileAnswer> {
    return this.show(await this.states.read(caller, { fresh }));
  }

  show(state: UserState): ProfileAnswer {
    const known = this.made.get(state.user);
    if (known?.fieldsVersion === state.fieldsVersion) return known.answer;
    const answer = answerOf(documentOf(this.catalogue, state), state.fieldsVersion);
    this.made.set(state.user, { fieldsVersion: state.fieldsVersion, answer });
    return answer;
  }

  /** The part that lives in Logto's custom data. */
  async readCustomData(caller: Caller, { fresh }: { fresh: boolean }): Promise<JsonObject> {
    return this.showCustomData(await this.states.read(caller, { fresh }));
  }

  showCustomData(state: UserState): JsonObject {
    return customDataOf(this.catalogue, state);
  }
}
