import { Module, type DynamicModule } from '@nestjs/common';
import { AppConfig } from '../../../platform/config/app-config.js';
import type { CatalogueDefinition } from './catalogue-field.js';
import { FieldCatalogue } from './field-catalogue.js';
import { FieldCipherService } from '../encryption/field-cipher.service.js';
import { FieldKeyCheckService } from '../encryption/field-key-check.service.js';
import { buildCatalogue, loadCatalogueFile } from './load-catalogue.js';

/** Gives `FieldCatalogue` to everyone, and checks that there are keys for what it calls sensitive. */
@Module({})
export class CatalogueModule {
  /**
   * @param catalogue the fields, written in code; by default the file that the configuration names (`PROFILE_FIELDS`)
   */
  static forRoot({ catalogue }: { catalogue?: CatalogueDefinition } = {}): DynamicModule {
    return {
      module: CatalogueModule,
      global: true,
      providers: [
        {
          provide: FieldCatalogue,
          useFactory: ({ profileFields }: AppConfig) =>
            catalogue ? buildCatalogue(catalogue) : loadCatalogueFile(profileFields),
          inject: [AppConfig],
        },
        FieldCipherService,
        FieldKeyCheckService,
      ],
      exports: [FieldCatalogue, FieldCipherService],
    };
  }
}
