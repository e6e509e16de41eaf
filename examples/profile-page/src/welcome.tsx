import { useEffect } from 'react';
import { useMessages } from './i18n/language';
import { useSession } from './session';
import { LanguageMenu } from './ui/language-menu';

/** The page for users who are not signed in. */
export function Welcome() {
  const { welcome, title } = useMessages();
  const { signIn } = useSession();
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main className="splash">
      <section className="card welcome">
        <img src={`${import.meta.env.BASE_URL}icon.svg`} width={48} height={48} alt="" />
        <h1>{welcome.heading}</h1>
        <p>{welcome.text}</p>
        <button type="button" className="button button-primary" onClick={() => void signIn()}>
          {welcome.signIn}
        </button>
        <LanguageMenu />
      </section>
    </main>
  );
}
