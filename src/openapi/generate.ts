import { NestFactory } from '@nestjs/core';
import { stringify } from 'yaml';
import { appParts } from '../create-app.js';
import { IN_MEMORY } from '../config/field-encryption-keys.js';
import { loadCatalogueFile } from '../fields/catalogue/load-catalogue.js';
import { buildDocument } from './document.js';

const HEADER = '# Written by `npm run openapi` from the code and profile-fields.yaml. Do not edit.\n';

/** The OpenAPI document of the sample catalogue, as YAML. Nothing is constructed, so nothing is needed: no database, no Logto. */
export async function generateOpenApi(): Promise<string> {
  const { module, adapter, config } = await appParts({ DATABASE_FOLDER: IN_MEMORY });
  const app = await NestFactory.create(module, adapter, { preview: true, logger: ['error'], abortOnError: false });
  return HEADER + stringify(buildDocument(app, loadCatalogueFile(config.profileFields)), { lineWidth: 120 });
}
