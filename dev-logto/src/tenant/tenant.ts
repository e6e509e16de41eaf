import { randomBytes } from 'node:crypto';
import { Clock } from './clock.js';
import { generateId, generateSigningKey } from './ids.js';
import { OidcStore, type OidcRecord } from './oidc-store.js';
import { MANAGEMENT_API_INDICATOR, MANAGEMENT_API_ROLE, defaultSeed } from './seed.js';
import type { Seed, SeedApplication, SeedHook, SeedResource, SeedUser } from './seed.js';
import { createDefaultSignInExperience } from './sign-in-experience.js';
import type {
  Application,
  Connector,
  Hook,
  Resource,
  Role,
  SentMessage,
  SessionExtension,
  SigningKey,
  SignInExperience,
  SubjectToken,
  User,
  VerificationCode,
} from './types.js';

type Hash = (password: string) => Promise<string>;

/** The tenant's collections, keyed by id (verification codes by `<channel>:<address>`). */
const COLLECTIONS = [
  'users',
  'applications',
  'resources',
  'roles',
  'connectors',
  'hooks',
  'verificationCodes',
  'subjectTokens',
  'sessionExtensions',
] as const;

/**
 * The state that Logto keeps in its database. The Management API, the OpenID provider and the pages read and
 * change it directly. It does not validate changes.
 */
export class Tenant {
  readonly clock: Clock;
  /** oidc-provider's models: sessions, grants, tokens, codes. */
  readonly oidc: OidcStore;
  users = new Map<string, User>();
  applications = new Map<string, Application>();
  resources = new Map<string, Resource>();
  roles = new Map<string, Role>();
  connectors = new Map<string, Connector>();
  hooks = new Map<string, Hook>();
  verificationCodes = new Map<string, VerificationCode>();
  subjectTokens = new Map<string, SubjectToken>();
  sessionExtensions = new Map<string, SessionExtension>();
  sentMessages: SentMessage[] = [];
  /** Newest first. At most one key of each status: next (staged), current and previous. */
  signingKeys: SigningKey[] = [];
  signInExperience: SignInExperience = createDefaultSignInExperience();

  constructor(clock = new Clock()) {
    this.clock = clock;
    this.oidc = new OidcStore(clock);
  }

  /** Replaces all state except the signing keys with the seed. */
  async applySeed(seed: Seed, hash: Hash): Promise<void> {
    const completeSeed = { ...defaultSeed, ...seed };
    const users = await Promise.all(completeSeed.users.map((user) => withPasswordHash(user, hash)));
    for (const name of COLLECTIONS) this[name].clear();
    this.oidc.clear();
    this.sentMessages = [];
    this.signInExperience = {
      ...createDefaultSignInExperience(),
      ...completeSeed.signInExperience,
    } as SignInExperience;
    this.addResource({
      id: 'management-api',
      name: 'Logto Management API',
      indicator: MANAGEMENT_API_INDICATOR,
      scopes: ['all'],
    });
    this.roles.set(MANAGEMENT_API_ROLE, {
      id: MANAGEMENT_API_ROLE,
      name: 'Logto Management API access',
      description: 'This default role grants access to the Logto management API.',
      type: 'MachineToMachine',
      isDefault: false,
      scopeIds: ['management-api-all'],
    });
    completeSeed.resources.forEach((resource) => this.addResource(resource));
    for (const { id, name, description = '', type = 'User', scopes = [] } of completeSeed.roles) {
      const scopeIds = [...this.resources.values()].flatMap((resource) =>
        resource.scopes.filter((scope) => scopes.includes(scope.name)).map((scope) => scope.id),
      );
      this.roles.set(id, { id, name, description, type, isDefault: false, scopeIds });
    }
    completeSeed.applications.forEach((application) => this.addApplication(application));
    completeSeed.connectors.forEach((connector) => this.connectors.set(connector.id, structuredClone(connector)));
    completeSeed.hooks.forEach((hook) => this.addHook(hook));
    users.forEach((user) => this.addUser(user));
  }

  addResource({ id = generateId(), name, indicator, accessTokenTtl = 3600, scopes = [] }: SeedResource): Resource {
    const createdAt = this.clock.now();
    const resource: Resource = {
      id,
      name,
      indicator,
      isDefault: false,
      accessTokenTtl,
      scopes: scopes.map((scope) => ({ id: `${id}-${scope}`, name: scope, description: null, createdAt })),
    };
    this.resources.set(id, resource);
    return resource;
  }

  addApplication(seed: SeedApplication): Application {
    const createdAt = this.clock.now();
    const { backchannelLogoutUri, backchannelLogoutSessionRequired } = seed;
    const needsSecret = seed.type === 'MachineToMachine' || seed.type === 'Traditional';
    const value = seed.secret ?? (needsSecret ? randomBytes(24).toString('base64url') : undefined);
    const application: Application = {
      id: seed.id,
      name: seed.name ?? seed.id,
      description: null,
      type: seed.type,
      oidcClientMetadata: {
        redirectUris: seed.redirectUris ?? [],
        postLogoutRedirectUris: seed.postLogoutRedirectUris ?? [],
        ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri }),
        ...(backchannelLogoutSessionRequired !== undefined && { backchannelLogoutSessionRequired }),
      },
      customClientMetadata: seed.customClientMetadata ?? {},
      isThirdParty: seed.isThirdParty ?? false,
      customData: {},
      createdAt,
      secrets: value === undefined ? [] : [{ name: 'Default secret', value, createdAt, expiresAt: null }],
      roleIds: seed.roles ?? [],
    };
    this.applications.set(application.id, application);
    return application;
  }

  /** Stores a new user. Omitted fields are null or empty. */
  addUser(user: Partial<User> = {}): User {
    const now = this.clock.now();
    const newUser: User = {
      id: generateId(12),
      username: null,
      primaryEmail: null,
      primaryPhone: null,
      name: null,
      avatar: null,
      customData: {},
      identities: {},
      ssoIdentities: [],
      profile: {},
      applicationId: null,
      isSuspended: false,
      lastSignInAt: null,
      createdAt: now,
      updatedAt: now,
      passwordHash: null,
      mfaVerifications: [],
      logtoConfig: {},
      roleIds: [],
      personalAccessTokens: [],
      ...user,
    };
    this.users.set(newUser.id, newUser);
    return newUser;
  }

  async addSeedUser(user: SeedUser, hash: Hash): Promise<User> {
    return this.addUser(await withPasswordHash(user, hash));
  }

  addHook({ id = generateId(), name = '', events, config, signingKey = generateSigningKey() }: SeedHook): Hook {
    const hook: Hook = {
      tenantId: 'default',
      id,
      name,
      event: null,
      events: [...events],
      config: structuredClone(config),
      signingKey,
      enabled: true,
      createdAt: this.clock.now(),
    };
    this.hooks.set(hook.id, hook);
    return hook;
  }

  /** Finds a user by id, username, email (case-insensitive) or phone, for development commands. */
  findUser(identifier: string): User | undefined {
    const email = identifier.toLowerCase();
    return (
      this.users.get(identifier) ??
      [...this.users.values()].find(
        (user) =>
          user.username === identifier ||
          user.primaryEmail?.toLowerCase() === email ||
          user.primaryPhone === identifier,
      )
    );
  }

  /** Deletes a user with all sessions, grants and tokens. */
  deleteUser(userId: string): void {
    this.users.delete(userId);
    this.oidc.destroyWhere((_model, { accountId }) => accountId === userId);
  }

  /** Deletes a grant with its tokens and codes. */
  revokeGrant(grantId: string): void {
    this.oidc.revokeByGrantId(grantId);
    this.oidc.destroy('Grant', grantId);
  }

  findResource(indicator: string): Resource | undefined {
    return [...this.resources.values()].find((resource) => resource.indicator === indicator);
  }

  /** Returns the names of the resource's scopes that these roles grant. */
  getScopeNames(roleIds: readonly string[], resource: Resource): string[] {
    const granted = new Set(roleIds.flatMap((id) => this.roles.get(id)?.scopeIds ?? []));
    return resource.scopes.filter((scope) => granted.has(scope.id)).map((scope) => scope.name);
  }

  /** Serializes the state for the state file. */
  toJSON(): TenantState {
    return {
      ...(Object.fromEntries(COLLECTIONS.map((name) => [name, [...this[name]]])) as Pick<
        TenantState,
        (typeof COLLECTIONS)[number]
      >),
      sentMessages: this.sentMessages,
      signingKeys: this.signingKeys,
      signInExperience: this.signInExperience,
      oidc: this.oidc.toJSON() as TenantState['oidc'],
    };
  }

  /** Replaces the state with one from {@link toJSON}. */
  restore(state: TenantState): void {
    for (const name of COLLECTIONS) (this[name] as Map<string, unknown>) = new Map<string, unknown>(state[name]);
    this.sentMessages = state.sentMessages;
    this.signingKeys = state.signingKeys;
    this.signInExperience = state.signInExperience;
    this.oidc.restore(state.oidc);
  }
}

const withPasswordHash = async ({ password, ...user }: SeedUser, hash: Hash): Promise<Partial<User>> => ({
  ...structuredClone(user),
  passwordHash: password === undefined ? null : await hash(password),
});

export type TenantState = {
  [Name in (typeof COLLECTIONS)[number]]: Tenant[Name] extends Map<string, infer Item> ? [string, Item][] : never;
} & Pick<Tenant, 'sentMessages' | 'signingKeys' | 'signInExperience'> & {
    oidc: Record<string, Record<string, OidcRecord>>;
  };
