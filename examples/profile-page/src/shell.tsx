import { isProblem } from 'logto-profile-client';
import { useEffect, useRef, useState, type ComponentType, type MouseEvent } from 'react';
import { useOperations, useProfile } from './api/queries';
import { ConflictDialog } from './edit/conflict-dialog';
import { useDraft } from './edit/draft-provider';
import { SaveBar } from './edit/save-bar';
import { useMessages } from './i18n/language';
import type { Messages } from './i18n/en';
import { toHref, navigate, usePath } from './router';
import { PreferencesSection } from './sections/preferences-section';
import { PRIVACY_OPERATIONS, PrivacySection } from './sections/privacy-section';
import { ProfileSection } from './sections/profile-section';
import { SecuritySection } from './sections/security-section';
import { SignInSection } from './sections/sign-in-section';
import { useSession } from './session';
import { Dialog } from './ui/dialog';
import { FullPageMessage } from './ui/full-page-message';
import { Icon } from './ui/icon';
import { LanguageMenu } from './ui/language-menu';
import { toMessage, ProblemNotice } from './ui/problem';

type SectionName = keyof Messages['sections'];
const SECTIONS: Record<string, { name: SectionName; View: ComponentType }> = {
  '/': { name: 'profile', View: ProfileSection },
  '/sign-in': { name: 'signIn', View: SignInSection },
  '/security': { name: 'security', View: SecuritySection },
  '/preferences': { name: 'preferences', View: PreferencesSection },
  '/privacy': { name: 'privacy', View: PrivacySection },
};

/** Shows the header, the navigation, the current section, and the save bar. */
export function Shell() {
  const messages = useMessages();
  const { signIn } = useSession();
  const path = usePath();
  const { error, isSuccess } = useProfile();
  // Loaded last, because it only determines whether the privacy section is shown.
  const operations = useOperations({ enabled: isSuccess });
  const isOffered = (to: string) =>
    to !== '/privacy' || PRIVACY_OPERATIONS.some((operation) => operations?.has(operation));
  const { name, View } = SECTIONS[path] ?? SECTIONS['/']!;
  const heading = useRef<HTMLHeadingElement>(null);

  const lastPath = useRef(path);
  useEffect(() => {
    document.title = `${messages.sections[name]} · ${messages.title}`;
    if (lastPath.current !== path) heading.current?.focus();
    lastPath.current = path;
  }, [name, path, messages]);

  if (isProblem(error, 'account_suspended', 'account_not_found')) {
    return (
      <FullPageMessage
        text={toMessage(error, messages)}
        action={messages.tryAgain}
        onAction={() => location.reload()}
      />
    );
  }
  if (isProblem(error, 'invalid_token')) {
    return (
      <FullPageMessage text={messages.sessionEnded} action={messages.welcome.signIn} onAction={() => void signIn()} />
    );
  }
  return (
    <>
      <a className="skip" href="#main">
        {messages.skip}
      </a>
      <Header />
      <div className="columns">
        <nav aria-label={messages.nav}>
          <ul>
            {Object.entries(SECTIONS)
              .filter(([to]) => isOffered(to))
              .map(([to, section]) => (
                <li key={to}>
                  <SectionLink to={to} current={section.name === name} name={section.name} />
                </li>
              ))}
          </ul>
        </nav>
        <main id="main">
          <header className="intro">
            <h1 ref={heading} tabIndex={-1}>
              {messages.sections[name]}
            </h1>
            <p>{messages.intro[name]}</p>
          </header>
          <ProblemNotice error={error} />
          <View />
        </main>
      </div>
      <SaveBar />
      <ConflictDialog />
    </>
  );
}

/** Opens a section without reloading the page, except when the user opens it in a new tab or window. */
const openSection = (to: string) => (event: MouseEvent) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  navigate(to);
};

function SectionLink({ to, name, current }: { to: string; name: SectionName; current: boolean }) {
  const { sections } = useMessages();
  return (
    <a href={toHref(to)} aria-current={current ? 'page' : undefined} onClick={openSection(to)}>
      <Icon name={name} />
      <span>{sections[name]}</span>
    </a>
  );
}

function Header() {
  const messages = useMessages();
  const { signOut } = useSession();
  const { patch, discard } = useDraft();
  const unsavedCount = Object.keys(patch).length;
  const [isConfirmingSignOut, setConfirmingSignOut] = useState(false);
  return (
    <header className="bar">
      <a className="brand" href={toHref('/')} aria-label={messages.title} onClick={openSection('/')}>
        <img src={`${import.meta.env.BASE_URL}icon.svg`} width={28} height={28} alt="" />
        <span>{messages.title}</span>
      </a>
      <LanguageMenu />
      <button
        type="button"
        className="button"
        onClick={() => (unsavedCount > 0 ? setConfirmingSignOut(true) : void signOut())}
      >
        {messages.signOut}
      </button>
      {isConfirmingSignOut && (
        <Dialog title={messages.leave.heading} onClose={() => setConfirmingSignOut(false)}>
          <p>{messages.leave.text(unsavedCount)}</p>
          <div className="dialog-actions">
            <button type="button" className="button" autoFocus onClick={() => setConfirmingSignOut(false)}>
              {messages.leave.stay}
            </button>
            <button
              type="button"
              className="button button-bad"
              onClick={() => {
                discard();
                setConfirmingSignOut(false);
                void signOut();
              }}
            >
              {messages.leave.go}
            </button>
          </div>
        </Dialog>
      )}
    </header>
  );
}
