// Generated from openapi.yaml by `npm run client:generate`; do not edit.

export interface paths {
    "/v1/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the profile
         * @description One flat document, regardless of where its fields are stored. An unset field is null.
         */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the profile
         * @description A JSON Merge Patch (RFC 7396): absent fields are kept, null clears a field, objects are merged, lists are replaced. The change is atomic across all stores. A value that equals the current one is not a change. Changes of sensitive fields and of sign-in identifiers need proofs in `Verification-Id`.
         */
        patch: operations["updateProfile"];
        trace?: never;
    };
    "/v1/profile/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the schema of the profile
         * @description JSON Schema 2020-12 of every readable field, with the rules for new values. The titles are labels in the language of `Accept-Language`. Fields that cannot be changed have `readOnly`. `x-server-rules` names the rules that only the service checks.
         */
        get: operations["getProfileSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profile/capabilities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get field capabilities
         * @description Which fields are readable and writable, and which proofs of identity the user can currently give.
         */
        get: operations["getProfileCapabilities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profile/fields/{name}/reveal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reveal a sensitive field
         * @description Needs a proof of identity, and is recorded in the user's activity.
         */
        post: operations["revealField"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/custom-data": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the custom data
         * @description The fields of the profile that are stored in Logto's custom data. Keys of other programs are not included. The `ETag` is that of the profile.
         */
        get: operations["getCustomData"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the custom data
         * @description A JSON Merge Patch (RFC 7396), at any depth, with the same headers as a change of the profile. Keys of other programs are kept.
         */
        patch: operations["updateCustomData"];
        trace?: never;
    };
    "/v1/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check whether the account has a password
         * @description An account without a password can set its first one with `PUT /v1/password`.
         */
        get: operations["getPassword"];
        /**
         * Change or set the password
         * @description Needs `currentPassword` or a proof of identity in `Verification-Id`. Ends the other sessions unless `signOutOtherSessions` is false.
         */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify the current password
         * @description Issues a proof of identity, which allows one sensitive change within ten minutes. Too many consecutive wrong passwords (ten by default) lock this for 1, then 2, 4, … minutes.
         */
        post: operations["verifyPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check a password against the tenant's policy
         * @description Does not reveal whether it is the current password.
         */
        post: operations["checkPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/verification-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a verification code
         * @description Sends it to an address of the account (`target`), or to a new one (`email` or `phone`). To a new address it is sent in the background, after the response, and not at all if another account has the address: nothing reveals whether one has. A new code replaces your previous code to that address.
         */
        post: operations["sendVerificationCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/verification-codes/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify a code
         * @description Use the same address or target as when the code was sent. A correct code creates one proof: of the identity for a `target`, otherwise of the address.
         */
        post: operations["verifyVerificationCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/challenge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a challenge for a fresh sign-in
         * @description Sign the user in again at Logto with this `nonce`, `max_age` and `prompt=login`. Then send the ID token to `/v1/sign-in/verify`.
         */
        post: operations["createSignInChallenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify a fresh sign-in
         * @description Checks the ID token and creates a proof of identity. Each challenge can be used once.
         */
        post: operations["verifySignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the sessions at Logto
         * @description With an `Id-Token-Hint`, the list shows which session is the own one.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /**
         * End the other sessions
         * @description Also revokes their grants and all access tokens issued until then: renew your own access token afterwards. Ends all sessions unless `Id-Token-Hint` identifies the one to spare.
         */
        delete: operations["endOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a session
         * @description Also revokes its grants and all access tokens issued until then: renew your own access token afterwards.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the social and enterprise identities
         * @description Only social identities can be removed.
         */
        get: operations["listIdentities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identities/{target}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a social identity
         * @description Rejected if the identity is the last way to sign in.
         */
        delete: operations["removeIdentity"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mfa-factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the second factors
         * @description The authenticator app, passkeys and backup codes of the user.
         */
        get: operations["listMfaFactors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mfa-factors/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a second factor
         * @description Needs a proof of identity.
         */
        delete: operations["removeMfaFactor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/logto": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive a Logto webhook
         * @description For Logto's webhook on `User.Created`, `User.Data.Updated`, `User.SuspensionStatus.Updated`, `User.Deleted` and `PostResetPassword`; other events are accepted and ignored. A password change or a suspension voids the proofs of the user. A deletion erases all data of the user in this service.
         */
        post: operations["receiveLogtoWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/logto/back-channel-logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive a back-channel logout
         * @description OpenID Connect Back-Channel Logout 1.0. Register this URL as the back-channel logout URI of each application. After the user has signed out, access tokens that the application received before are rejected.
         */
        post: operations["receiveBackChannelLogout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get liveness
         * @description Checks nothing but the process itself.
         */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get readiness
         * @description Ready if the next request would succeed: the signing keys are known, the issuer is the configured one, the machine token has the scope `all`, the database is migrated and accepts writes, and the service is not shutting down. An outage of Logto after the first success does not matter. Responds within a second. The result is at most 2 s old; writes are tried at most every 5 s.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What the user can currently do with each field, and the available proofs of identity. */
        Capabilities: {
            /**
             * @description The capabilities by field name.
             * @example {
             *       "primaryEmail": {
             *         "readable": true,
             *         "writable": true,
             *         "proof": "identity-and-address"
             *       }
             *     }
             */
            fields: {
                [key: string]: components["schemas"]["FieldCapability"];
            };
            /**
             * @description The proofs of identity that the user can currently give.
             * @example [
             *       "password",
             *       "email",
             *       "signIn"
             *     ]
             */
            proofs: ("password" | "email" | "phone" | "signIn")[];
        };
        /** @description A new password, with a proof of identity. */
        ChangePassword: {
            /**
             * @description The new password.
             * @example an0ther-Passw0rd!y
             */
            newPassword: string;
            /**
             * @description Proves the identity. Without it, a `Verification-Id` is needed.
             * @example Str0ng-Passw0rd!x
             */
            currentPassword?: string;
            /**
             * @description Whether to end all other sessions and revoke their grants. `Id-Token-Hint` identifies the session to spare.
             * @default true
             * @example true
             */
            signOutOtherSessions?: boolean;
        };
        /** @description The readable fields in Logto's custom data. An unset field is null. */
        CustomData: {
            /** Preferences */
            preferences: {
                [key: string]: unknown;
            } | null;
            /** Newsletter */
            newsletter: boolean | null;
            /**
             * Plan
             * @example pro
             */
            readonly plan: string | null;
        };
        /** @description A JSON Merge Patch (RFC 7396) of the fields in custom data. Null clears. */
        CustomDataPatch: {
            /** Preferences */
            preferences?: {
                [key: string]: unknown;
            } | null;
            /** Newsletter */
            newsletter?: boolean | null;
        };
        /** @description The result of ending the other sessions. */
        EndedSessions: {
            /**
             * @description The number of sessions that were ended.
             * @example 2
             */
            ended: number;
            /**
             * @description Whether the caller's own session was identified and spared.
             * @example true
             */
            currentSpared: boolean;
        };
        /** @description What the user can currently do with a field. */
        FieldCapability: {
            /**
             * @description Whether the document contains the field.
             * @example true
             */
            readable: boolean;
            /**
             * @description Whether a patch can change the field.
             * @example true
             */
            writable: boolean;
            /**
             * @description The proofs that a change needs: none, of identity, or of identity and of the new address.
             * @example identity
             * @enum {string}
             */
            proof: "none" | "identity" | "identity-and-address";
        };
        /** @description An invalid value, and why it is invalid. */
        FieldError: {
            /**
             * @description A JSON Pointer (RFC 6901) into the request body, or `header:` or `query:` followed by a name.
             * @example /givenName
             */
            pointer: string;
            /**
             * @description A stable code for programs.
             * @example too_long
             */
            code: string;
            /**
             * @description A text for users, in the language of `Accept-Language`.
             * @example Must be at most 128 characters long.
             */
            detail: string;
        };
        /** @description Whether the account has a password. */
        HasPassword: {
            /**
             * @description Whether the account has a password.
             * @example true
             */
            hasPassword: boolean;
        };
        /** @description The identities of the user. */
        Identities: {
            /** @description The identities. */
            identities: components["schemas"]["Identity"][];
        };
        /** @description A social or enterprise identity. */
        Identity: {
            /**
             * @description The provider of a social identity, or the issuer of an enterprise identity.
             * @example github
             */
            target: string;
            /**
             * @description The kind of the identity.
             * @example social
             * @enum {string}
             */
            type: "social" | "enterprise";
            /**
             * @description The name of the user at the provider.
             * @example Alice Example
             */
            name: string | null;
            /**
             * @description The email address of the user at the provider.
             * @example alice@example.com
             */
            email: string | null;
        };
        /** @description A proof that allows one change. */
        IssuedProof: {
            /**
             * @description Send it in the `Verification-Id` header of the change. It allows one change.
             * @example q1X0m3Zk6yB2uC9dE8fG7hI5jK4lM3nO2pQ1rS0tU9v
             */
            verificationId: string;
            /**
             * @description The kind of the proof.
             * @example password
             */
            kind: components["schemas"]["ProofKind"];
            /**
             * Format: date-time
             * @description When the proof expires.
             * @example 2026-11-23T10:10:00.000Z
             */
            expiresAt: string;
        };
        /** @description Whether the process runs. */
        Liveness: {
            /**
             * @description Always `ok`.
             * @example ok
             * @enum {string}
             */
            status: "ok";
        };
        /** @description A second factor. */
        MfaFactor: {
            /**
             * @description The ID of the factor.
             * @example d7xim05vnk0zclgi7hlri
             */
            id: string;
            /**
             * @description The type, as Logto names it.
             * @example Totp
             */
            type: string;
            /**
             * Format: date-time
             * @description When the factor was added.
             * @example 2026-11-22T22:45:01.809Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the factor was last used; null if it is not known.
             * @example null
             */
            lastUsedAt: string | null;
            /**
             * @description The name that the user gave a passkey.
             * @example null
             */
            name: string | null;
            /**
             * @description The number of unused backup codes.
             * @example null
             */
            remainingCodes: number | null;
        };
        /** @description The second factors of the user. */
        MfaFactors: {
            /** @description The factors. */
            factors: components["schemas"]["MfaFactor"][];
        };
        /** @description A password. */
        Password: {
            /**
             * @description The password.
             * @example Str0ng-Passw0rd!x
             */
            password: string;
        };
        /** @description The result of the check against the tenant's policy. */
        PasswordCheck: {
            /**
             * @description Whether the password meets the policy.
             * @example false
             */
            valid: boolean;
            /** @description The broken rules. */
            issues: components["schemas"]["PasswordIssue"][];
        };
        /** @description A rule of the tenant's policy that a password breaks. */
        PasswordIssue: {
            /**
             * @description The broken rule, for programs.
             * @example too_short
             */
            code: string;
            /**
             * @description A text for users, in the language of `Accept-Language`.
             * @example Must be at least 8 characters long.
             */
            detail: string;
        };
        /** @description Problem details (RFC 9457). */
        Problem: {
            /**
             * Format: uri-reference
             * @description The page that explains the code.
             * @example /docs/errors#validation_failed
             */
            type: string;
            /**
             * @description The same text for all problems with this code.
             * @example Some values are invalid.
             */
            title: string;
            /**
             * @description The HTTP status.
             * @example 422
             */
            status: number;
            /**
             * @description What happened in this case.
             * @example The request body is not valid JSON.
             */
            detail?: string;
            /**
             * @description A stable code for programs.
             * @example validation_failed
             */
            code: components["schemas"]["ProblemCode"];
            /**
             * @description Identifies the request in the log; the same as `X-Request-Id`.
             * @example 6f1c1c1e-6a6e-4d52-9c39-3d0e8c1f8f1a
             */
            requestId: string;
            /** @description The invalid values. */
            errors?: components["schemas"]["FieldError"][];
            /**
             * @description With `step_up_required`: the kinds of proof that this user can give.
             * @example [
             *       "password",
             *       "email",
             *       "signIn"
             *     ]
             */
            proofs?: ("password" | "email" | "phone" | "signIn")[];
            /**
             * @description With `step_up_required`: what is still to be proved.
             * @example [
             *       "identity"
             *     ]
             */
            required?: ("identity" | "address")[];
            /**
             * @description With 500, 502, 503 and 504: the change may have been applied, or may still be. Read the data again.
             * @example unknown
             * @enum {string}
             */
            outcome?: "unknown";
            /**
             * @description With a password change: the password was changed, but the other sessions may not have ended.
             * @example true
             */
            passwordChanged?: boolean;
        };
        /**
         * @description A stable code for programs.
         * @enum {string}
         */
        ProblemCode: "malformed_request" | "invalid_token" | "step_up_required" | "invalid_proof" | "invalid_signature" | "insufficient_scope" | "client_not_allowed" | "account_suspended" | "field_not_writable" | "not_found" | "account_not_found" | "method_not_allowed" | "request_timeout" | "identifier_taken" | "idempotency_conflict" | "precondition_failed" | "precondition_required" | "payload_too_large" | "unsupported_media_type" | "validation_failed" | "invalid_credentials" | "invalid_code" | "code_expired" | "password_rejected" | "last_identifier" | "rate_limited" | "too_many_attempts" | "headers_too_large" | "internal_error" | "channel_not_configured" | "upstream_failed" | "message_not_sent" | "upstream_unavailable" | "overloaded" | "database_unavailable" | "upstream_timeout";
        /** @description The profile document: `id`, then every readable field. An unset field is null. */
        Profile: {
            /**
             * @description Logto's ID of the user.
             * @example w2kd7q9xh3m1
             */
            id: string;
            /**
             * Username
             * @example alice
             */
            username: string | null;
            /**
             * Email
             * @example alice@example.com
             */
            primaryEmail: string | null;
            /**
             * Phone
             * @description A phone number with its country code. Separators are removed.
             * @example 15550100001
             */
            primaryPhone: string | null;
            /**
             * Display name
             * @example Alice Example
             */
            name: string | null;
            /**
             * Picture
             * @example https://example.com/alice.png
             */
            avatar: string | null;
            /**
             * Given name
             * @example Alice
             */
            givenName: string | null;
            /**
             * Family name
             * @example Example
             */
            familyName: string | null;
            /**
             * Middle name
             * @example Beth
             */
            middleName: string | null;
            /**
             * Nickname
             * @example Al
             */
            nickname: string | null;
            /**
             * Preferred username
             * @example alice
             */
            readonly preferredUsername: string | null;
            /**
             * Profile page
             * @example https://example.com/alice
             */
            profile: string | null;
            /**
             * Website
             * @example https://alice.example.com
             */
            website: string | null;
            /**
             * Gender
             * @example female
             */
            gender: string | null;
            /**
             * Date of birth
             * @example 1990-02-28
             */
            birthdate: string | null;
            /**
             * Time zone
             * @example Europe/Berlin
             */
            zoneinfo: string | null;
            /**
             * Language
             * @example en-GB
             */
            locale: string | null;
            /** Address */
            address: {
                /**
                 * Full address
                 * @example 1 Main Street
                 *     Springfield
                 */
                formatted?: string;
                /**
                 * Street and number
                 * @example 1 Main Street
                 */
                streetAddress?: string;
                /**
                 * City
                 * @example Springfield
                 */
                locality?: string;
                /**
                 * State or region
                 * @example Saxony
                 */
                region?: string;
                /**
                 * Postal code
                 * @example 01067
                 */
                postalCode?: string;
                /**
                 * Country
                 * @example Germany
                 */
                country?: string;
            } | null;
            /** Preferences */
            preferences: {
                [key: string]: unknown;
            } | null;
            /** Newsletter */
            newsletter: boolean | null;
            /**
             * Plan
             * @example pro
             */
            readonly plan: string | null;
            /** Shipping address */
            shippingAddress: {
                /**
                 * Recipient
                 * @example Alice Example
                 */
                recipient?: string;
                /**
                 * Street and number
                 * @example 1 Main Street
                 */
                streetAddress?: string;
                /**
                 * City
                 * @example Dresden
                 */
                locality?: string;
                /**
                 * State or region
                 * @example Saxony
                 */
                region?: string;
                /**
                 * Postal code
                 * @example 01067
                 */
                postalCode?: string;
                /**
                 * Country code
                 * @description ISO 3166-1 alpha-2
                 * @example DE
                 */
                country?: string;
            } | null;
            /** Emergency contact */
            emergencyContact: {
                /**
                 * Name
                 * @example Bob Example
                 */
                name?: string;
                /**
                 * Phone
                 * @example +49 351 4960000
                 */
                phone?: string;
                /**
                 * Relationship
                 * @example brother
                 */
                relationship?: string;
            } | null;
            /** Tax ID */
            taxId: {
                /**
                 * @description The visible part of the value.
                 * @example •••• 1234
                 */
                masked: string;
            } | null;
        };
        /** @description A JSON Merge Patch (RFC 7396) of the profile document. Null clears. */
        ProfilePatch: {
            /**
             * Username
             * @example alice
             */
            username?: string | null;
            /**
             * Email
             * @example alice@example.com
             */
            primaryEmail?: string | null;
            /**
             * Phone
             * @description A phone number with its country code. Separators are removed.
             * @example 15550100001
             */
            primaryPhone?: string | null;
            /**
             * Display name
             * @example Alice Example
             */
            name?: string | null;
            /**
             * Picture
             * @example https://example.com/alice.png
             */
            avatar?: string | null;
            /**
             * Given name
             * @example Alice
             */
            givenName?: string | null;
            /**
             * Family name
             * @example Example
             */
            familyName?: string | null;
            /**
             * Middle name
             * @example Beth
             */
            middleName?: string | null;
            /**
             * Nickname
             * @example Al
             */
            nickname?: string | null;
            /**
             * Profile page
             * @example https://example.com/alice
             */
            profile?: string | null;
            /**
             * Website
             * @example https://alice.example.com
             */
            website?: string | null;
            /**
             * Gender
             * @example female
             */
            gender?: string | null;
            /**
             * Date of birth
             * @example 1990-02-28
             */
            birthdate?: string | null;
            /**
             * Time zone
             * @example Europe/Berlin
             */
            zoneinfo?: string | null;
            /**
             * Language
             * @example en-GB
             */
            locale?: string | null;
            /** Address */
            address?: {
                /**
                 * Full address
                 * @example 1 Main Street
                 *     Springfield
                 */
                formatted?: string | null;
                /**
                 * Street and number
                 * @example 1 Main Street
                 */
                streetAddress?: string | null;
                /**
                 * City
                 * @example Springfield
                 */
                locality?: string | null;
                /**
                 * State or region
                 * @example Saxony
                 */
                region?: string | null;
                /**
                 * Postal code
                 * @example 01067
                 */
                postalCode?: string | null;
                /**
                 * Country
                 * @example Germany
                 */
                country?: string | null;
            } | null;
            /** Preferences */
            preferences?: {
                [key: string]: unknown;
            } | null;
            /** Newsletter */
            newsletter?: boolean | null;
            /** Shipping address */
            shippingAddress?: {
                /**
                 * Recipient
                 * @example Alice Example
                 */
                recipient?: string | null;
                /**
                 * Street and number
                 * @example 1 Main Street
                 */
                streetAddress?: string | null;
                /**
                 * City
                 * @example Dresden
                 */
                locality?: string | null;
                /**
                 * State or region
                 * @example Saxony
                 */
                region?: string | null;
                /**
                 * Postal code
                 * @example 01067
                 */
                postalCode?: string | null;
                /**
                 * Country code
                 * @description ISO 3166-1 alpha-2
                 * @example DE
                 */
                country?: string | null;
            } | null;
            /** Emergency contact */
            emergencyContact?: {
                /**
                 * Name
                 * @example Bob Example
                 */
                name?: string | null;
                /**
                 * Phone
                 * @example +49 351 4960000
                 */
                phone?: string | null;
                /**
                 * Relationship
                 * @example brother
                 */
                relationship?: string | null;
            } | null;
            /**
             * Tax ID
             * @example DE123456789
             */
            taxId?: string | null;
        };
        /**
         * @description A kind of proof.
         * @enum {string}
         */
        ProofKind: "password" | "email" | "phone" | "signIn";
        /** @description Whether the service can handle requests, and otherwise why not. */
        Readiness: {
            /**
             * @description `ready` if there is no reason.
             * @example ready
             * @enum {string}
             */
            status: "ready" | "unavailable";
            /** @description Why the service is not ready. */
            reasons: components["schemas"]["ReadinessReason"][];
        };
        /** @description A reason why the service is not ready. */
        ReadinessReason: {
            /**
             * @description The stable code of the reason.
             * @example database_read_only
             * @enum {string}
             */
            code: "shutting_down" | "signing_keys_missing" | "issuer_unverified" | "issuer_mismatch" | "machine_token_missing" | "machine_credentials_rejected" | "machine_scope_missing" | "database_unavailable" | "database_read_only" | "database_full" | "database_not_migrated" | "check_too_slow";
            /**
             * @description The reason in English.
             * @example The database is read-only.
             */
            detail: string;
        };
        /** @description The recipient of a code. */
        SendCode: {
            /**
             * @description A new email address. The code proves only that address. Send exactly one of `email`, `phone` and `target`.
             * @example new@example.com
             */
            email: string;
        } | {
            /**
             * @description A new phone number with its country code, with or without `+`. Separators are accepted. The code proves only that number. Send exactly one of `email`, `phone` and `target`.
             * @example +447700900123
             */
            phone: string;
        } | {
            /**
             * @description An address of the account. The code proves the identity. Send exactly one of `email`, `phone` and `target`.
             * @example primaryEmail
             * @enum {string}
             */
            target: "primaryEmail" | "primaryPhone";
        };
        /**
         * @description The name of a sensitive field.
         * @enum {string}
         */
        SensitiveFieldName: "taxId";
        /** @description A session of the user at Logto. */
        Session: {
            /**
             * @description The ID of the session.
             * @example YUMrHxURcdmgsK0IIYjxhu5HigLtRCFnfw1AfSlNVOQ
             */
            id: string;
            /**
             * Format: date-time
             * @description When the user signed in.
             * @example 2026-11-23T10:00:00.000Z
             */
            signedInAt: string;
            /**
             * @description The IP address at sign-in.
             * @example 203.0.113.7
             */
            ip: string | null;
            /**
             * @description The `User-Agent` at sign-in.
             * @example Mozilla/5.0 (X11; Linux x86_64)
             */
            userAgent: string | null;
            /**
             * @description The application that the user signed in to.
             * @example profile-page
             */
            clientId: string | null;
            /**
             * @description Whether this is the caller's own session; null without an `Id-Token-Hint` that has a `sid` claim.
             * @example null
             */
            current: boolean | null;
        };
        /** @description The sessions of the user at Logto. */
        Sessions: {
            /** @description The sessions. */
            sessions: components["schemas"]["Session"][];
        };
        /** @description The parameters of the authorization request of a fresh sign-in. */
        SignInChallenge: {
            /**
             * @description The `nonce` of the authorization request.
             * @example n3Zk6yB2uC9dE8fG7hI5jK4lM3nO2pQ1rS0tU9vW8x0
             */
            nonce: string;
            /**
             * @description The `max_age` of the authorization request, which also needs `prompt=login`.
             * @example 0
             */
            maxAge: number;
            /**
             * Format: date-time
             * @description When the challenge expires.
             * @example 2026-11-23T10:10:00.000Z
             */
            expiresAt: string;
        };
        /** @description The result of a fresh sign-in. */
        SignInProof: {
            /**
             * @description The ID token of the sign-in with the nonce of a challenge.
             * @example eyJhbGciOiJFUzM4NCIsImtpZCI6IjEifQ.eyJzdWIiOiJhbGljZSJ9.c2ln
             */
            idToken: string;
        };
        /** @description The recipient of a code, and the code. */
        VerifyCode: {
            /**
             * @description A new email address. The code proves only that address. Send exactly one of `email`, `phone` and `target`.
             * @example new@example.com
             */
            email: string;
            /**
             * @description The code as received.
             * @example 123456
             */
            code: string;
        } | {
            /**
             * @description A new phone number with its country code, with or without `+`. Separators are accepted. The code proves only that number. Send exactly one of `email`, `phone` and `target`.
             * @example +447700900123
             */
            phone: string;
            /**
             * @description The code as received.
             * @example 123456
             */
            code: string;
        } | {
            /**
             * @description An address of the account. The code proves the identity. Send exactly one of `email`, `phone` and `target`.
             * @example primaryEmail
             * @enum {string}
             */
            target: "primaryEmail" | "primaryPhone";
            /**
             * @description The code as received.
             * @example 123456
             */
            code: string;
        };
    };
    responses: {
        /** @description The account no longer exists. */
        AccountNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The message could not be sent. Or: Logto returned an unexpected response. */
        BadGateway: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description You need at least one way to sign in. Or: Some values are invalid. */
        ChangeInvalid: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Email or SMS delivery is not configured. */
        ChannelNotConfigured: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The code is no longer valid. Or: Incorrect code. Or: Some values are invalid. */
        CodeRejected: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The idempotency key was already used for a different request. Or: Another account already uses this identifier. */
        Conflict: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The account is suspended. Or: This application is not allowed to use this service. Or: The access token lacks a required scope. */
        Forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request headers are too large. */
        HeadersTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The idempotency key was already used for a different request. */
        IdempotencyConflict: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Internal error. */
        InternalError: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Invalid signature. */
        InvalidSignature: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The access token is missing or invalid. */
        InvalidToken: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description You need at least one way to sign in. */
        LastIdentifier: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is malformed. */
        MalformedRequest: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Incorrect password. Or: The password does not meet the requirements. Or: Some values are invalid. */
        PasswordChangeRejected: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Incorrect password. Or: Some values are invalid. */
        PasswordIncorrect: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request body is too large. */
        PayloadTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The precondition of the request is not met. */
        PreconditionFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The If-Match header is required. */
        PreconditionRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The proof was rejected. Or: The access token is missing or invalid. Or: A fresh proof of identity is required. */
        ProofRejected: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The access token is missing or invalid. Or: A fresh proof of identity is required. */
        ProofRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests. */
        RateLimited: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request took too long to arrive. */
        RequestTimeout: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The account no longer exists. Or: Not found. */
        ResourceNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The database is unavailable. Or: Service overloaded, try again later. Or: Logto is unavailable. */
        ServiceUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests. Or: Too many attempts. */
        TooManyRequests: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unsupported media type. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Accept-Patch": components["headers"]["Accept-Patch"];
                "Accept-Encoding": components["headers"]["Accept-Encoding"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Logto returned an unexpected response. */
        UpstreamFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Logto did not respond in time. */
        UpstreamTimeout: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Logto is unavailable. */
        UpstreamUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Some values are invalid. */
        ValidationFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The account is suspended. Or: This application is not allowed to use this service. Or: Some fields cannot be changed. Or: The access token lacks a required scope. */
        WriteForbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description Identifies the request in the log. */
        "X-Request-Id": string;
        /** @description Why the token was rejected (RFC 6750), or that a fresh proof is needed (RFC 9470). */
        "WWW-Authenticate": string;
        /** @description The accepted media types of patches. */
        "Accept-Patch": string;
        /** @description `identity`: compressed bodies are not accepted. */
        "Accept-Encoding": string;
        /** @description Seconds to wait. */
        "Retry-After": number;
        /** @description The remaining quota. */
        RateLimit: string;
        /** @description The limit that was applied. */
        "RateLimit-Policy": string;
        /** @description The version of the document, for `If-Match` and `If-None-Match`. Send it back as received, even if a proxy has changed it. */
        ETag: string;
        /** @description Only while Logto is unavailable: the seconds since Logto's part of the document was read. */
        Age: number;
        /** @description Only while Logto is unavailable: Logto's part of the document may be out of date. */
        Warning: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description An `ETag`. The response is 304 if it is still current. */
                "If-None-Match"?: string;
                /** @description `no-cache` reads the user from Logto even if they are cached. */
                "Cache-Control"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The profile document. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Age: components["headers"]["Age"];
                    Warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    updateProfile: {
        parameters: {
            query?: {
                /** @description Checks everything except uniqueness and returns the document as it would be after the change. Nothing is written, and no proof is consumed. */
                dryRun?: boolean;
            };
            header?: {
                /** @description The `ETag` of the version that the change is based on, as received, or `*`. The response is 412 if it is no longer current. */
                "If-Match"?: string;
                /** @description The response is 412 if this is the current `ETag`, or `*`, because the document always exists. */
                "If-None-Match"?: string;
                /** @description A change that is sent again with the same key within 24 hours is not applied again. At most 255 characters. */
                "Idempotency-Key"?: string;
                /** @description Ids of fresh proofs, separated by commas. */
                "Verification-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["ProfilePatch"];
                "application/json": components["schemas"]["ProfilePatch"];
            };
        };
        responses: {
            /** @description The profile document. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["WriteForbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ChangeInvalid"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    getProfileSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schema. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    getProfileCapabilities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The capabilities. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Capabilities"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    revealField: {
        parameters: {
            query?: never;
            header?: {
                /** @description Ids of fresh proofs, separated by commas. */
                "Verification-Id"?: string;
            };
            path: {
                /** @description A sensitive field. */
                name: components["schemas"]["SensitiveFieldName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The value of the field. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Of the type that the field defines; null if it is unset.
                         * @example DE123456789
                         */
                        value: unknown;
                    };
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["ResourceNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    getCustomData: {
        parameters: {
            query?: never;
            header?: {
                /** @description An `ETag`. The response is 304 if it is still current. */
                "If-None-Match"?: string;
                /** @description `no-cache` reads the user from Logto even if they are cached. */
                "Cache-Control"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The readable fields in the custom data. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Age: components["headers"]["Age"];
                    Warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomData"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    updateCustomData: {
        parameters: {
            query?: {
                /** @description Checks everything except uniqueness and returns the document as it would be after the change. Nothing is written, and no proof is consumed. */
                dryRun?: boolean;
            };
            header?: {
                /** @description The `ETag` of the version that the change is based on, as received, or `*`. The response is 412 if it is no longer current. */
                "If-Match"?: string;
                /** @description The response is 412 if this is the current `ETag`, or `*`, because the document always exists. */
                "If-None-Match"?: string;
                /** @description A change that is sent again with the same key within 24 hours is not applied again. At most 255 characters. */
                "Idempotency-Key"?: string;
                /** @description Ids of fresh proofs, separated by commas. */
                "Verification-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["CustomDataPatch"];
                "application/json": components["schemas"]["CustomDataPatch"];
            };
        };
        responses: {
            /** @description The readable fields in the custom data. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomData"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["WriteForbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["IdempotencyConflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    getPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the account has a password. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HasPassword"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: {
                /** @description The caller's ID token. Its `sid` claim identifies the caller's own session. */
                "Id-Token-Hint"?: string;
                /** @description Ids of fresh proofs, separated by commas. */
                "Verification-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description The password was changed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["PasswordChangeRejected"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    verifyPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Password"];
            };
        };
        responses: {
            /** @description The proof. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedProof"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["PasswordIncorrect"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    checkPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Password"];
            };
        };
        responses: {
            /** @description Whether the password can be set. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasswordCheck"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    sendVerificationCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendCode"];
            };
        };
        responses: {
            /** @description The code was sent, or for a new address, the request was accepted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            501: components["responses"]["ChannelNotConfigured"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    verifyVerificationCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerifyCode"];
            };
        };
        responses: {
            /** @description The proof. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedProof"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["CodeRejected"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    createSignInChallenge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The parameters of the authorization request. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInChallenge"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    verifySignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignInProof"];
            };
        };
        responses: {
            /** @description The proof. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedProof"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRejected"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: {
                /** @description The caller's ID token. Its `sid` claim identifies the caller's own session. */
                "Id-Token-Hint"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sessions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sessions"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    endOtherSessions: {
        parameters: {
            query?: never;
            header?: {
                /** @description The caller's ID token. Its `sid` claim identifies the caller's own session. */
                "Id-Token-Hint"?: string;
                /** @description Ids of fresh proofs, separated by commas. */
                "Verification-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The number of sessions that were ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndedSessions"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description Ids of fresh proofs, separated by commas. */
                "Verification-Id"?: string;
            };
            path: {
                /** @description The ID of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session was ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["ResourceNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    listIdentities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The identities. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Identities"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    removeIdentity: {
        parameters: {
            query?: never;
            header?: {
                /** @description Ids of fresh proofs, separated by commas. */
                "Verification-Id"?: string;
            };
            path: {
                /** @description The `target` of a social identity. */
                target: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The identity was removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["ResourceNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["LastIdentifier"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    listMfaFactors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The factors. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MfaFactors"];
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidToken"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["AccountNotFound"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    removeMfaFactor: {
        parameters: {
            query?: never;
            header?: {
                /** @description Ids of fresh proofs, separated by commas. */
                "Verification-Id"?: string;
            };
            path: {
                /** @description The ID of a factor. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The factor was removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["ProofRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["ResourceNotFound"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["UpstreamFailed"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["UpstreamTimeout"];
        };
    };
    receiveLogtoWebhook: {
        parameters: {
            query?: never;
            header: {
                /** @description The hex HMAC-SHA-256 of the raw body with the signing key of the webhook. */
                "logto-signature-sha-256": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The kind of event.
                     * @example User.Data.Updated
                     */
                    event: string;
                    /**
                     * Format: date-time
                     * @description When the event happened.
                     * @example 2026-11-22T22:43:57.006Z
                     */
                    createdAt: string;
                    /** @description The path parameters of the request that caused the event. */
                    params?: {
                        /**
                         * @description The user that changed.
                         * @example k2n79osuf1a5
                         */
                        userId?: string;
                    } & {
                        [key: string]: unknown;
                    };
                    /**
                     * @description The response of that request.
                     * @example {
                     *       "id": "k2n79osuf1a5"
                     *     }
                     */
                    data?: {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description The webhook was accepted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["InvalidSignature"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
        };
    };
    receiveBackChannelLogout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": {
                    /**
                     * @description Logto's signed logout token.
                     * @example eyJhbGciOiJFUzM4NCJ9.e30.c2ln
                     */
                    logout_token: string;
                };
            };
        };
        responses: {
            /** @description The tokens are revoked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["MalformedRequest"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["UpstreamUnavailable"];
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process is running. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Liveness"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            /** @description Not ready. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
}
