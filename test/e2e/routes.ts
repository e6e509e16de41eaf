import { buildDocument } from '../../src/platform/docs/document.js';
import { FieldCatalogue } from '../../src/domain/fields/catalogue/field-catalogue.js';
import { documentSchemas } from '../../src/domain/fields/catalogue/published-schema.js';
import type { Stack } from './harness.js';

export interface Route {
  readonly method: string;
  readonly path: string;
  /** A valid body. */
  readonly body?: unknown;
  /** The JSON types of the members by name. Undefined for a merge patch. */
  readonly members?: Readonly<Record<string, string>>;
}

interface Operation {
  operationId: string;
  security?: unknown[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
}

interface Schema {
  properties?: Record<string, { type: string }>;
  oneOf?: Schema[];
}

/** Valid bodies by operation id. Every operation with a body needs an entry. */
const BODIES: Record<string, unknown> = {
  updateProfile: { name: 'X' },
  updateCustomData: { preferences: { a: 1 } },
  verifyPassword: { password: 'Str0ng-Passw0rd!x' },
  changePassword: { newPassword: 'an0ther-G00d!one', currentPassword: 'Str0ng-Passw0rd!x' },
  checkPassword: { password: 'an0ther-G00d!one' },
  sendVerificationCode: { email: 'new@example.com' },
  verifyVerificationCode: { email: 'new@example.com', code: '123456' },
  verifySignIn: { idToken: 'a.b.c' },
};

/** Lists every route of the OpenAPI document that needs an access token. */
export function listProtectedRoutes({ app }: Stack): Route[] {
  const { paths, components } = buildDocument(app, documentSchemas(app.get(FieldCatalogue, { strict: false })));
  const readMemberTypes = ({ content }: NonNullable<Operation['requestBody']>): Record<string, string> => {
    const name = content['application/json']!.schema.$ref.split('/').at(-1)!;
    const { properties = {}, oneOf = [] } = components!.schemas![name] as Schema;
    const alternatives = oneOf.flatMap((schema) => Object.entries(schema.properties ?? {}));
    return Object.fromEntries(
      [...Object.entries(properties), ...alternatives].map(([member, { type }]) => [member, type]),
    );
  };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>)
      .filter(([, { security }]) => security?.length !== 0)
      .map(([method, { operationId, requestBody }]) => {
        const isJson = Object.keys(requestBody?.content ?? {}).some((type) => type.includes('json'));
        if (isJson && !(operationId in BODIES)) throw new Error(`${operationId} has no body in test/e2e/routes.ts.`);
        const members =
          isJson && !('application/merge-patch+json' in requestBody!.content) && readMemberTypes(requestBody!);
        const concretePath = path.replace('{name}', 'taxId').replace(/\{[^}]+\}/g, 'x');
        return {
          method: method.toUpperCase(),
          path: concretePath,
          ...(isJson && { body: BODIES[operationId] }),
          ...(members && { members }),
        };
      }),
  );
}
