import type { Application, ApplicationType, Connector, Hook, SignInExperience, User } from './types.js';

/** A seeded user. `password` is hashed when the seed is applied. Other fields are those of {@link User}. */
export type SeedUser = { id?: string; password?: string } & Partial<Omit<User, 'passwordHash'>>;

/** A seeded application. */
export interface SeedApplication {
  id: string;
  name?: string;
  type: ApplicationType;
  /** Client secret. Default: a random one, if the application type needs one. */
  secret?: string;
  redirectUris?: string[];
  postLogoutRedirectUris?: string[];
  backchannelLogoutUri?: string;
  backchannelLogoutSessionRequired?: boolean;
  customClientMetadata?: Application['customClientMetadata'];
  isThirdParty?: boolean;
  /** Role ids, for machine-to-machine applications. `management-api` grants access to the Management API. */
  roles?: string[];
}

/** A seeded API resource. */
export interface SeedResource {
  id?: string;
  name: string;
  indicator: string;
  /** Seconds. Default: 3600. */
  accessTokenTtl?: number;
  /** Scope names. */
  scopes?: string[];
}

interface SeedRole {
  id: string;
  name: string;
  description?: string;
  type?: 'User' | 'MachineToMachine';
  /** Scope names. Each grants the scope of that name in every resource that has one. */
  scopes?: string[];
}

/** A seeded webhook. */
export type SeedHook = Pick<Hook, 'events' | 'config'> & Partial<Pick<Hook, 'id' | 'name' | 'signingKey'>>;

/** Initial state of a tenant. An omitted key has its value in {@link defaultSeed}. */
export interface Seed {
  users?: SeedUser[];
  applications?: SeedApplication[];
  resources?: SeedResource[];
  roles?: SeedRole[];
  connectors?: Connector[];
  hooks?: SeedHook[];
  /** Replaces top-level fields of the default sign-in experience. */
  signInExperience?: Partial<SignInExperience>;
}

export const MANAGEMENT_API_INDICATOR = 'https://default.logto.app/api';
export const MANAGEMENT_API_ROLE = 'management-api';

const TEMPLATES = [
  'SignIn',
  'Register',
  'ForgotPassword',
  'Generic',
  'UserPermissionValidation',
  'BindNewIdentifier',
  'MfaVerification',
  'BindMfa',
];

export const defaultConnectors: Connector[] = [
  { id: 'devemail0001', type: 'Email', target: 'dev-mail', connectorId: 'dev-email-service', templates: TEMPLATES },
  { id: 'devsms000001', type: 'Sms', target: 'dev-sms', connectorId: 'dev-sms-service', templates: TEMPLATES },
];

/** Two users, and the applications and API resource that the profile service uses in development mode. */
export const defaultSeed: Required<Seed> = {
  users: [
    {
      id: 'alice0000001',
      username: 'alice',
      password: 'Str0ng-Passw0rd!x',
      primaryEmail: 'alice@example.com',
      primaryPhone: '15550100001',
      name: 'Alice Example',
      profile: {
        givenName: 'Alice',
        familyName: 'Example',
        nickname: 'Al',
        birthdate: '1990-01-02',
        zoneinfo: 'Europe/Berlin',
        locale: 'en-GB',
        address: { locality: 'Berlin', country: 'DE' },
      },
    },
    { id: 'bob000000001', username: 'bob' },
  ],
  resources: [{ id: 'profile-api', name: 'Profile API', indicator: 'https://profile.example/api' }],
  roles: [],
  applications: [
    {
      id: 'm2m-profile-service',
      name: 'Profile service',
      type: 'MachineToMachine',
      secret: 'dev-only-m2m-secret',
      roles: [MANAGEMENT_API_ROLE],
    },
    {
      id: 'profile-page',
      name: 'Profile page',
      type: 'SPA',
      redirectUris: [
        'http://localhost:5173/callback',
        'http://127.0.0.1:5173/callback',
        'http://localhost:5173',
        'http://127.0.0.1:5173',
      ],
      postLogoutRedirectUris: ['http://localhost:5173', 'http://127.0.0.1:5173'],
    },
    {
      id: 'api-docs',
      name: 'API documentation',
      type: 'SPA',
      redirectUris: [
        'http://localhost:3000/docs/oauth2-redirect.html',
        'http://127.0.0.1:3000/docs/oauth2-redirect.html',
      ],
    },
    { id: 'other-app', name: 'Another application', type: 'SPA', redirectUris: ['http://localhost:5173/callback'] },
  ],
  connectors: defaultConnectors,
  hooks: [],
  signInExperience: {},
};
