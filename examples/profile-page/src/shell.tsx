import { isProblem } from 'logto-profile-client';
import { useEffect, useRef, useState, type ComponentType, type MouseEvent } from 'react';
import { useOperations, useProfile } from './api/queries';
import { ConflictDialog } from './edit/conflict-dialog';
import { useDrafts } from './edit/drafts';
import { SaveBar } from './edit/save-bar';
import { useWords } from './i18n/language';
import type { Words } from './i18n/en';
import { href, navigate, usePath } from './router';
import { PreferencesSection } from './sections/preferences-section';
import { PRIVACY_OPERATIONS, PrivacySection } from './sections/privacy-section';
import { ProfileSection } from './sections/profile-section';
import { SecuritySection } from './sections/security-section';
import { SignInSection } from './sections/sign-in-section';
import { useSession } from './session';
import { Dialog } from './ui/dialog';
import { Problem } from './ui/full-page';
import { Icon } from './ui/icon';
import { LanguageMenu } from './ui/language-menu';
import { explain, ProblemNotice } from './ui/problem';

type SectionName = keyof Words['sections'];
const SECTIONS: Record<string, { name: SectionName; View: ComponentType }> = {
  '/': { name: 'profile', View: ProfileSection },
  '/sign-in': { name: 'signIn', View: SignInSection },
  '/security': { name: 'security', View: SecuritySection },
  '/preferences': { name: 'preferences', View: PreferencesSection },
  '/privacy': { name: 'privacy', View: PrivacySection },
};

/** Header, the way from section to section, the open one, and what is not saved yet. */
export function Shell() {
  const words = useWords();
  const { signIn } = useSession();
  const path = usePath();
  const { error, isSuccess } = useProfile();
  // Once the page is filled: it only decides whether the last entry is there.
  const offers = useOperations({ enabled: isSuccess });
  const isOffered = (to: string) => to !== '/privacy' || PRIVACY_OPERATIONS.some((operation) => offers?.has(operation));
  const { name, View } = SECTIONS[path] ?? SECTIONS['/']!;
  const heading = useRef<HTMLHeadingElement>(null);

  const before = useRef(path);
  useEffect(() => {
    document.title = `${words.sections[name]} · ${words.title}`;
    if (before.current !== path) heading.current?.focus();
    before.current = path;
  }, [name, path, words]);

  if (isProblem(error, 'account_suspended', 'account_not_found')) {
    return <Problem text={explain(error, words)} action={words.tryAgain} onAction={() => location.reload()} />;
  }
  if (isProblem(error, 'invalid_token')) {
    return <Problem text={words.sessionEnded} action={words.welcome.signIn} onAction={() => void signIn()} />;
  }
  return (
    <>
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <Header />
      <div className="columns">
        <nav aria-label={words.nav}>
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
              {words.sections[name]}
            </h1>
            <p>{words.intro[name]}</p>
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

/** Goes to a section without loading the page anew; a click for another tab or window stays one. */
const follow = (to: string) => (event: MouseEvent) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  navigate(to);
};

function SectionLink({ to, name, current }: { to: string; name: SectionName; current: boolean }) {
  const { sections } = useWords();
  return (
    <a href={href(to)} aria-current={current ? 'page' : undefined} onClick={follow(to)}>
      <Icon name={name} />
      <span>{sections[name]}</span>
    </a>
  );
}

function Header() {
  const words = useWords();
  const { signOut } = useSession();
  const { patch, discard } = useDrafts();
  const unsaved = Object.keys(patch).length;
  const [asking, setAsking] = useState(false);
  return (
    <header className="bar">
      <a className="brand" href={href('/')} aria-label={words.title} onClick={follow('/')}>
        <img src={`${import.meta.env.BASE_URL}icon.svg`} width={28} height={28} alt="" />
        <span>{words.title}</span>
      </a>
      <LanguageMenu />
      <button type="button" className="button" onClick={() => (unsaved > 0 ? setAsking(true) : void signOut())}>
        {words.signOut}
      </button>
      {asking && (
        <Dialog title={words.leave.heading} onClose={() => setAsking(false)}>
          <p>{words.leave.text(unsaved)}</p>
          <div className="dialog-actions">
            <button type="button" className="button" autoFocus onClick={() => setAsking(false)}>
              {words.leave.stay}
            </button>
            <button
              type="button"
              className="button button-bad"
              onClick={() => {
                discard();
                setAsking(false);
                void signOut();
              }}
            >
              {words.leave.go}
            </button>
          </div>
        </Dialog>
      )}
    </header>
  );
}
