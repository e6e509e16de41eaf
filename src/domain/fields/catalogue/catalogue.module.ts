import { Module, type DynamicModule } from '@nestjs/common';
import { AppConfig } from '../../../platform/config/app-config.js';
import { Clock } from '../../../platform/config/clock.js';
import type { CatalogueDefinition } from './catalogue-field.js';
import { FieldCatalogue } from './field-catalogue.js';
import { ManagementApiService } from '../../../platform/management-api/management-api.service.js';
import { createFieldStores, FieldStores } from '../stores/field-stores.js';
import { FieldCipherService } from '../encryption/field-cipher.service.js';
import { FieldKeyCheckService } from '../encryption/field-key-check.service.js';
import { buildCatalogue, loadCatalogueFile } from './load-catalogue.js';

/** Provides `FieldCatalogue` and `FieldStores`, and checks that there are keys for sensitive fields. */
@Module({})
export class CatalogueModule {
  /**
   * @param options `catalogue`: the fields, defined in code; by default the file that PROFILE_FIELDS names
   */
  static forRoot({ catalogue }: { catalogue?: CatalogueDefinition } = {}): DynamicModule {
    return {
      module: CatalogueModule,
      global: true,
      providers: [
        {
          provide: FieldCatalogue,
          useFactory: ({ profileFields }: AppConfig, stores: FieldStores, clock: Clock) =>
            catalogue ? buildCatalogue(catalogue, stores, { clock }) : loadCatalogueFile(profileFields, stores, clock),
          inject: [AppConfig, FieldStores, Clock],
        },
        { provide: FieldStores, useFactory: createFieldStores, inject: [ManagementApiService] },
        FieldCipherService,
        FieldKeyCheckService,
      ],
      exports: [FieldCatalogue, FieldStores, FieldCipherService],
    };
  }
}
