import { NestFactory } from '@nestjs/core';
import { stringify } from 'yaml';
import { appParts } from '../create-app.js';
import { IN_MEMORY } from '../platform/config/field-encryption-keys.js';
import { loadCatalogueFile } from '../domain/fields/catalogue/load-catalogue.js';
import { createFieldStores } from '../domain/fields/stores/field-stores.js';
import type { ManagementApiService } from '../platform/management-api/management-api.service.js';
import { documentSchemas } from '../domain/fields/catalogue/published-schema.js';
import { buildDocument } from '../platform/docs/document.js';

const HEADER = '# Written by `npm run openapi` from the code and profile-fields.yaml. Do not edit.\n';

/** The OpenAPI document of the sample catalogue, as YAML. Needs no database and no Logto, because no provider is constructed. */
export async function generateOpenApi(): Promise<string> {
  const { module, adapter, config } = await appParts({ DATABASE_FOLDER: IN_MEMORY });
  const app = await NestFactory.create(module, adapter, { preview: true, logger: ['error'], abortOnError: false });
  const stores = createFieldStores({} as ManagementApiService); // No value is read or written.
  const document = buildDocument(app, documentSchemas(loadCatalogueFile(config.profileFields, stores)));
  return HEADER + stringify(document, { lineWidth: 120, aliasDuplicateObjects: false });
}
