// Type tests: `npm run typecheck` checks which calls compile and which do not.
import {
  createProfileClient,
  isProblem,
  type operations,
  type Profile,
  type ProfilePatch,
  type SensitiveFieldName,
} from '../src/index.js';

const api = createProfileClient({ baseUrl: '', getAccessToken: () => undefined });

/** Calls of every operation; a missing one does not compile. */
export const calls = {
  async getProfile() {
    const { data } = await api.GET('/v1/profile', { params: { header: { 'Cache-Control': 'no-cache' } } });
    data.id satisfies string;
    data.preferences?.['theme'] satisfies unknown;
    const { profile } = await api.readProfile();
    profile satisfies Profile;
    profile.givenName satisfies string | null;
    profile.address?.postalCode satisfies string | undefined | null;
    profile.taxId?.masked satisfies string | undefined;
    // @ts-expect-error the catalogue has no such field
    void profile.givenname;
  },
  async updateProfile() {
    await api.updateProfile({ name: null, address: { postalCode: '1010' } });
    await api.updateProfile({ preferences: { theme: 'dark', panels: [{ open: true }], old: null } });
    await api.updateProfile({ preferences: null, shippingAddress: { country: 'DE', region: null } });
    await api.PATCH('/v1/profile', { body: { preferences: { theme: 'dark' } }, params: { query: { dryRun: true } } });
    // @ts-expect-error a name is a string
    await api.updateProfile({ name: 1 });
    // @ts-expect-error a free-form field is an object
    await api.updateProfile({ preferences: 'dark' });
    // @ts-expect-error the address has no such member
    await api.updateProfile({ shippingAddress: { contry: 'DE' } });
    // @ts-expect-error the catalogue has no such field
    await api.updateProfile({ nmae: 'x' });
    // @ts-expect-error id is not writable
    await api.updateProfile({ id: 'x' });
    // @ts-expect-error the body is required
    await api.PATCH('/v1/profile');
  },
  async getProfileSchema() {
    const { data } = await api.GET('/v1/profile/schema');
    data['properties'] satisfies unknown;
  },
  async getProfileCapabilities() {
    const { data } = await api.GET('/v1/profile/capabilities');
    data.fields['name']?.proof satisfies 'none' | 'identity' | 'identity-and-address' | undefined;
    data.proofs satisfies ('password' | 'email' | 'phone' | 'signIn')[];
  },
  async revealField() {
    const { data } = await api.POST('/v1/profile/fields/{name}/reveal', { params: { path: { name: 'taxId' } } });
    data.value satisfies unknown;
    'taxId' satisfies SensitiveFieldName;
    // @ts-expect-error the field is not sensitive
    await api.POST('/v1/profile/fields/{name}/reveal', { params: { path: { name: 'givenName' } } });
    // @ts-expect-error the path parameter is required
    await api.POST('/v1/profile/fields/{name}/reveal');
  },
  async getCustomData() {
    const { data } = await api.GET('/v1/custom-data');
    data.newsletter satisfies boolean | null;
  },
  async updateCustomData() {
    await api.PATCH('/v1/custom-data', { body: { preferences: { theme: 'dark' }, newsletter: null } });
    // @ts-expect-error the field is read-only
    await api.PATCH('/v1/custom-data', { body: { plan: 'pro' } });
  },
  async getPassword() {
    const { data } = await api.GET('/v1/password');
    data.hasPassword satisfies boolean;
    // @ts-expect-error the path does not exist
    await api.GET('/v1/passwords');
    // @ts-expect-error the path has no such method
    await api.DELETE('/v1/password');
  },
  async changePassword() {
    const { data } = await api.PUT('/v1/password', { body: { newPassword: 'x', currentPassword: 'y' } });
    data satisfies undefined;
    // @ts-expect-error the new password is required
    await api.PUT('/v1/password', { body: { currentPassword: 'y' } });
  },
  async verifyPassword() {
    const { data } = await api.POST('/v1/password/verify', { body: { password: 'x' } });
    data.verificationId satisfies string;
    // @ts-expect-error the body is required
    await api.POST('/v1/password/verify');
    // @ts-expect-error the member's name is wrong
    await api.POST('/v1/password/verify', { body: { passwort: 'x' } });
  },
  async checkPassword() {
    const { data } = await api.POST('/v1/password/check', { body: { password: 'x' } });
    data.issues.map(({ code, detail }) => [code, detail] satisfies [string, string]);
    // @ts-expect-error the password is a string
    await api.POST('/v1/password/check', { body: { password: null } });
  },
  async sendVerificationCode() {
    await api.POST('/v1/verification-codes', { body: { email: 'new@example.com' } });
    await api.POST('/v1/verification-codes', { body: { phone: '+447700900123' } });
    await api.POST('/v1/verification-codes', { body: { target: 'primaryPhone' } });
    const recipient: { email: string } | { phone: string } = { phone: '+447700900123' };
    await api.POST('/v1/verification-codes', { body: recipient });
    // @ts-expect-error one of the members is required
    await api.POST('/v1/verification-codes', { body: {} });
    // @ts-expect-error only one of the members is allowed
    await api.POST('/v1/verification-codes', { body: { email: 'new@example.com', phone: '+447700900123' } });
    // @ts-expect-error only one of the members is allowed
    await api.POST('/v1/verification-codes', { body: { email: 'new@example.com', target: 'primaryEmail' } });
    // @ts-expect-error the account has no such address
    await api.POST('/v1/verification-codes', { body: { target: 'email' } });
  },
  async verifyVerificationCode() {
    const { data } = await api.POST('/v1/verification-codes/verify', { body: { target: 'primaryEmail', code: '1' } });
    data.kind satisfies 'password' | 'email' | 'phone' | 'signIn';
    // @ts-expect-error the code is required
    await api.POST('/v1/verification-codes/verify', { body: { target: 'primaryEmail' } });
    // @ts-expect-error only one of the members is allowed
    await api.POST('/v1/verification-codes/verify', { body: { email: 'a@b.example', phone: '+44', code: '1' } });
  },
  async createSignInChallenge() {
    const { data } = await api.POST('/v1/sign-in/challenge');
    data.maxAge satisfies number;
    // @ts-expect-error the operation has no body
    await api.POST('/v1/sign-in/challenge', { body: { nonce: 'x' } });
  },
  async verifySignIn() {
    const { data } = await api.POST('/v1/sign-in/verify', { body: { idToken: 'x' } });
    data.expiresAt satisfies string;
    // @ts-expect-error the ID token is required
    await api.POST('/v1/sign-in/verify', { body: {} });
  },
  async listSessions() {
    const { data } = await api.GET('/v1/sessions');
    data.sessions[0]?.current satisfies boolean | null | undefined;
  },
  async endOtherSessions() {
    const { data } = await api.DELETE('/v1/sessions', { params: { header: { 'Verification-Id': 'x' } } });
    data.ended satisfies number;
    data.currentSpared satisfies boolean;
  },
  async endSession() {
    await api.DELETE('/v1/sessions/{id}', { params: { path: { id: 'x' } } });
    // @ts-expect-error the path parameter has another name
    await api.DELETE('/v1/sessions/{id}', { params: { path: { session: 'x' } } });
  },
  async listIdentities() {
    const { data } = await api.GET('/v1/identities');
    data.identities[0]?.type satisfies 'social' | 'enterprise' | undefined;
  },
  async removeIdentity() {
    await api.DELETE('/v1/identities/{target}', { params: { path: { target: 'github' } } });
    // @ts-expect-error the path parameter is required
    await api.DELETE('/v1/identities/{target}', {});
  },
  async listMfaFactors() {
    const { data } = await api.GET('/v1/mfa-factors');
    data.factors[0]?.remainingCodes satisfies number | null | undefined;
  },
  async removeMfaFactor() {
    await api.DELETE('/v1/mfa-factors/{id}', { params: { path: { id: 'x' } } });
    // @ts-expect-error the path parameter is a string
    await api.DELETE('/v1/mfa-factors/{id}', { params: { path: { id: 1 } } });
  },
  async receiveLogtoWebhook() {
    const body = { event: 'PostResetPassword', createdAt: '2026-11-22T22:43:57.006Z', userId: 'x' };
    await api.POST('/webhooks/logto', { body, params: { header: { 'logto-signature-sha-256': '00' } } });
    // @ts-expect-error the signature is required
    await api.POST('/webhooks/logto', { body });
  },
  async receiveBackChannelLogout() {
    const form = { logout_token: 'x' };
    const response = await api.POST('/webhooks/logto/back-channel-logout', { body: form });
    response.data satisfies undefined;
    // @ts-expect-error the logout token is required
    await api.POST('/webhooks/logto/back-channel-logout', { body: {} });
  },
  async getLiveness() {
    const { data } = await api.GET('/health/live');
    data.status satisfies 'ok';
  },
  async getReadiness() {
    const { data } = await api.GET('/health/ready');
    data.status satisfies 'ready' | 'unavailable';
    data.reasons satisfies { code: string; detail: string }[];
  },
} satisfies Record<keyof operations, () => Promise<void>>;

/** The part of an own deployment's `paths` that depends on its catalogue, as openapi-typescript generates it. */
interface OwnPaths {
  '/v1/profile': {
    get: {
      parameters: { query?: never; header?: { 'If-None-Match'?: string }; path?: never; cookie?: never };
      requestBody?: never;
      responses: { 200: { headers: object; content: { 'application/json': { id: string; shoeSize: number | null } } } };
    };
    patch: {
      parameters: { query?: { dryRun?: boolean }; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/merge-patch+json': { shoeSize?: number | null } } };
      responses: { 200: { headers: object; content: { 'application/json': { id: string; shoeSize: number | null } } } };
    };
  };
  '/v1/profile/fields/{name}/reveal': {
    post: {
      parameters: { query?: never; header?: never; path: { name: 'iban' | 'passport' }; cookie?: never };
      requestBody?: never;
      responses: { 200: { headers: object; content: { 'application/json': { value: unknown } } } };
    };
  };
}

export async function checkOwnCatalogue(): Promise<void> {
  const own = createProfileClient<OwnPaths>({ baseUrl: '', getAccessToken: () => undefined });
  const { profile } = await own.readProfile();
  profile satisfies Profile<OwnPaths>;
  profile.shoeSize satisfies number | null;
  // @ts-expect-error only the sample catalogue has this field
  void profile.givenName;
  const ownPatch: ProfilePatch<OwnPaths> = { shoeSize: 42 };
  await own.updateProfile(ownPatch);
  // @ts-expect-error only the sample catalogue has this field
  await own.updateProfile({ givenName: 'x' });
  const name: SensitiveFieldName<OwnPaths> = 'iban';
  await own.POST('/v1/profile/fields/{name}/reveal', { params: { path: { name } } });
  // @ts-expect-error only the sample catalogue has this field
  await own.POST('/v1/profile/fields/{name}/reveal', { params: { path: { name: 'taxId' } } });
}

export function checkNarrowing(error: unknown): unknown {
  if (isProblem(error, 'step_up_required')) return error.proofs.includes('password') && error.required[0] === 'address';
  if (isProblem(error)) {
    switch (error.code) {
      case 'step_up_required':
        return error.proofs;
      case 'too_many_attempts':
        error.retryAfter satisfies number | undefined;
        // @ts-expect-error only step_up_required has proofs
        return error.proofs;
      // @ts-expect-error the code does not exist
      case 'no_such_code':
        return undefined;
      default:
        return error.errors.map(({ pointer }) => pointer);
    }
  }
  return undefined;
}

export const patch: ProfilePatch = { birthdate: '2000-01-01' };
export const id = (profile: Profile): string => profile.id;
