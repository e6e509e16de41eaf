import type { INestApplicationContext } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { ErrorCode } from '../errors/error-catalogue.js';
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
    .addServer('/', 'This service')
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
  const document = SwaggerModule.createDocument(app as never, base, { extraModels: [ProblemSchema, FieldErrorSchema] });
  const schemas = { ...document.components?.schemas, ...fieldSchemas } as Record<string, object>;
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
  const { contact: _none, ...about } = info;
  return { openapi, info: about, servers, security, tags: usedTags(paths), paths, components };
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
