// Calls of the generated code: they compile only if it has the operations and types that openapi.yaml describes.
import createFetchClient from 'openapi-fetch';
import * as heyApi from './generated/hey-api/index.js';
import type { paths } from './generated/openapi-typescript.js';
import * as orval from './generated/orval.js';
import { Api, SensitiveFieldName } from './generated/swagger-typescript-api.js';

const preferences = { theme: 'dark', panels: [1, { open: true }] };

export async function withOpenapiFetch(): Promise<void> {
  const client = createFetchClient<paths>({ baseUrl: '' });
  const { data } = await client.PATCH('/v1/profile', { body: { preferences, givenName: null } });
  data?.preferences?.['theme'] satisfies unknown;
  await client.POST('/v1/verification-codes', { body: { target: 'primaryEmail' } });
  // @ts-expect-error one of the members is required
  await client.POST('/v1/verification-codes', { body: {} });
  await client.POST('/v1/profile/fields/{name}/reveal', { params: { path: { name: 'taxId' } } });
  // @ts-expect-error the field is not sensitive
  await client.POST('/v1/profile/fields/{name}/reveal', { params: { path: { name: 'givenName' } } });
}

export async function withHeyApi(): Promise<void> {
  const { data } = await heyApi.updateProfile({ body: { preferences, givenName: null } });
  data?.preferences?.['theme'] satisfies unknown;
  await heyApi.sendVerificationCode({ body: { phone: '+447700900123' } });
  // @ts-expect-error one of the members is required
  await heyApi.sendVerificationCode({ body: {} });
  await heyApi.revealField({ path: { name: 'taxId' } });
}

export async function withOrval(): Promise<void> {
  const { data } = await orval.updateProfile({ preferences, givenName: null });
  if ('preferences' in data) data.preferences?.['theme'] satisfies unknown;
  await orval.verifyVerificationCode({ email: 'new@example.com', code: '123456' });
  // @ts-expect-error the code is required
  await orval.verifyVerificationCode({ email: 'new@example.com' });
  await orval.revealField('taxId');
}

export async function withSwaggerTypescriptApi(): Promise<void> {
  const { v1 } = new Api();
  const { data } = await v1.updateProfile({ preferences, givenName: null });
  data.preferences?.['theme'] satisfies unknown;
  await v1.sendVerificationCode({ target: 'primaryPhone' });
  // @ts-expect-error one of the members is required
  await v1.sendVerificationCode({});
  await v1.revealField(SensitiveFieldName.TaxId);
}
