import type { ErrorCode } from './error-catalogue.js';

/** Languages that problems are answered in; English is the catalogue itself. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Titles in German. */
export const GERMAN_TITLES: Record<ErrorCode, string> = {
  malformed_request: 'Die Anfrage ist nicht lesbar.',
  invalid_token: 'Das Zugriffstoken fehlt oder ist nicht gültig.',
  step_up_required: 'Ein frischer Identitätsnachweis ist nötig.',
  invalid_proof: 'Der Nachweis wurde abgelehnt.',
  invalid_signature: 'Die Signatur ist nicht gültig.',
  insufficient_scope: 'Dem Zugriffstoken fehlt eine Berechtigung.',
  client_not_allowed: 'Diese Anwendung darf diesen Dienst nicht benutzen.',
  account_suspended: 'Das Konto ist gesperrt.',
  field_not_writable: 'Ein Feld darf nicht geändert werden.',
  not_found: 'Hier gibt es nichts.',
  account_not_found: 'Das Konto gibt es nicht mehr.',
  method_not_allowed: 'Diese Methode ist hier nicht erlaubt.',
  request_timeout: 'Die Anfrage kam nicht rechtzeitig vollständig an.',
  identifier_taken: 'Ein anderes Konto benutzt dieses Anmeldemerkmal.',
  idempotency_conflict: 'Der Idempotency-Key wurde für eine andere Anfrage benutzt.',
  precondition_failed: 'Das Profil wurde inzwischen geändert.',
  precondition_required: 'Ein If-Match-Header ist nötig.',
  payload_too_large: 'Die Anfrage ist zu groß.',
  unsupported_media_type: 'Dieser Medientyp wird nicht unterstützt.',
  validation_failed: 'Einige Werte sind nicht gültig.',
  invalid_credentials: 'Das Passwort ist nicht richtig.',
  invalid_code: 'Der Code ist nicht richtig.',
  code_expired: 'Der Code gilt nicht mehr.',
  password_rejected: 'Das Passwort erfüllt die Regeln nicht.',
  last_identifier: 'Es bliebe nichts, womit man sich anmelden kann.',
  rate_limited: 'Zu viele Anfragen.',
  too_many_attempts: 'Zu viele Versuche.',
  headers_too_large: 'Die Header der Anfrage sind zu groß.',
  internal_error: 'Hier ist etwas schiefgegangen.',
  channel_not_configured: 'Solche Nachrichten können nicht gesendet werden.',
  upstream_failed: 'Logto hat diesen Dienst abgewiesen.',
  upstream_unavailable: 'Logto ist nicht erreichbar.',
  overloaded: 'Zu viel wartet gerade; bitte gleich noch einmal versuchen.',
  database_unavailable: 'Die Datenbank ist nicht erreichbar.',
  upstream_timeout: 'Logto hat nicht rechtzeitig geantwortet.',
};

/** Details in German by their English text, each number written as `#`. */
const GERMAN_DETAILS: Readonly<Record<string, string>> = {
  'An access token is needed.': 'Ein Zugriffstoken ist nötig.',
  'The access token was revoked.': 'Das Zugriffstoken wurde widerrufen.',
  'The access token has expired.': 'Das Zugriffstoken ist abgelaufen.',
  'The access token brings its own key.': 'Das Zugriffstoken bringt seinen eigenen Schlüssel mit.',
  'The access token is signed with an algorithm that is not accepted.':
    'Das Zugriffstoken ist mit einem Verfahren signiert, das nicht angenommen wird.',
  'The access token is signed with a key that is not known.':
    'Das Zugriffstoken ist mit einem unbekannten Schlüssel signiert.',
  'The token is not an access token.': 'Das Token ist kein Zugriffstoken.',
  'The access token does not name its key.': 'Das Zugriffstoken nennt seinen Schlüssel nicht.',
  'The access token is from another issuer.': 'Das Zugriffstoken kommt von einem anderen Aussteller.',
  'The access token is for another API.': 'Das Zugriffstoken ist für eine andere API.',
  'The access token is opaque: ask for one with the resource of this API.':
    'Das Zugriffstoken ist undurchsichtig: Fordern Sie eines mit der Ressource dieser API an.',
  'The access token does not say whose it is.': 'Das Zugriffstoken sagt nicht, wem es gehört.',
  'The access token belongs to a machine.': 'Das Zugriffstoken gehört einer Maschine.',
  'Another account uses this value.': 'Ein anderes Konto benutzt diesen Wert.',
  'It is not known whether the change was made; it may still be.':
    'Es ist nicht bekannt, ob die Änderung gemacht wurde; sie kann noch geschehen.',
  'Logto does not take this value.': 'Logto nimmt diesen Wert nicht an.',
  'Logto gave an answer of an unknown shape.': 'Logto hat in unbekannter Form geantwortet.',
  'The webhook is too old, or the clocks differ.': 'Der Webhook ist zu alt, oder die Uhren gehen verschieden.',
  'This field is not known.': 'Dieses Feld ist nicht bekannt.',
  'This field may not be changed.': 'Dieses Feld darf nicht geändert werden.',
  'The access token was refused.': 'Das Zugriffstoken wurde abgelehnt.',
  'The keys that access tokens are signed with could not be fetched.':
    'Die Schlüssel, mit denen Zugriffstokens signiert werden, konnten nicht geholt werden.',
  'The body is missing.': 'Der Inhalt der Anfrage fehlt.',
  'The body is not JSON.': 'Der Inhalt der Anfrage ist kein JSON.',
  'The body is not UTF-#.': 'Der Inhalt der Anfrage ist kein UTF-#.',
  'The body must be a JSON object.': 'Der Inhalt der Anfrage muss ein JSON-Objekt sein.',
  'A body may be # levels deep.': 'Der Inhalt darf # Ebenen tief sein.',
  'This key is not allowed.': 'Dieser Schlüssel ist nicht erlaubt.',
  'Text may not contain NUL or lone surrogates.': 'Text darf weder NUL noch einzelne Surrogates enthalten.',
  'This number is too large.': 'Diese Zahl ist zu groß.',
  'This key is not known.': 'Dieser Schlüssel ist nicht bekannt.',
  'This value is missing.': 'Dieser Wert fehlt.',
  'This must be true or false.': 'Das muss true oder false sein.',
  'This is the last one to sign in with.': 'Das ist die letzte Möglichkeit, sich anzumelden.',
  'This value must not be empty.': 'Dieser Wert darf nicht leer sein.',
  'This value must have at most # characters.': 'Dieser Wert darf höchstens # Zeichen haben.',
  'This value must have at least # characters.': 'Dieser Wert muss mindestens # Zeichen haben.',
  'This value must not be empty; null clears it.': 'Dieser Wert darf nicht leer sein; null löscht ihn.',
  'This value may take # bytes.': 'Dieser Wert darf # Bytes groß sein.',
  'This value may have # keys and items in all.': 'Dieser Wert darf zusammen # Schlüssel und Einträge haben.',
  'A document may be # levels deep.': 'Ein Dokument darf # Ebenen tief sein.',
  'This list must have at least # items.': 'Diese Liste muss mindestens # Einträge haben.',
  'This list must have at most # items.': 'Diese Liste darf höchstens # Einträge haben.',
  'This list must not have equal items.': 'Diese Liste darf keine gleichen Einträge haben.',
  'This object must have at least # keys.': 'Dieses Objekt muss mindestens # Schlüssel haben.',
  'This object must have at most # keys.': 'Dieses Objekt darf höchstens # Schlüssel haben.',
  'This value must be one line of visible text, without control characters.':
    'Dieser Wert muss eine Zeile sichtbarer Text sein, ohne Steuerzeichen.',
  'This value must not contain control characters other than line breaks.':
    'Dieser Wert darf keine Steuerzeichen außer Zeilenumbrüchen enthalten.',
  'This value must be an http or https URL without spaces or credentials.':
    'Dieser Wert muss eine http- oder https-URL ohne Leerzeichen und Zugangsdaten sein.',
  'This value must be a date as YYYY-MM-DD, a year as YYYY, or #-MM-DD without the year.':
    'Dieser Wert muss ein Datum als JJJJ-MM-TT, ein Jahr als JJJJ oder ohne Jahr #-MM-TT sein.',
  'This value must be a time zone of the IANA database, such as Europe/Berlin.':
    'Dieser Wert muss eine Zeitzone der IANA-Datenbank sein, etwa Europe/Berlin.',
  'This value must be a BCP # language tag, such as en-US.':
    'Dieser Wert muss ein Sprachkürzel nach BCP # sein, etwa de-DE.',
  'This is not an email address.': 'Das ist keine E-Mail-Adresse.',
  'This is not a phone number.': 'Das ist keine Telefonnummer.',
  'Exactly one of email, phone and target is needed.': 'Genau eines von email, phone und target ist nötig.',
  'The account has no such address.': 'Das Konto hat keine solche Adresse.',
  'The password is not right.': 'Das Passwort ist nicht richtig.',
  'The password must have at least # characters.': 'Das Passwort muss mindestens # Zeichen haben.',
  'The password must have at most # characters.': 'Das Passwort darf höchstens # Zeichen haben.',
  'The password must mix at least # of lower case, upper case, digits and symbols.':
    'Das Passwort muss mindestens # von Kleinbuchstaben, Großbuchstaben, Ziffern und Symbolen mischen.',
  'The password has characters that are not supported.': 'Das Passwort hat Zeichen, die nicht unterstützt werden.',
  'The password is known from a data breach.': 'Das Passwort ist aus einem Datenleck bekannt.',
  'The password repeats characters.': 'Das Passwort wiederholt Zeichen.',
  'The password has runs like # or abc.': 'Das Passwort hat Folgen wie # oder abc.',
  'The password contains something about you.': 'Das Passwort enthält etwas über Sie.',
  'The password contains words that are not allowed.': 'Das Passwort enthält Wörter, die nicht erlaubt sind.',
  'The password is the present one.': 'Das Passwort ist das jetzige.',
  'The password does not meet the policy.': 'Das Passwort erfüllt die Regeln nicht.',
  'The password has changed, but other sessions could not be ended.':
    'Das Passwort wurde geändert, aber andere Sitzungen konnten nicht beendet werden.',
  'This is not a valid ID token of this user for this application.':
    'Das ist kein gültiges ID-Token dieses Nutzers für diese Anwendung.',
  'The ID token was refused.': 'Das ID-Token wurde abgelehnt.',
  'The ID token has no nonce.': 'Das ID-Token hat keine Nonce.',
  'The ID token does not say when the sign-in was.': 'Das ID-Token sagt nicht, wann die Anmeldung war.',
  'The nonce is unknown, used or expired.': 'Die Nonce ist unbekannt, benutzt oder abgelaufen.',
  'The sign-in was before the challenge.': 'Die Anmeldung war vor der Aufforderung.',
  'This value is not valid.': 'Dieser Wert ist nicht gültig.',
  'A value is too long.': 'Ein Wert ist zu lang.',
  'All custom data together may take # bytes.': 'Alle eigenen Daten zusammen dürfen # Bytes groß sein.',
  'The key must have between # and # characters.': 'Der Schlüssel muss # bis # Zeichen haben.',
  'A username needs at least one character.': 'Ein Benutzername braucht mindestens ein Zeichen.',
  'A username does not start with a digit.': 'Ein Benutzername beginnt nicht mit einer Ziffer.',
  'A username has letters from A to Z, digits and underscores only.':
    'Ein Benutzername hat nur Buchstaben von A bis Z, Ziffern und Unterstriche.',
  'The username is too short.': 'Der Benutzername ist zu kurz.',
  'The username is too long.': 'Der Benutzername ist zu lang.',
  'A username has no upper-case letters here.': 'Ein Benutzername hat hier keine Großbuchstaben.',
  'A username has no lower-case letters here.': 'Ein Benutzername hat hier keine Kleinbuchstaben.',
  'A username has no digits here.': 'Ein Benutzername hat hier keine Ziffern.',
  'A username has no underscores here.': 'Ein Benutzername hat hier keine Unterstriche.',
  'An address with a + before the @ is not allowed here.': 'Eine Adresse mit + vor dem @ ist hier nicht erlaubt.',
  'This address is not allowed here.': 'Diese Adresse ist hier nicht erlaubt.',
};

const GERMAN_TYPES: Readonly<Record<string, string>> = {
  text: 'Text',
  'true or false': 'true oder false',
  'a whole number': 'eine ganze Zahl',
  'a number': 'eine Zahl',
  'an object': 'ein Objekt',
  'a list': 'eine Liste',
  null: 'null',
};
const TYPE = Object.keys(GERMAN_TYPES).join('|');

/** Details that say what a catalogue's schema wants, in its own words. */
const GERMAN_WISHES: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [/^one of (.+)$/s, (values) => `eines von ${values}`],
  [/^a valid (.+)$/s, (format) => `ein gültiges „${format}“`],
  [/^([<>]=?) (.+)$/, (comparison, limit) => `${comparison} ${limit}`],
  [
    new RegExp(`^((?:${TYPE})(?: or (?:${TYPE}))*)$`),
    (types) => types!.replace(new RegExp(TYPE, 'g'), (type) => GERMAN_TYPES[type]!).replaceAll(' or ', ' oder '),
  ],
];

function germanWish(detail: string): string | undefined {
  const pattern = /^This value must match (.+)\.$/s.exec(detail)?.[1];
  if (pattern !== undefined) return `Dieser Wert muss zu ${pattern} passen.`;
  const wish = /^This value must be (.+)\.$/s.exec(detail)?.[1] ?? '';
  for (const [english, german] of GERMAN_WISHES) {
    const [, ...parts] = english.exec(wish) ?? [];
    if (parts.length > 0) return `Dieser Wert muss ${german(...parts)} sein.`;
  }
  return undefined;
}

/**
 * A sentence of an answer in the wanted language; the English one where no translation exists. Numbers are carried
 * over in their order, so that one entry serves each limit.
 */
export function translateDetail(detail: string, language: Language): string {
  if (language === 'en') return detail;
  const numbers = detail.match(/\d+/g) ?? [];
  const german = GERMAN_DETAILS[detail.replace(/\d+/g, '#')];
  return german?.replace(/#/g, () => numbers.shift() ?? '#') ?? germanWish(detail) ?? detail;
}
