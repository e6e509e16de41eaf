import { buildDocument } from '../../src/openapi/document.js';
import { FieldCatalogue } from '../../src/fields/catalogue/field-catalogue.js';
import type { Stack } from './harness.js';

export interface Route {
  readonly method: string;
  readonly path: string;
  /** A body that passes every check of syntax and shape. */
  readonly body?: unknown;
}

interface Operation {
  operationId: string;
  security?: unknown[];
  requestBody?: { content: Record<string, unknown> };
}

/** For operations whose body says whom or what they change; a new one must be added here, or the tests fail. */
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

/** Every route of the OpenAPI document that needs an access token, made from the document itself. */
export function protectedRoutes({ app }: Stack): Route[] {
  const { paths } = buildDocument(app, app.get(FieldCatalogue, { strict: false }));
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>)
      .filter(([, { security }]) => security?.length !== 0)
      .map(([method, { operationId, requestBody }]) => {
        const json = Object.keys(requestBody?.content ?? {}).some((type) => type.includes('json'));
        if (json && !(operationId in BODIES)) throw new Error(`${operationId} has no body in test/e2e/routes.ts.`);
        const filled = path.replace('{name}', 'taxId').replace(/\{[^}]+\}/g, 'x');
        return { method: method.toUpperCase(), path: filled, ...(json && { body: BODIES[operationId] }) };
      }),
  );
}
