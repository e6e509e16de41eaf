import * as Type from '@sinclair/typebox';
import { anyJson, mapOf, nullable, ResponseSchema, type ResponseOf } from './response-schema.js';

const optionalString = Type.Optional(Type.String());
const optionalNumber = Type.Optional(Type.Number());
const optionalBoolean = Type.Optional(Type.Boolean());

/** `POST /oidc/token` */
export const tokenResponse = ResponseSchema.of(
  Type.Object({
    access_token: Type.String({ minLength: 1 }),
    /** In seconds. */
    expires_in: Type.Number({ exclusiveMinimum: 0 }),
    scope: Type.Optional(nullable(Type.String())),
  }),
);

/** `GET /api/users/:id/has-password` */
export const hasPasswordResponse = ResponseSchema.of(Type.Object({ hasPassword: Type.Boolean() }));

/**
 * Why a password breaks the tenant's policy: Logto's code, such as `password_rejected.too_short`, and its parameters.
 */
const passwordIssue = Type.Object({ code: Type.String(), interpolation: Type.Optional(mapOf(Type.Unknown())) });
export type PasswordIssue = Type.Static<typeof passwordIssue>;

/** `POST /api/sign-in-exp/default/check-password` */
export const passwordCheckResponse = ResponseSchema.of(
  Type.Object({ result: Type.Boolean(), issues: Type.Optional(Type.Array(passwordIssue)) }),
);

/** `GET /api/users/:id/sessions` */
export const sessionsResponse = ResponseSchema.of(
  Type.Object({
    sessions: Type.Array(
      Type.Object({
        payload: Type.Object({
          uid: Type.String(),
          /** In seconds since the epoch. */
          loginTs: Type.Number(),
          /** By client id. */
          authorizations: Type.Optional(mapOf(Type.Object({ sid: optionalString, grantId: optionalString }))),
        }),
        lastSubmission: Type.Optional(
          nullable(
            Type.Object({
              signInContext: Type.Optional(nullable(Type.Object({ ip: optionalString, userAgent: optionalString }))),
            }),
          ),
        ),
        clientId: Type.Optional(nullable(Type.String())),
      }),
    ),
  }),
);

/** `GET /api/users/:id/grants` */
export const grantsResponse = ResponseSchema.of(
  Type.Object({ grants: Type.Array(Type.Object({ id: Type.String() })) }),
);
/** The authorization of an application. Its refresh tokens are valid as long as it exists. */
export type LogtoGrant = ResponseOf<typeof grantsResponse>['grants'][number];

/** `GET /api/users/:id/all-identities` */
export const identitiesResponse = ResponseSchema.of(
  Type.Object({
    socialIdentities: Type.Array(
      Type.Object({
        target: Type.String(),
        /** The form of `details` depends on the provider. */
        identity: Type.Object({ userId: Type.String(), details: Type.Optional(anyJson) }),
      }),
    ),
    ssoIdentities: Type.Array(
      Type.Object({ ssoIdentity: Type.Object({ issuer: Type.String(), detail: Type.Optional(anyJson) }) }),
    ),
  }),
);
export type LogtoIdentities = ResponseOf<typeof identitiesResponse>;

/** `GET /api/connectors`. Other members contain secrets. */
export const connectorsResponse = ResponseSchema.of(
  Type.Array(
    Type.Object({
      type: Type.String(),
      config: Type.Object({ templates: Type.Optional(Type.Array(Type.Object({ usageType: optionalString }))) }),
    }),
  ),
);

/** `GET /api/users/:id/mfa-verifications` */
export const mfaFactorsResponse = ResponseSchema.of(
  Type.Array(
    Type.Object({
      id: Type.String(),
      /** ISO 8601 */
      createdAt: Type.String(),
      lastUsedAt: Type.Optional(nullable(Type.String())),
      type: Type.String(),
      /** Of a passkey (WebAuthn): the name that the user chose. */
      name: Type.Optional(nullable(Type.String())),
      /** Of backup codes: how many are left. */
      remainCodes: optionalNumber,
    }),
  ),
);
export type LogtoMfaFactor = ResponseOf<typeof mfaFactorsResponse>[number];

/** `GET /api/sign-in-exp`. An absent rule has Logto's default. */
export const signInExperienceResponse = ResponseSchema.of(
  Type.Object({
    passwordPolicy: Type.Object({
      length: Type.Optional(Type.Object({ min: optionalNumber, max: optionalNumber })),
      characterTypes: Type.Optional(Type.Object({ min: optionalNumber })),
      rejects: Type.Optional(
        Type.Object({
          pwned: optionalBoolean,
          repetitionAndSequence: optionalBoolean,
          userInfo: optionalBoolean,
          words: Type.Optional(Type.Array(Type.String())),
        }),
      ),
    }),
    usernamePolicy: Type.Optional(
      Type.Object({
        caseSensitive: Type.Boolean(),
        minLength: Type.Number(),
        maxLength: Type.Number(),
        allowedChars: Type.Object({
          lowercase: Type.Boolean(),
          uppercase: Type.Boolean(),
          numbers: Type.Boolean(),
          underscore: Type.Boolean(),
        }),
      }),
    ),
    emailBlocklistPolicy: Type.Optional(
      Type.Object({
        blockDisposableAddresses: optionalBoolean,
        blockSubaddressing: optionalBoolean,
        customAllowlist: Type.Optional(Type.Array(Type.String())),
        customBlocklist: Type.Optional(Type.Array(Type.String())),
      }),
    ),
    verificationCodePolicy: Type.Optional(
      Type.Object({
        /** In seconds. */
        expirationDuration: optionalNumber,
        maxRetryAttempts: optionalNumber,
      }),
    ),
  }),
);
export type SignInExperience = ResponseOf<typeof signInExperienceResponse>;
