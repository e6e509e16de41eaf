import type { FormatTexts, Messages, TypeTexts } from './en.js';
import { formattingFor } from './formatting.js';

const { number, count, anyOf, anyJsonOf } = formattingFor('de');

const TYPES: TypeTexts = {
  string: 'eine Zeichenkette',
  boolean: 'ein boolescher Wert',
  integer: 'eine ganze Zahl',
  number: 'eine Zahl',
  object: 'ein Objekt',
  array: 'ein Array',
  null: 'null',
};

const CHANNELS = { email: 'E-Mails', phone: 'SMS' };

const FORMATS: FormatTexts = {
  line: 'Muss eine einzelne Zeile mit sichtbarem Text ohne Steuerzeichen sein.',
  lines: 'Muss sichtbarer Text sein, außer Zeilenumbrüchen ohne Steuerzeichen.',
  'http-url': 'Muss eine http- oder https-URL ohne Leerzeichen und Zugangsdaten sein.',
  phone: 'Muss eine Telefonnummer sein: 3 bis 15 Ziffern und Trennzeichen.',
  birthdate:
    'Muss ein Datum (JJJJ-MM-TT), ein Jahr (JJJJ) oder ein Datum ohne Jahr (0000-MM-TT) sein, das nicht in der Zukunft liegt.',
  'time-zone': 'Muss eine Zeitzone aus der IANA-Datenbank in genauer Schreibweise sein, zum Beispiel Europe/Berlin.',
  'language-tag': 'Muss ein registriertes Sprachkürzel nach BCP 47 sein, zum Beispiel de-DE.',

  date: 'Muss ein Datum sein (JJJJ-MM-TT).',
  time: 'Muss eine Uhrzeit mit Zeitzone sein (hh:mm:ssZ).',
  'date-time': 'Muss Datum und Uhrzeit mit Zeitzone sein (JJJJ-MM-TThh:mm:ssZ).',
  'iso-time': 'Muss eine Uhrzeit sein (hh:mm:ss).',
  'iso-date-time': 'Muss Datum und Uhrzeit sein (JJJJ-MM-TThh:mm:ss).',
  duration: 'Muss eine Dauer nach ISO 8601 sein, zum Beispiel P1DT12H.',
  uri: 'Muss ein gültiger URI sein.',
  'uri-reference': 'Muss ein gültiger URI oder ein relativer Verweis sein.',
  'uri-template': 'Muss eine gültige URI-Vorlage sein.',
  url: 'Muss eine gültige URL sein.',
  email: 'Muss eine gültige E-Mail-Adresse sein.',
  hostname: 'Muss ein gültiger Hostname sein.',
  ipv4: 'Muss eine gültige IPv4-Adresse sein.',
  ipv6: 'Muss eine gültige IPv6-Adresse sein.',
  regex: 'Muss ein gültiger regulärer Ausdruck sein.',
  uuid: 'Muss eine gültige UUID sein.',
  'json-pointer': 'Muss ein gültiger JSON-Pointer sein.',
  'json-pointer-uri-fragment': 'Muss ein gültiger JSON-Pointer als URI-Fragment sein.',
  'relative-json-pointer': 'Muss ein gültiger relativer JSON-Pointer sein.',
  byte: 'Muss gültiges Base64 sein.',
  int32: 'Muss eine ganze Zahl mit 32 Bit sein.',
  int64: 'Muss eine ganze Zahl mit 64 Bit sein.',
  float: 'Muss eine Gleitkommazahl sein.',
  double: 'Muss eine Gleitkommazahl sein.',
  password: 'Muss Text sein.',
  binary: 'Muss aus Binärdaten bestehen.',
};

const REJECTED_JSON = {
  unstorable_text: 'Text darf weder NUL-Zeichen noch einzelne Surrogates enthalten.',
  number_not_exact: 'Die Zahl lässt sich nicht genau darstellen. Senden Sie sie als Text.',
  too_deep: ({ max }: { readonly max: number }) =>
    `Darf höchstens ${count(max, 'Ebene', 'Ebenen')} tief verschachtelt sein.`,
  forbidden_key: 'Dieser Schlüssel ist nicht erlaubt.',
};

/** The texts of problems in German. */
export const DE: Messages = {
  titles: {
    malformed_request: 'Die Anfrage ist fehlerhaft.',
    invalid_token: 'Das Zugriffstoken fehlt oder ist ungültig.',
    step_up_required: 'Ein neuer Identitätsnachweis ist erforderlich.',
    invalid_proof: 'Der Nachweis wurde abgelehnt.',
    invalid_signature: 'Ungültige Signatur.',
    insufficient_scope: 'Dem Zugriffstoken fehlt eine erforderliche Berechtigung.',
    client_not_allowed: 'Diese Anwendung darf diesen Dienst nicht nutzen.',
    account_suspended: 'Das Konto ist gesperrt.',
    field_not_writable: 'Einige Felder können nicht geändert werden.',
    not_found: 'Nicht gefunden.',
    account_not_found: 'Das Konto existiert nicht mehr.',
    method_not_allowed: 'Methode nicht erlaubt.',
    request_timeout: 'Die Anfrage ist nicht rechtzeitig vollständig eingetroffen.',
    identifier_taken: 'Ein anderes Konto verwendet dieses Anmeldemerkmal bereits.',
    idempotency_conflict: 'Der Idempotency-Key wurde bereits für eine andere Anfrage verwendet.',
    precondition_failed: 'Die Vorbedingung der Anfrage ist nicht erfüllt.',
    precondition_required: 'Der Header If-Match ist erforderlich.',
    payload_too_large: 'Der Inhalt der Anfrage ist zu groß.',
    unsupported_media_type: 'Dieser Medientyp wird nicht unterstützt.',
    validation_failed: 'Einige Werte sind ungültig.',
    invalid_credentials: 'Falsches Passwort.',
    invalid_code: 'Falscher Code.',
    code_expired: 'Der Code ist nicht mehr gültig.',
    password_rejected: 'Das Passwort erfüllt die Anforderungen nicht.',
    last_identifier: 'Sie benötigen mindestens eine Anmeldemöglichkeit.',
    rate_limited: 'Zu viele Anfragen.',
    too_many_attempts: 'Zu viele Versuche.',
    headers_too_large: 'Die Header der Anfrage sind zu groß.',
    internal_error: 'Interner Fehler.',
    channel_not_configured: 'Der Versand von E-Mails oder SMS ist nicht eingerichtet.',
    upstream_failed: 'Logto hat unerwartet geantwortet.',
    message_not_sent: 'Die Nachricht konnte nicht gesendet werden.',
    upstream_unavailable: 'Logto ist nicht verfügbar.',
    overloaded: 'Der Dienst ist überlastet. Versuchen Sie es später erneut.',
    database_unavailable: 'Die Datenbank ist nicht verfügbar.',
    upstream_timeout: 'Logto hat nicht rechtzeitig geantwortet.',
  },

  details: {
    token_missing: 'Ein Zugriffstoken ist erforderlich.',
    token_opaque: 'Das Zugriffstoken ist opak. Fordern Sie eines für die Ressource dieser API an.',
    token_contains_key: 'Das Zugriffstoken darf seinen Schlüssel weder enthalten noch auf ihn verweisen.',
    token_algorithm_not_accepted: 'Das Signaturverfahren des Zugriffstokens wird nicht akzeptiert.',
    token_type_not_accepted: 'Das Token ist kein Zugriffstoken.',
    token_without_key_id: 'Das Zugriffstoken enthält keine Schlüssel-ID.',
    token_key_unknown: 'Das Zugriffstoken ist mit einem unbekannten Schlüssel signiert.',
    token_from_other_issuer: 'Das Zugriffstoken stammt von einem anderen Aussteller.',
    token_for_other_audience: 'Das Zugriffstoken gilt für eine andere API.',
    token_for_organization:
      'Das Zugriffstoken gilt für eine Organisation. Fordern Sie eines für die Ressource dieser API an.',
    token_expired: 'Das Zugriffstoken ist abgelaufen.',
    token_without_user: 'Das Zugriffstoken nennt keinen Benutzer oder keine Anwendung.',
    token_of_machine: 'Das Zugriffstoken gehört zu einer Machine-to-Machine-Anwendung.',
    token_rejected: 'Das Zugriffstoken wurde abgelehnt.',
    token_revoked: 'Das Zugriffstoken wurde widerrufen.',
    signing_keys_unavailable: 'Die Schlüssel zum Prüfen von Zugriffstokens konnten nicht abgerufen werden.',

    ...REJECTED_JSON,
    body_missing: 'Der Inhalt der Anfrage fehlt.',
    body_not_utf8: 'Der Inhalt der Anfrage ist kein gültiges UTF-8.',
    media_type_not_accepted: 'Senden Sie JSON mit dem Inhaltstyp application/json.',
    charset_not_accepted: 'JSON wird nur in UTF-8 akzeptiert.',
    content_coding_not_accepted:
      'Komprimierte Inhalte werden nicht akzeptiert. Senden Sie den Inhalt ohne Content-Encoding.',
    host_missing: 'Der Header Host fehlt.',
    host_repeated: 'Die Anfrage hat mehr als einen Host-Header.',
    body_not_json: 'Der Inhalt der Anfrage ist kein gültiges JSON.',

    profile_changed: 'Das Profil wurde seit dem letzten Lesen geändert.',
    profile_matches: 'If-None-Match entspricht der aktuellen Version des Profils.',

    id_token_rejected: 'Das ID-Token wurde abgelehnt.',
    id_token_without_nonce: 'Das ID-Token enthält keine Nonce.',
    id_token_without_auth_time: 'Das ID-Token enthält keinen Zeitpunkt der Anmeldung.',
    nonce_not_valid: 'Die Nonce ist unbekannt, abgelaufen oder bereits verwendet.',
    sign_in_before_challenge: 'Die Anmeldung erfolgte vor der Aufforderung dazu.',
    sign_in_in_future: 'Die Anmeldung liegt in der Zukunft.',

    logout_token_rejected: 'Das Logout-Token wurde abgelehnt.',
    webhook_outside_window: 'Der Webhook ist zu alt, oder die Uhren weichen voneinander ab.',
    password_changed_without_sign_out:
      'Das Passwort wurde geändert, aber andere Sitzungen konnten nicht beendet werden.',
    outcome_unknown: 'Es ist nicht bekannt, ob die Änderung ausgeführt wurde. Sie kann noch wirksam werden.',
    connector_missing: ({ channel }) => `Logto hat keinen Konnektor für ${CHANNELS[channel]}.`,
    template_missing: ({ channel }) =>
      `Logtos Konnektor für ${CHANNELS[channel]} hat keine Vorlage mit dem Verwendungstyp Generic.`,
    unknown_response: 'Logto hat in einem unbekannten Format geantwortet.',
  },

  fieldErrors: {
    ...REJECTED_JSON,
    required: 'Erforderlich.',
    empty: ({ nullClears }) =>
      nullClears ? 'Darf nicht leer sein. Mit null wird das Feld geleert.' : 'Darf nicht leer sein.',
    unknown_field: 'Unbekanntes Feld.',
    field_not_writable: 'Dieses Feld kann nicht geändert werden.',
    invalid: 'Logto hat diesen Wert abgelehnt.',
    invalid_value: ({ values }) => (values ? `Muss ${anyJsonOf(values)} sein.` : 'Ungültiger Wert.'),
    invalid_type: ({ types }) => `Muss ${anyOf(types.map((type) => TYPES[type]))} sein.`,
    invalid_format: (expected) =>
      'pattern' in expected ? `Muss dem Muster ${expected.pattern} entsprechen.` : FORMATS[expected.format],
    invalid_length: ({ min, max }) => `Muss ${number(min)} bis ${count(max, 'Zeichen', 'Zeichen')} lang sein.`,
    not_allowed: ({ values }) => `Muss ${anyJsonOf(values)} sein.`,
    out_of_range: ({ comparison, limit }) =>
      `Muss ${{ '>=': 'mindestens', '>': 'größer als', '<=': 'höchstens', '<': 'kleiner als' }[comparison]} ${number(limit)} sein.`,
    too_short: ({ min }) =>
      min === undefined ? 'Zu kurz.' : `Muss mindestens ${count(min, 'Zeichen', 'Zeichen')} lang sein.`,
    too_long: ({ max }) =>
      max === undefined ? 'Zu lang.' : `Darf höchstens ${count(max, 'Zeichen', 'Zeichen')} lang sein.`,
    too_few: ({ min, of }) =>
      `Muss mindestens ${of === 'items' ? count(min, 'Eintrag', 'Einträge') : count(min, 'Schlüssel', 'Schlüssel')} haben.`,
    too_many: ({ max, of }) =>
      of === 'both'
        ? `Darf insgesamt höchstens ${count(max, 'Schlüssel oder Eintrag', 'Schlüssel und Einträge')} haben.`
        : `Darf höchstens ${of === 'items' ? count(max, 'Eintrag', 'Einträge') : count(max, 'Schlüssel', 'Schlüssel')} haben.`,
    too_large: ({ max, of }) =>
      of === 'value'
        ? `Darf höchstens ${count(max, 'Byte', 'Byte')} groß sein.`
        : `Alle benutzerdefinierten Daten dürfen zusammen höchstens ${count(max, 'Byte', 'Byte')} groß sein.`,
    duplicate: 'Einträge dürfen nicht doppelt vorkommen.',

    invalid_email: 'Muss eine gültige E-Mail-Adresse sein.',
    invalid_phone: 'Muss eine gültige Telefonnummer sein.',
    country_code_missing: 'Muss mit der Landesvorwahl beginnen, zum Beispiel +49.',
    email_not_allowed: 'Diese E-Mail-Adresse ist nicht erlaubt.',
    email_subaddressing_not_allowed: 'E-Mail-Adressen mit + vor dem @ sind nicht erlaubt.',
    exactly_one: 'Genau eines von email, phone und target ist erforderlich.',
    not_set: 'Das Konto hat keine solche Adresse.',
    taken: 'Ein anderes Konto verwendet diesen Wert bereits.',
    last_identifier: 'Sie benötigen mindestens eine Anmeldemöglichkeit.',
    starts_with_number: 'Darf nicht mit einer Ziffer beginnen.',
    invalid_charset_hard: 'Nur die Buchstaben A bis Z, Ziffern und Unterstriche sind erlaubt.',
    uppercase_not_allowed: 'Großbuchstaben sind nicht erlaubt.',
    lowercase_not_allowed: 'Kleinbuchstaben sind nicht erlaubt.',
    numbers_not_allowed: 'Ziffern sind nicht erlaubt.',
    underscore_not_allowed: 'Unterstriche sind nicht erlaubt.',

    invalid_credentials: 'Falsches Passwort.',
    policy: 'Das Passwort erfüllt die Anforderungen nicht.',
    character_types: ({ min }) =>
      min === undefined
        ? 'Muss mehr Zeichenarten enthalten: Kleinbuchstaben, Großbuchstaben, Ziffern, Symbole.'
        : `Muss mindestens ${number(min)} der folgenden Zeichenarten enthalten: Kleinbuchstaben, Großbuchstaben, Ziffern, Symbole.`,
    unsupported_characters: 'Das Passwort enthält nicht unterstützte Zeichen.',
    pwned: 'Das Passwort ist aus einem Datenleck bekannt.',
    'restricted.repetition': 'Darf keine Zeichenwiederholungen enthalten.',
    'restricted.sequence': 'Darf keine Zeichenfolgen wie 123 oder abc enthalten.',
    'restricted.user_info': 'Darf keine persönlichen Angaben von Ihnen enthalten.',
    'restricted.words': 'Das Passwort enthält nicht erlaubte Wörter.',
    same_as_current: 'Muss sich vom aktuellen Passwort unterscheiden.',
    invalid_id_token: 'Muss ein gültiges ID-Token dieses Benutzers für diese Anwendung sein.',
  },
};
