import './styles/base.css';
import './styles/page.css';
import './styles/rows.css';
import { LogtoProvider, UserScope, type LogtoConfig } from '@logto/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { isProblem } from 'logto-profile-client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { loadConfig } from './config';
import { getInitialLanguage, LANGUAGES, LanguageProvider } from './i18n/language';
import { SessionProvider } from './session';
import { ToastProvider } from './ui/toast';

// `?dir=rtl` previews the page from right to left in any language.
const direction = new URLSearchParams(location.search).get('dir');
if (direction) document.documentElement.dir = direction;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A request with a client error would fail again. A network or server error may be temporary.
      retry: (count, error) => count < 2 && (!isProblem(error) || error.status >= 500),
    },
  },
});

const root = createRoot(document.getElementById('root')!);

loadConfig().then(
  (config) => {
    const logto: LogtoConfig = {
      endpoint: config.logtoEndpoint,
      appId: config.appId,
      resources: [config.resource],
      scopes: [UserScope.Email, UserScope.Phone, UserScope.Address],
    };
    root.render(
      <StrictMode>
        <LogtoProvider config={logto}>
          <QueryClientProvider client={queries}>
            <LanguageProvider>
              <SessionProvider config={config}>
                <ToastProvider>
                  <App />
                </ToastProvider>
              </SessionProvider>
            </LanguageProvider>
          </QueryClientProvider>
        </LogtoProvider>
      </StrictMode>,
    );
  },
  (error: unknown) => {
    console.error(error);
    root.render(<p className="splash">{LANGUAGES[getInitialLanguage()].problems.configuration}</p>);
  },
);
