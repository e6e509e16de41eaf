// Type tests: `npm run typecheck` checks which calls compile and which do not.
import { createProfileClient, isProblem, type Profile, type ProfilePatch } from '../src/index.js';

const api = createProfileClient({ baseUrl: '', getAccessToken: () => undefined });

export async function checkCalls(): Promise<void> {
  const { profile } = await api.readProfile();
  profile.givenName satisfies string | null;
  profile.address?.postalCode satisfies string | undefined | null;
  // @ts-expect-error the catalogue has no such field
  void profile.givenname;

  await api.updateProfile({ name: null, address: { postalCode: '1010' } });
  // @ts-expect-error a name is a string
  await api.updateProfile({ name: 1 });
  // @ts-expect-error the catalogue has no such field
  await api.updateProfile({ nmae: 'x' });
  // @ts-expect-error id is not writable
  await api.updateProfile({ id: 'x' });

  const verified = await api.POST('/v1/password/verify', { body: { password: 'x' } });
  verified.data.verificationId satisfies string;
  // @ts-expect-error the body is required
  await api.POST('/v1/password/verify');
  // @ts-expect-error the member's name is wrong
  await api.POST('/v1/password/verify', { body: { passwort: 'x' } });
  // @ts-expect-error the path does not exist
  await api.GET('/v1/passwords');
  // @ts-expect-error the path has no such method
  await api.DELETE('/v1/password');
  // @ts-expect-error the path parameter is required
  await api.POST('/v1/profile/fields/{name}/reveal');
  const revealed = await api.POST('/v1/profile/fields/{name}/reveal', { params: { path: { name: 'taxId' } } });
  void revealed.data.value;
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
