import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { UserStateReaderService } from '../../domain/changes/user-state-reader.service.js';
import { valueOf } from '../../domain/fields/catalogue/catalogue-field.js';
import { FieldCatalogue } from '../../domain/fields/catalogue/field-catalogue.js';
import { labelLanguages, profileSchema } from '../../domain/fields/catalogue/published-schema.js';
import { ProofService } from '../../domain/proofs/proof.service.js';
import { negotiateLanguage } from '../../platform/http/accept-language.js';
import type { JsonObject } from '../../platform/json/json.js';
import type { CapabilitiesDto } from './profile.dto.js';

/** The schema and the capabilities with which a page can show the profile as a form. */
@Injectable()
export class ProfileService {
  constructor(
    private readonly states: UserStateReaderService,
    private readonly catalogue: FieldCatalogue,
    private readonly proofs: ProofService,
  ) {}

  /** Returns the schema of the readable document, with labels in the language of an `Accept-Language` header. */
  schema(languages: string | undefined): JsonObject {
    const language = negotiateLanguage(languages, labelLanguages(this.catalogue));
    return profileSchema(this.catalogue, language) as JsonObject;
  }

  async capabilities(caller: Caller): Promise<CapabilitiesDto> {
    const state = await this.states.read(caller);
    const fields = this.catalogue.readable().map((field) => {
      const canSetOnce = field.access === 'write-once' && valueOf(field, state) === null;
      return [
        field.name,
        { readable: true, writable: field.access === 'write' || canSetOnce, proof: field.proof },
      ] as const;
    });
    return { fields: Object.fromEntries(fields), proofs: await this.proofs.available(state.user) };
  }
}
