import type { INestApplicationContext } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { ErrorCode } from '../errors/error-catalogue.js';
import { EXACTLY_ONE_OF } from './documented-requests.js';
import { RESPONSE_HEADERS } from './problem-examples.js';
import { PROBLEMS_EXTENSION } from './problem-responses.js';
import { FieldErrorSchema, ProblemSchema } from './problem.schema.js';
import { SharedResponses, sharedCodes, type Route } from './shared-responses.js';

/** The name of the security scheme of all operations that are not public. */
export const ACCESS_TOKEN = 'bearer';

const DESCRIPTION = `The backend for a user's own profile page, for apps that sign their users in with Logto.

Every operation is about the caller: the access token identifies the user, and no other user id is accepted.
Errors are problem details (RFC 9457) with a stable \`code\`.`;

const TAGS = [
  { name: 'Profile', description: 'The profile document and what can be done with its fields.' },
  { name: 'Custom data', description: "The fields that are stored in Logto's custom data." },
  { name: 'Password', description: 'Verify, check and change the password.' },
  { name: 'Verification', description: 'Codes that prove an address or the identity.' },
  { name: 'Sign-in', description: 'A fresh sign-in at Logto as a proof of identity.' },
  { name: 'Sessions', description: 'The sessions of the user at Logto.' },
  { name: 'Identities', description: 'Social and enterprise identities that the user can sign in with.' },
  { name: 'Multi-factor authentication', description: 'The second factors of the user.' },
  { name: 'Webhooks', description: 'Notifications from Logto.' },
  { name: 'Health', description: 'Probes for the operator of the service.' },
];

type Operation = Record<string, unknown> & {
  parameters?: { in: string; name: string; description?: string }[];
  responses: Record<string, unknown>;
  requestBody?: unknown;
  security?: unknown[];
};

/**
 * Builds the OpenAPI document of an application, which may be in preview mode (without instances of its providers).
 * Adds the schemas of the catalogue's fields and the problem responses that routes share.
 */
export function buildDocument(app: INestApplicationContext, fieldSchemas: Record<string, object>): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Logto profile service')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .setContact('The team that runs this service', '', '')
    // The variable has no description of its own: a common JSON Schema of OpenAPI 3.1 rejects that.
    .addServer('{baseUrl}', 'Your deployment of the service. `baseUrl` is its URL, without `/v1`.', {
      baseUrl: { default: 'http://localhost:3000' },
    })
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'An access token (JWT) of Logto for this API resource.',
      },
      ACCESS_TOKEN,
    )
    .addSecurityRequirements(ACCESS_TOKEN)
    .build();
  const document = withoutDtoSuffix(
    SwaggerModule.createDocument(app as never, base, { extraModels: [ProblemSchema, FieldErrorSchema] }),
  );
  const ownSchemas = Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => [
    name,
    withAlternatives(schema as ObjectSchema),
  ]);
  const schemas = { ...Object.fromEntries(ownSchemas), ...fieldSchemas } as Record<string, object>;
  const shared = new SharedResponses();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item) as [string, Operation][]) {
      completeOperation({ path, method }, operation, shared);
    }
  }
  document.components = {
    ...document.components,
    schemas: sorted(schemas),
    responses: sorted(shared.responses),
    examples: sorted(shared.examples),
    headers: usedHeaders(document, shared),
  } as OpenAPIObject['components'];
  const { openapi, info, servers, security, paths, components } = document;
  const { contact, ...about } = info;
  return {
    openapi,
    info: { ...about, contact: { name: contact?.name } },
    servers,
    security,
    tags: usedTags(paths),
    paths,
    components,
  };
}

/** Names each schema after its class without `Dto`, which means nothing to the readers of the document. */
function withoutDtoSuffix(document: OpenAPIObject): OpenAPIObject {
  const text = JSON.stringify(document).replaceAll(/"#\/components\/schemas\/(\w+)Dto"/g, '"#/components/schemas/$1"');
  const renamed = JSON.parse(text) as OpenAPIObject;
  const schemas: Record<string, object> = {};
  for (const [className, schema] of Object.entries(renamed.components?.schemas ?? {})) {
    const name = className.replace(/Dto$/, '');
    if (name in schemas) throw new Error(`Two OpenAPI schemas have the name ${name}.`);
    schemas[name] = schema;
  }
  return { ...renamed, components: { ...renamed.components, schemas } as OpenAPIObject['components'] };
}

type ObjectSchema = Record<string, unknown> & { properties?: Record<string, unknown>; required?: string[] };

/** Replaces the extension of {@link ApiExactlyOneOf} by one alternative for each member. */
function withAlternatives({ [EXACTLY_ONE_OF]: members, ...schema }: ObjectSchema): ObjectSchema {
  if (!Array.isArray(members)) return schema;
  const { type, properties = {}, required = [], ...annotations } = schema;
  const common = Object.entries(properties).filter(([name]) => !members.includes(name));
  const oneOf = (members as string[]).map((member) => ({
    type,
    properties: { [member]: properties[member], ...Object.fromEntries(common) },
    required: [member, ...required],
    additionalProperties: false,
  }));
  return { ...annotations, oneOf };
}

/** The tags of all operations, in the order of TAGS. @throws Error if an operation has an unknown tag */
function usedTags(paths: OpenAPIObject['paths']): typeof TAGS {
  const operations = Object.values(paths).flatMap((item) => Object.values(item) as { tags?: string[] }[]);
  const used = new Set(operations.flatMap(({ tags = [] }) => tags));
  const unknown = [...used].filter((tag) => !TAGS.some(({ name }) => name === tag));
  if (unknown.length > 0) throw new Error(`OpenAPI tags without a description in TAGS: ${unknown.join(', ')}`);
  return TAGS.filter(({ name }) => used.has(name));
}

function usedHeaders(...users: object[]): Record<string, unknown> {
  const text = JSON.stringify(users);
  const used = ([name]: [string, unknown]) => text.includes(`"#/components/headers/${name}"`);
  return Object.fromEntries(Object.entries(RESPONSE_HEADERS.components).filter(used));
}

function completeOperation(route: Route, operation: Operation, shared: SharedResponses): void {
  const own = (operation[PROBLEMS_EXTENSION] ?? []) as ErrorCode[];
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- our own marker, which does not belong in the document
  delete operation[PROBLEMS_EXTENSION];
  // Nest also documents each `@Headers('if-match')`, as required and without a description. Ours have descriptions.
  operation.parameters = operation.parameters?.filter(
    ({ in: place, description }) => place !== 'header' || description !== undefined,
  );
  const problems = shared.referencesFor([
    ...sharedCodes({ ...route, hasBody: operation.requestBody !== undefined }),
    ...own,
  ]);
  operation.responses = { ...operation.responses, ...problems };
}

const sorted = <T>(record: Record<string, T>) =>
  Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
