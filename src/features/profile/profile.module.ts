import { Module, type DynamicModule } from '@nestjs/common';
import type { CatalogueDefinition } from '../../domain/fields/catalogue/catalogue-field.js';
import { CatalogueModule } from '../../domain/fields/catalogue/catalogue.module.js';
import { ProfileController } from './profile.controller.js';
import { ProfileService } from './profile.service.js';
import { RevealService } from './reveal.service.js';

@Module({ controllers: [ProfileController], providers: [ProfileService, RevealService] })
export class ProfileModule {
  /** @param options `catalogue`: the fields, defined in code; by default, those in the file at `PROFILE_FIELDS` */
  static forRoot(options: { catalogue?: CatalogueDefinition } = {}): DynamicModule {
    return { module: ProfileModule, imports: [CatalogueModule.forRoot(options)] };
  }
}
