import { buildDocument } from '../../src/platform/docs/document.js';
import { FieldCatalogue } from '../../src/domain/fields/catalogue/field-catalogue.js';
import { documentSchemas } from '../../src/domain/fields/catalogue/published-schema.js';
import type { Stack } from './harness.js';

export interface Route {
  readonly method: string;
  readonly path: string;
  /** A body with valid syntax and shape. */
  readonly body?: unknown;
  /** The JSON type of each member, by name, unless the body is a merge patch. */
  readonly members?: Readonly<Record<string, string>>;
}

interface Operation {
  operationId: string;
  security?: unknown[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
}

interface Schema {
  properties: Record<string, { type: string }>;
}

/** A valid body for each operation that has one, by operation id; a new operation must be added here. */
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
  const membersOf = ({ content }: NonNullable<Operation['requestBody']>): Record<string, string> => {
    const name = content['application/json']!.schema.$ref.split('/').at(-1)!;
    const { properties } = components!.schemas![name] as Schema;
    return Object.fromEntries(Object.entries(properties).map(([member, { type }]) => [member, type]));
  };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>)
      .filter(([, { security }]) => security?.length !== 0)
      .map(([method, { operationId, requestBody }]) => {
        const json = Object.keys(requestBody?.content ?? {}).some((type) => type.includes('json'));
        if (json && !(operationId in BODIES)) throw new Error(`${operationId} has no body in test/e2e/routes.ts.`);
        const members = json && !('application/merge-patch+json' in requestBody!.content) && membersOf(requestBody!);
        const filled = path.replace('{name}', 'taxId').replace(/\{[^}]+\}/g, 'x');
        return {
          method: method.toUpperCase(),
          path: filled,
          ...(json && { body: BODIES[operationId] }),
          ...(members && { members }),
        };
      }),
  );
}
