/**
 * Logto's English message for each error code, taken from recordings. `{{name}}` is a placeholder for one of
 * the error's values. For other languages, see `translations`.
 */
const messages: Record<string, string> = {
  'auth.authorization_header_missing': 'Authorization header is missing.',
  'auth.authorization_token_type_not_supported': 'Authorization type is not supported.',
  'auth.forbidden': 'Forbidden. Please check your user roles and permissions.',
  'auth.unauthorized': 'Unauthorized. Please check credentials and its scope.',
  'connector.general': 'Error occurred in connector.{{errorDescription}}',
  'connector.invalid_response': "The connector's response is invalid.",
  'connector.not_found': 'Cannot find any available connector for type: {{type}}.',
  'connector.template_not_found': 'Unable to find correct template in connector config.',
  'entity.invalid_input': 'Invalid input. Value list must not be empty.',
  'entity.not_exists': 'The {{name}} does not exist.',
  'entity.not_exists_with_id': 'The {{name}} with ID `{{id}}` does not exist.',
  'entity.not_found': 'The resource does not exist.',
  'entity.relation_foreign_key_not_found':
    'Cannot find one or more foreign keys. Please check the input and ensure that all referenced entities exist.',
  'entity.value_too_long': 'The length of value is too long and exceeds the limit.',
  'guard.invalid_input': 'The request {{type}} is invalid.',
  'hook.endpoint_responded_with_error': 'Endpoint responded with error.',
  'hook.missing_events': 'You need to provide at least one event.',
  'hook.send_test_payload_failed': 'Failed to send test payload: {{message}}',
  'oidc.invalid_grant': 'Grant request is invalid.',
  'oidc.invalid_session_account_id': 'Session accountId mismatch.',
  'oidc.session_not_found': 'Session not found.',
  'request.invalid_input': 'Input is invalid. {{details}}',
  'request.message_rate_limited': 'Too many messages sent to this recipient. Please try again later.',
  'session.invalid_connector_id': 'Unable to find available connector with id {{connectorId}}.',
  'session.invalid_credentials': 'Incorrect account or password. Please check your input.',
  'session.mfa.backup_code_can_not_be_alone': 'Backup code can not be the only MFA.',
  'sign_in_experiences.invalid_custom_email_blocklist_format':
    'Invalid custom email blocklist items: {{items}}. Each item must be a valid email address or email domain, e.g., foo@example.com or @example.com.',
  'sign_in_experiences.password_expiration_not_enabled':
    'Password expiration policy is not enabled. Enable it in the sign-in experience settings before expiring passwords.',
  'sign_in_experiences.username_policy_case_conflicts_exist':
    'Cannot switch to case-insensitive usernames while usernames that differ only by case exist. Resolve the conflicts and try again.',
  'user.backup_code_already_in_use': 'Backup code is already in use.',
  'user.email_already_in_use': 'This email is associated with an existing account.',
  // Logto itself does not fill in this placeholder.
  'user.enterprise_sso_identity_not_exists':
    'The user does not have an enterprise identity linked to the specified SSO connector ID: {{ ssoConnectorId }}.',
  'user.identity_already_in_use': 'The social account has been associated with an existing account.',
  'user.identity_not_exist': 'The social account has not been registered yet.',
  'user.invalid_phone': 'Invalid phone number.',
  'user.personal_access_token_name_exists': 'Personal access token name already exists.',
  'user.phone_already_in_use': 'This phone number is associated with an existing account.',
  'user.totp_already_in_use': 'TOTP is already in use.',
  'user.totp_secret_invalid': 'Invalid TOTP secret supplied.',
  'user.username_already_in_use': 'This username is already in use.',
  'user.wrong_backup_code_format': 'Backup code format is invalid.',
  'verification_code.code_mismatch': 'Invalid verification code.',
  'verification_code.exceed_max_try':
    'Verification code retries limitation exceeded. Please request a new verification code.',
  'verification_code.expired': 'Verification code has expired. Please request a new verification code.',
  'verification_code.not_found': 'Verification code not found. Please send verification code first.',
};

const translations: Record<string, Record<string, string>> = {
  fr: { 'entity.not_found': "La ressource n'existe pas." },
};

/** Returns the message in the first language of `Accept-Language`, or in English if there is no translation. */
export function getMessage(code: string, values: Record<string, string>, acceptLanguage = ''): string {
  const language = acceptLanguage.split(/[,;-]/, 1)[0]!.trim().toLowerCase();
  const template = translations[language]?.[code] ?? messages[code];
  if (template === undefined) throw new Error(`No message for ${code}`);
  return template.replaceAll(/{{(\w+)}}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
