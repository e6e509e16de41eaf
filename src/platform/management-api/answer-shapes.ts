import { Ajv, type ValidateFunction } from 'ajv';
import type { JsonObject } from '../json/json.js';
import type { LogtoUser, LogtoUserProfile } from './logto-user.js';
import type { LogtoIdentities, LogtoMfaFactor, SignInExperience } from './management-api.types.js';

/**
 * What is relied on in Logto's responses, as JSON Schemas: a proxy's error page or a changed Logto is distinguished from
 * data before anything is built on it. Members that are not read are not described, and are let through.
 */
export type AnswerShape<T> = (value: unknown) => value is T;

const string = { type: 'string' } as const;
const number = { type: 'number' } as const;
const boolean = { type: 'boolean' } as const;
const anyObject = { type: 'object' } as const;
const nullable = (type: string) => ({ type: [type, 'null'] });
const array = (items: object) => ({ type: 'array', items });
const map = (additionalProperties: object) => ({ type: 'object', additionalProperties });
const object = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
});

const ajv = new Ajv({ strict: true, allowUnionTypes: true });

/** Compiled at first use: most processes never need all of them, and a start should not wait. */
const shape = <T>(schema: object): AnswerShape<T> => {
  let validate: ValidateFunction<T> | undefined;
  return (value): value is T => (validate ??= ajv.compile<T>(schema))(value);
};

const profile = object(
  {},
  {
    ...Object.fromEntries(
      'familyName givenName middleName nickname preferredUsername profile website gender birthdate zoneinfo locale'
        .split(' ')
        .map((claim) => [claim, string]),
    ),
    address: object(
      {},
      Object.fromEntries(
        'formatted streetAddress locality region postalCode country'.split(' ').map((part) => [part, string]),
      ),
    ),
  },
);

const user = object(
  {
    id: string,
    username: nullable('string'),
    primaryEmail: nullable('string'),
    primaryPhone: nullable('string'),
    name: nullable('string'),
    avatar: nullable('string'),
    customData: anyObject,
    profile,
    identities: map(object({ userId: string })),
    isSuspended: boolean,
  },
  { hasPassword: boolean, ssoIdentities: array(object({ issuer: string })) },
);

export const isToken = shape<{ access_token: string; expires_in: number; scope?: string }>(
  object({ access_token: { type: 'string', minLength: 1 }, expires_in: { type: 'number', exclusiveMinimum: 0 } }),
);
export const isUser = shape<LogtoUser>(user);
export const isUserList = shape<LogtoUser[]>(array(user));
export const isProfile = shape<LogtoUserProfile>(profile);
export const isCustomData = shape<JsonObject>(anyObject);
export const isHasPassword = shape<{ hasPassword: boolean }>(object({ hasPassword: boolean }));
export const isPasswordCheck = shape<{ result: boolean; issues?: { code: string }[] }>(
  object({ result: boolean }, { issues: array(object({ code: string }, { interpolation: anyObject })) }),
);

/** `GET /users/:id/sessions` before it is made flat. `loginTs` in seconds. */
export interface SessionsAnswer {
  sessions: {
    payload: {
      uid: string;
      loginTs: number;
      authorizations?: Record<string, { sid?: string; grantId?: string }>;
    };
    lastSubmission?: { signInContext?: { ip?: string; userAgent?: string } | null } | null;
    clientId?: string | null;
  }[];
}
export const isSessions = shape<SessionsAnswer>(
  object({
    sessions: array(
      object(
        {
          payload: object(
            { uid: string, loginTs: number },
            { authorizations: map(object({}, { sid: string, grantId: string })) },
          ),
        },
        {
          clientId: nullable('string'),
          lastSubmission: {
            type: ['object', 'null'],
            properties: {
              signInContext: { type: ['object', 'null'], properties: { ip: string, userAgent: string } },
            },
          },
        },
      ),
    ),
  }),
);

export const isGrants = shape<{ grants: { id: string }[] }>(object({ grants: array(object({ id: string })) }));

export const isIdentities = shape<LogtoIdentities>(
  object({
    socialIdentities: array(object({ target: string, identity: object({ userId: string }) })),
    ssoIdentities: array(object({ ssoIdentity: object({ issuer: string }) })),
  }),
);
export const isMfaFactors = shape<LogtoMfaFactor[]>(
  array(
    object(
      { id: string, createdAt: string, type: string },
      { lastUsedAt: nullable('string'), name: nullable('string'), remainCodes: number },
    ),
  ),
);
export const isSignInExperience = shape<SignInExperience>(
  object(
    {
      passwordPolicy: object(
        {},
        {
          length: object({}, { min: number, max: number }),
          characterTypes: object({}, { min: number }),
          rejects: object(
            {},
            { pwned: boolean, repetitionAndSequence: boolean, userInfo: boolean, words: array(string) },
          ),
        },
      ),
    },
    {
      usernamePolicy: object({
        caseSensitive: boolean,
        minLength: number,
        maxLength: number,
        allowedChars: object({ lowercase: boolean, uppercase: boolean, numbers: boolean, underscore: boolean }),
      }),
      emailBlocklistPolicy: object(
        {},
        {
          blockDisposableAddresses: boolean,
          blockSubaddressing: boolean,
          customAllowlist: array(string),
          customBlocklist: array(string),
        },
      ),
      verificationCodePolicy: object({}, { expirationDuration: number, maxRetryAttempts: number }),
    },
  ),
);
